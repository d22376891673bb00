"""What the lamps in reach of a place say of its light, now and over the time before.

A lamp that works is believed as far as its record is; so is one that is broken, but only where no
lamp of unknown state may burn in its place. Before a lamp stood, a surveyed street was dark there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from geo.coverage.dimming import brightest_share
from geo.coverage.lamp_times import LampTimes, share_of_time
from geo.coverage.light_belief import STATES, Evidence, LightBelief, learnt

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class LampReach:
    """Which lamps reach which places, and what comes of it.

    Attributes
    ----------
    sample, lamp
        Pairs of a place and a lamp (positions); lamps that stand by now.
    belief
        Belief in the lamp's record, one a pair.
    reached
        Whether any lamp reaches a place.
    working, dark
        Belief that a lamp works there; that one is out and none may burn. 0: there is none.
    burned, off
        Belief in the records of lamps that burned at some time; of lamps of which it is known
        when they did not.
    lit_time, open_time
        Share of the memory in which a lamp burned, and in which nobody knows.
    times
        States and spans of the lamps.
    left_now, left_then
        Share of their light that the lamps give in the hours asked: those that work now, and
        those that burned in the memory.
    """

    sample: IntArray
    lamp: IntArray
    belief: FloatArray
    reached: BoolArray
    working: FloatArray
    dark: FloatArray
    burned: FloatArray
    off: FloatArray
    lit_time: FloatArray
    open_time: FloatArray
    times: LampTimes
    left_now: FloatArray | float = 1.0
    left_then: FloatArray | float = 1.0


def lamp_reach(
    sample: IntArray, lamp: IntArray, times: LampTimes, belief: FloatArray, count: int
) -> LampReach:
    """Gather what the lamps in reach of each of ``count`` places say.

    Parameters
    ----------
    sample, lamp
        Pairs of a place and a lamp that reaches it.
    belief
        Belief in each lamp's record.
    """
    certain = times.spans[~times.spans["unknown"].to_numpy(bool)]
    ever = np.zeros(len(belief), bool)
    ever[certain["lamp"].to_numpy(np.int64)] = True
    known = times.standing & ~times.unknown_now
    off = known | (times.standing & times.was_out)

    def most(of_lamps: BoolArray) -> FloatArray:
        found = np.zeros(count)
        chosen = of_lamps[lamp]
        np.maximum.at(found, sample[chosen], belief[lamp[chosen]])
        return found

    reached, maybe = np.zeros(count, bool), np.zeros(count, bool)
    reached[sample] = True
    maybe[sample[times.unknown_now[lamp]]] = True
    lit_time = share_of_time(certain, sample, lamp, count)
    known_all = len(certain) == len(times.spans)
    any_time = lit_time if known_all else share_of_time(times.spans, sample, lamp, count)
    return LampReach(
        sample=sample,
        lamp=lamp,
        belief=belief[lamp],
        reached=reached,
        working=most(times.working_now),
        dark=np.where(maybe, 0.0, most(known & ~times.working_now)),
        burned=most(ever),
        off=most(off),
        lit_time=lit_time,
        open_time=any_time - lit_time,
        times=times,
    )


def dimmed_reach(reach: LampReach, left: FloatArray) -> LampReach:
    """Return the reach of the lamps in hours in which each gives only a share of its light.

    Of several lamps in reach the one counts that gives most, as far as its record is believed.

    Parameters
    ----------
    left
        Share of its light that each lamp gives, 0 … 1.
    """
    count, weaker = len(reach.reached), reach.belief * left[reach.lamp]
    burning = reach.times.working_now[reach.lamp]
    best = np.zeros(count)
    np.maximum.at(best, reach.sample[burning], weaker[burning])
    now = np.divide(best, reach.working, out=np.ones(count), where=reach.working > 0)

    near = np.zeros(count, bool)
    near[reach.sample[left[reach.lamp] < 1]] = True
    pairs, then = near[reach.sample], np.ones(count)
    spans = reach.times.spans
    place, kept = brightest_share(
        reach.sample[pairs],
        reach.lamp[pairs],
        (reach.belief[pairs], weaker[pairs]),
        spans[~spans["unknown"].to_numpy(bool)],
    )
    then[place] = kept
    return replace(reach, left_now=now, left_then=then)


def light_under_lamps(
    light: LightBelief, reach: LampReach, surveyed: BoolArray, prior: tuple[float, float]
) -> LightBelief:
    """Lay over the light of places what the lamps in their reach say.

    Parameters
    ----------
    surveyed
        For each place whether the lamps recorded are all there are: then it was dark while none
        of them burned.
    """
    unlit, lit = (np.full(len(light.mean), STATES.index(name)) for name in ("unlit", "lit"))
    dark = learnt(light, Evidence("lamps", unlit, reach.dark), prior)
    now = learnt(dark, Evidence("lamps", lit, reach.working, reach.left_now), prior)

    before = light.history
    on = reach.burned * reach.left_then + (1 - reach.burned) * (1 - reach.dark) * before
    off = np.where(surveyed | (reach.dark > 0), (1 - reach.off) * before, before)
    none = 1 - reach.lit_time - reach.open_time
    spent = reach.lit_time * on + reach.open_time * before + none * off
    return now.with_history(np.where(reach.reached, spent, before))
