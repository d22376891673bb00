"""Where a reading of an address lies: the house, a place between its neighbours, a crossing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import permutations, product
from math import dist

import numpy as np
import numpy.typing as npt
import shapely

from data.importers.places.address_text import BETWEEN, CROSSING, Reading
from data.importers.places.gazetteer import Gazetteer
from data.importers.places.house_places import EXACT, STREET_ONLY, HousePlace, Houses, house_place
from data.importers.places.street_index import best_streets

UNKNOWN, AMBIGUOUS = "address_unknown", "address_ambiguous"
GEOCODED, WHOLE_STREET, DISTRICT = "geocoded", "street-only", "district"
ONE_PLACE_M = 300.0
"""Places of several streets of one name within this are as good as one."""
CROSSING_M = 20.0
"""Accuracy of a crossing: half the width of its streets."""
TOUCHING_M = 60.0
"""Streets so near one another meet, though the map lacks the joint."""
MUCH_LONGER = 5.0
CHOICE_COSTS = 8.0
"""Where several streets bear a name, the one that has the house is meant, or the one so many times
longer than all others together; the score is lowered by so much."""
NEAR_QUARTER_M = 1_500.0

Point = tuple[float, float]


@dataclass(frozen=True)
class Found:
    """One address's place in metres, or why it has none."""

    x: float = np.nan
    y: float = np.nan
    method: str | None = None
    accuracy_m: float = np.nan
    score: float = np.nan
    how: str = ""
    fault: str | None = UNKNOWN
    quarter: bool = False
    rank: int = 9


@dataclass
class Places:
    """Looks addresses up; what is known of a street is worked out once."""

    gazetteer: Gazetteer
    _middles: dict[int, tuple[float, float, float] | None] = field(default_factory=dict)
    _candidates: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    _houses: dict[int, Houses] = field(default_factory=dict)

    def best(self, readings: Iterable[Reading]) -> Found:
        """Return the place of the reading whose names match best."""
        found = [self.place(reading) for reading in dict.fromkeys(readings)]
        found = [one for one in found if np.isfinite(one.score)]
        if not found:
            return Found()
        return min(
            found, key=lambda one: (one.quarter, -one.score, one.fault is not None, one.rank)
        )

    def place(self, reading: Reading) -> Found:
        """Return the place of one reading."""
        named = [self.candidates(name) for name in reading.streets]
        if not all(named):
            return Found()
        if reading.form == CROSSING:
            return self._crossing(reading, named)
        if reading.form == BETWEEN:
            return self._block(named) if len(named) == 4 else self._between(named)
        return self._house(reading, named[0])

    def candidates(self, name: str) -> list[tuple[int, float]]:
        """Return the streets in the study area that a name may mean, with their scores."""
        if name not in self._candidates:
            found = self.gazetteer.index.find(name)
            inside = [pair for pair in found if self.middle(pair[0]) is not None]
            self._candidates[name] = best_streets(inside)
        return self._candidates[name]

    def houses(self, street: int) -> Houses:
        """Return the known houses of a street."""
        if street not in self._houses:
            self._houses[street] = Houses.of(self.gazetteer.houses(street))
        return self._houses[street]

    @cached_property
    def lengths(self) -> npt.NDArray[np.float64]:
        """Length of each street in metres; 0 for a quarter."""
        return self.gazetteer.streets["length_m"].to_numpy(float)

    @cached_property
    def _names(self) -> list[str]:
        return self.gazetteer.streets["name"].astype(str).tolist()

    def middle(self, street: int) -> tuple[float, float, float] | None:
        """Return x, y of a street's middle in the study area, and how far its ends are from it."""
        if street not in self._middles:
            self._middles[street] = self._middle(street)
        return self._middles[street]

    def name(self, street: int) -> str:
        """Return a street's name as the map shows it."""
        return self._names[street]

    def meeting(self, street: int, other: int) -> list[Point]:
        """Return the places in the study area where two streets meet or touch."""
        rows = self.gazetteer.meetings(street, other)
        points = list(zip(rows["x"].tolist(), rows["y"].tolist(), strict=True))
        lines = self.gazetteer.lines
        if not points and shapely.distance(lines[street], lines[other]) <= TOUCHING_M:
            gap = shapely.shortest_line(lines[street], lines[other])
            points = [shapely.get_coordinates(gap).mean(axis=0).tolist()]
        if not points:
            return []
        lat, lon = self.gazetteer.area.to_degrees(*np.array(points).T)
        inside = self.gazetteer.area.contains(lat, lon)
        return [(x, y) for (x, y), kept in zip(points, inside, strict=True) if kept]

    def _middle(self, street: int) -> tuple[float, float, float] | None:
        corners = shapely.get_coordinates(self.gazetteer.lines[street])
        lat, lon = self.gazetteer.area.to_degrees(corners[:, 0], corners[:, 1])
        inside = corners[self.gazetteer.area.contains(lat, lon)]
        if not len(inside):
            return None
        low, high = inside.min(axis=0), inside.max(axis=0)
        # The point of the street nearest to the middle of its box lies on the street itself.
        x, y = inside[np.hypot(*(inside - (low + high) / 2).T).argmin()]
        reach = float(np.hypot(*(inside - [x, y]).T).max())
        if len(inside) < 2:
            reach = float(self.gazetteer.streets["reach_m"].iloc[street])
        return float(x), float(y), reach

    def _house(self, reading: Reading, candidates: list[tuple[int, float]]) -> Found:
        candidates = self._within_context(reading, candidates)
        placed = []
        for street, score in candidates:
            middle = self.middle(street)
            if middle is None:
                continue
            spot = house_place(self.houses(street), reading.house, middle)
            placed.append(self._of_house(street, score, spot, reading))
        return self._one_of(placed, [street for street, _ in candidates])

    def _of_house(self, street: int, score: float, spot: HousePlace, reading: Reading) -> Found:
        quarter = self.lengths[street] == 0
        method = GEOCODED
        if spot.rank == STREET_ONLY:
            method = DISTRICT if quarter else WHOLE_STREET
        said = f" {reading.house}" if reading.house else ""
        how = f"{reading.streets[0]}{said} → {self.name(street)}, {spot.how}"
        return Found(
            spot.x, spot.y, method, spot.accuracy_m, score, how, None, bool(quarter), spot.rank
        )

    def _within_context(
        self, reading: Reading, candidates: list[tuple[int, float]]
    ) -> list[tuple[int, float]]:
        """Keep the candidates near a quarter or village that the address names too."""
        named = {
            street
            for name in reading.context
            for street, _ in self.candidates(name)
            if self.lengths[street] == 0
        }
        quarters = [middle for street in named if (middle := self.middle(street)) is not None]
        if not quarters:
            return candidates
        lines = self.gazetteer.lines
        return [
            (street, score)
            for street, score in candidates
            if any(
                shapely.distance(lines[street], shapely.Point(x, y)) <= reach + NEAR_QUARTER_M
                for x, y, reach in quarters
            )
        ]

    def _one_of(self, placed: list[Found], streets: list[int]) -> Found:
        """Choose among streets of one name: by the house known there, by nearness, by length."""
        if not placed:
            return Found()
        known = [one for one in placed if one.rank <= EXACT]
        chosen = known or placed
        first = min(chosen, key=lambda one: (-one.score, one.rank))
        spots = np.array([(one.x, one.y) for one in chosen])
        spread = float(np.hypot(*(spots - [first.x, first.y]).T).max())
        if spread <= ONE_PLACE_M:
            unsure = CHOICE_COSTS if len(chosen) < len(placed) else 0.0
            return replace(first, accuracy_m=first.accuracy_m + spread, score=first.score - unsure)
        lengths = self.lengths[streets]
        longest = int(lengths.argmax())
        others = lengths.sum() - lengths[longest]
        one = placed[longest]
        likeliest = (
            not known
            and one.score == first.score
            and one.rank == min(other.rank for other in placed)
        )
        if likeliest and lengths[longest] >= MUCH_LONGER * others > 0:
            how = f"{one.how}; the longest of {len(streets)} streets of this name"
            return replace(one, score=one.score - CHOICE_COSTS, how=how)
        return Found(score=first.score, how=f"{len(chosen)} streets may be meant", fault=AMBIGUOUS)

    def _crossing(self, reading: Reading, named: list[list[tuple[int, float]]]) -> Found:
        points, scores, names = [], [], []
        for (street, score), (other, other_score) in product(*named):
            if street == other:
                continue
            met = self.meeting(street, other)
            points += met
            scores += [min(score, other_score)] * len(met)
            names += [f"{self.name(street)} × {self.name(other)}"] * len(met)
        if not points:
            return Found(score=min(found[0][1] for found in named), how="the streets do not meet")
        return _crossing_of(points, scores, names)

    def _between(self, named: list[list[tuple[int, float]]]) -> Found:
        """Place the middle of the part of the first street between the two others."""
        for streets in product(*named):
            ids = [street for street, _ in streets]
            if len(set(ids)) < 3:
                continue
            ends = [self.meeting(ids[0], other) for other in ids[1:]]
            if all(ends):
                one, two = min(product(*ends), key=lambda pair: dist(*pair))
                middle = shapely.Point(*np.mean([one, two], axis=0))
                on = shapely.shortest_line(self.gazetteer.lines[ids[0]], middle)
                x, y = shapely.get_coordinates(on)[0]
                half = dist(one, two) / 2
                how = f"{self.name(ids[0])} between {self.name(ids[1])} and {self.name(ids[2])}"
                score = min(score for _, score in streets)
                return Found(x, y, GEOCODED, half + CROSSING_M, score, how, None, rank=EXACT)
        return Found(score=min(found[0][1] for found in named), how="the streets do not meet")

    def _block(self, named: list[list[tuple[int, float]]]) -> Found:
        """Place the middle of the block that four streets go round, in whatever order named."""
        blocks = []
        for streets in product(*named):
            ids = [street for street, _ in streets]
            if len(set(ids)) < 4:
                continue
            for rest in permutations(ids[1:]):
                ring = (ids[0], *rest)
                sides = [self.meeting(ring[i], ring[(i + 1) % 4]) for i in range(4)]
                for corners in product(*sides):
                    spots = np.array(corners)
                    around = float(np.hypot(*(spots - np.roll(spots, 1, axis=0)).T).sum())
                    blocks.append((around, spots, min(score for _, score in streets)))
        if not blocks:
            return Found(score=min(found[0][1] for found in named), how="the streets make no block")
        _, spots, score = min(blocks, key=lambda block: block[0])
        x, y = spots.mean(axis=0)
        reach = float(np.hypot(*(spots - [x, y]).T).max())
        return Found(x, y, GEOCODED, reach, score, "middle of the block", None, rank=EXACT)


# -------------------------------------------------------------------------------------------


def _crossing_of(points: list[Point], scores: list[float], names: list[str]) -> Found:
    top = max(scores)
    spots = np.array([point for point, score in zip(points, scores, strict=True) if score == top])
    middle = spots.mean(axis=0)
    spread = float(np.hypot(*(spots - middle).T).max())
    if spread > ONE_PLACE_M:
        return Found(score=top, how=f"the streets meet at {len(spots)} places", fault=AMBIGUOUS)
    how = names[scores.index(top)]
    accuracy = CROSSING_M + spread
    return Found(middle[0], middle[1], GEOCODED, accuracy, top, how, None, rank=EXACT)
