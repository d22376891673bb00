"""When each lamp burned: its state now and the share of the remembered time it was lit.

Time before now is measured by its weight in the memory, 2^(−age / half-life): all of it is 1,
the last half-life 0.5. Spans of several lamps at one place are joined, not added.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.coverage.outage_spans import spans_outside

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

WORKING = "working"
UNKNOWN = "unknown"


@dataclass(frozen=True)
class LampTimes:
    """States of lamps now, and the spans of time in which they burned or may have burned.

    Attributes
    ----------
    standing
        Whether the lamp was commissioned by now (undated: yes).
    working_now, unknown_now
        Whether it burns, and whether nobody has recorded if it does. Neither: it is dark.
    spans
        lamp (position), start and end (0 the farthest past, 1 now), unknown (whether it may have
        burned rather than burned).
    was_out
        Whether an outage that is over by now hit the lamp.
    """

    standing: BoolArray
    working_now: BoolArray
    unknown_now: BoolArray
    spans: pd.DataFrame
    was_out: BoolArray


def lamp_times(
    lamps: pd.DataFrame,
    as_of: date,
    half_life_days: float,
    outages: pd.DataFrame | None = None,
) -> LampTimes:
    """Read the history of each lamp from its dates, as known at the end of ``as_of``.

    A lamp burns from its commissioning (undated: always) save from ``broken_from`` to
    ``broken_to`` (open: until now; without a beginning: from the first). One recorded as not
    working is dark now; it burned before ``broken_from`` if that is given, and if nothing is
    dated it counts as dark throughout, so that an undated record claims no change. One whose
    state nobody recorded stays unknown, outages apart. An outage that ends before it begins is
    none.

    Parameters
    ----------
    outages
        Further outages of the time before, over by now: lamp (position), broken_from, broken_to.
        They add up, and count once where they overlap.
    """
    works = lamps["working"].astype("boolean")
    unknown = works.isna().to_numpy(bool)
    out_of_order = (~works.fillna(True)).to_numpy(bool)
    begun = memory_before(lamps["commissioned_at"], as_of, half_life_days, missing=0.0)
    standing = ~(_after(lamps["commissioned_at"], as_of))

    broken = lamps["broken_from"].notna().to_numpy(bool) | lamps["broken_to"].notna().to_numpy(bool)
    broken_from = memory_before(lamps["broken_from"], as_of, half_life_days, missing=0.0)
    broken_to = memory_before(lamps["broken_to"], as_of, half_life_days, missing=1.0)
    broken &= ~_after(lamps["broken_from"], as_of)

    first_end = np.where(broken, broken_from, np.where(out_of_order, 0.0, 1.0))
    ended = np.maximum.reduce([broken_to, broken_from, begun])
    second_start = np.where(broken & ~out_of_order, ended, 1.0)
    lamp = np.arange(len(lamps))
    spans = pd.DataFrame(
        {
            "lamp": np.concatenate([lamp, lamp]),
            "start": np.concatenate([begun, second_start]),
            "end": np.concatenate([first_end, np.ones(len(lamps))]),
            "unknown": np.concatenate([unknown, unknown]),
        }
    )
    dark_now = out_of_order | (broken & (broken_to >= 1.0))
    return LampTimes(
        standing=standing,
        working_now=standing & ~unknown & ~dark_now,
        unknown_now=standing & unknown & ~dark_now,
        spans=_without_outages(
            spans[(spans["end"] > spans["start"]) & np.tile(standing, 2)],
            outages,
            as_of,
            half_life_days,
        ),
        was_out=np.isin(lamp, [] if outages is None else outages["lamp"].to_numpy(np.int64)),
    )


def share_of_time(spans: pd.DataFrame, place: IntArray, lamp: IntArray, places: int) -> FloatArray:
    """Return the share of time in which at least one lamp of each place burned.

    Parameters
    ----------
    spans
        Of `LampTimes`, or a choice of them.
    place, lamp
        Which lamps (positions) reach which places (0 … places − 1).
    """
    share = np.zeros(places)
    whole = spans.loc[(spans["start"] <= 0) & (spans["end"] >= 1), "lamp"].to_numpy(np.int64)
    share[place[np.isin(lamp, whole)]] = 1.0
    rest = share[place] < 1
    reach = pd.DataFrame({"place": place[rest], "lamp": lamp[rest]})
    if not len(reach):
        return share
    lit = reach.merge(spans, on="lamp").sort_values(["place", "start", "end"])

    # Places are set two units apart, so that one running maximum serves them all.
    number, _ = pd.factorize(lit["place"], sort=True)
    start, end = lit["start"].to_numpy() + 2 * number, lit["end"].to_numpy() + 2 * number
    covered_to = np.maximum.accumulate(np.concatenate([[0.0], end]))[:-1]
    new = np.maximum(end - np.maximum(start, covered_to), 0)
    return np.minimum(share + np.bincount(lit["place"], new, places), 1.0)


def memory_before(
    times: pd.Series, as_of: date, half_life_days: float, *, missing: float = 0.0
) -> FloatArray:
    """Return the weight of all memory before each time, 1 from the end of ``as_of`` on.

    Parameters
    ----------
    missing
        What stands for a time that is not given.
    """
    age = (pd.Timestamp(as_of + timedelta(days=1)) - pd.to_datetime(times)) / pd.Timedelta(days=1)
    weight = np.exp2(-np.maximum(age.to_numpy(float), 0.0) / half_life_days)
    return np.where(np.isnan(weight), missing, weight)


# -------------------------------------------------------------------------------------------


def _after(times: pd.Series, as_of: date) -> BoolArray:
    """Tell whether each time lies after the day; a missing one does not."""
    return (times >= pd.Timestamp(as_of + timedelta(days=1))).to_numpy(bool)


def _without_outages(
    spans: pd.DataFrame, outages: pd.DataFrame | None, as_of: date, half_life_days: float
) -> pd.DataFrame:
    if outages is None or not len(outages):
        return spans
    out = pd.DataFrame(
        {
            "lamp": outages["lamp"].to_numpy(np.int64),
            "start": memory_before(outages["broken_from"], as_of, half_life_days),
            "end": memory_before(outages["broken_to"], as_of, half_life_days, missing=1.0),
        }
    )
    return spans_outside(spans, out, "lamp")
