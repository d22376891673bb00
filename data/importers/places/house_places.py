"""Where a house stands on a street whose other houses are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.importers.places.house_numbers import HouseNumber

FloatArray = npt.NDArray[np.float64]

EXACT, BETWEEN_HOUSES, NEAR_HOUSE, STREET_ONLY = 1, 2, 3, 4
HOUSE_M = 20.0
# So near lie nine of ten known houses of Almaty when they are hidden and placed by the others.
SAME_NUMBER_M = 120.0
BETWEEN_M = 60.0
WIDEST_GAP = 60
"""Numbers between two known houses beyond which the street is taken as a whole."""
WIDEST_GAP_M = 1_500.0
GAP_SHARE = 0.6
"""Accuracy between two houses: `BETWEEN_M` and this share of the way between them."""
FARTHEST_NUMBER = 12
NUMBER_M = 20.0
"""Metres of street that one number takes, for a house beyond the known ones."""


class HousePlace(NamedTuple):
    """Metres, accuracy, and by what it was found."""

    x: float
    y: float
    accuracy_m: float
    rank: int
    how: str


@dataclass(frozen=True)
class Houses:
    """The known houses of one street; plain arrays, as many rows ask for them.

    Attributes
    ----------
    number
        The number that counts along the street.
    rest
        Letter, part and block.
    spots
        x and y in metres.
    """

    number: npt.NDArray[np.int64]
    rest: list[tuple[str, str, str]]
    spots: FloatArray

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Houses:
        """Take rows of `Gazetteer.addresses`."""
        rest = rows[["letter", "part", "block"]].itertuples(index=False, name=None)
        spots = rows[["x", "y"]].to_numpy(float)
        return cls(rows["number"].to_numpy(np.int64), list(rest), spots)


def house_place(
    houses: Houses, wanted: HouseNumber | None, middle: tuple[float, float, float]
) -> HousePlace:
    """Place a house among the known ones of its street, else at the street's middle.

    Parameters
    ----------
    houses
        The known ones.
    wanted
        The house; None where only the street is known.
    middle
        x, y of the street's middle and how far its ends are.
    """
    if wanted is not None and len(houses.number):
        found = _same(houses, wanted) or _between(houses, wanted) or _near(houses, wanted)
        if found is not None and found.accuracy_m < middle[2] + HOUSE_M:
            return found
    return HousePlace(*middle, STREET_ONLY, "its middle")


# -------------------------------------------------------------------------------------------


def _same(houses: Houses, wanted: HouseNumber) -> HousePlace | None:
    same = np.flatnonzero(houses.number == wanted.number)
    if not len(same):
        return None
    rest = (wanted.letter, wanted.part, wanted.block)
    full = [row for row in same if houses.rest[row] == rest]
    spots = houses.spots[full or same]
    x, y = np.median(spots, axis=0)
    spread = float(np.hypot(*(spots - [x, y]).T).max())
    base = HOUSE_M if full else SAME_NUMBER_M
    how = "the house itself" if full else "by a house of the same number"
    return HousePlace(float(x), float(y), base + spread, EXACT, how)


def _between(houses: Houses, wanted: HouseNumber) -> HousePlace | None:
    """Go from the next lower house to the next higher one, on the same side where known."""
    number = houses.number
    for on_side in ((number - wanted.number) % 2 == 0, np.ones(len(number), bool)):
        lower = number[on_side & (number < wanted.number)]
        higher = number[on_side & (number > wanted.number)]
        if not len(lower) or not len(higher):
            continue
        low, high = int(lower.max()), int(higher.min())
        one, two = (houses.spots[on_side & (number == known)] for known in (low, high))
        one, two = np.median(one, axis=0), np.median(two, axis=0)
        gap_m = float(np.hypot(*(two - one)))
        if high - low > WIDEST_GAP or gap_m > WIDEST_GAP_M:
            continue
        x, y = one + (two - one) * (wanted.number - low) / (high - low)
        how = f"between its houses {low} and {high}"
        return HousePlace(float(x), float(y), BETWEEN_M + GAP_SHARE * gap_m, BETWEEN_HOUSES, how)
    return None


def _near(houses: Houses, wanted: HouseNumber) -> HousePlace | None:
    away = np.abs(houses.number - wanted.number)
    steps = int(away.min())
    if steps > FARTHEST_NUMBER:
        return None
    nearest = int(houses.number[away.argmin()])
    x, y = np.median(houses.spots[houses.number == nearest], axis=0)
    accuracy = SAME_NUMBER_M + NUMBER_M * steps
    return HousePlace(float(x), float(y), accuracy, NEAR_HOUSE, f"by its house {nearest}")
