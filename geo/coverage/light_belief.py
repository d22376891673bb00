"""What is believed of the light at places, as one kind of evidence is laid over another.

Each kind says lit, unlit or "in part" with a belief between 0 and 1; the rest of the belief stays
with the evidence below. So evidence that is old or weak moves an estimate only part of the way,
never beyond what it says, and what it leaves open shows as spread.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.parameters import HazardParameters

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

STATES = ("unknown", "unlit", "lit")
SOURCES = ("none", "tag", "list", "outage", "lamps")

_NAMED_FROM = 0.5
"""Belief from which a place is called lit or unlit; below, the evidence beneath it names it."""


@dataclass(frozen=True)
class LightBelief:
    """Light at some places (sections or points along them).

    Attributes
    ----------
    mean, square
        Expectation of the lit share and of its square.
    history
        Expectation of the lit share over the time before now.
    state, source
        Positions in `STATES` and `SOURCES`.
    """

    mean: FloatArray
    square: FloatArray
    history: FloatArray
    state: IntArray
    source: IntArray

    @property
    def spread(self) -> FloatArray:
        """Standard deviation of the lit share."""
        return np.sqrt(np.maximum(self.square - self.mean**2, 0))

    def take(self, rows: IntArray) -> LightBelief:
        """Return the belief of some places, any of them repeated."""
        return LightBelief(
            mean=self.mean[rows],
            square=self.square[rows],
            history=self.history[rows],
            state=self.state[rows],
            source=self.source[rows],
        )

    def where(self, chosen: BoolArray, other: LightBelief) -> LightBelief:
        """Return this belief at the chosen places and the other one elsewhere."""
        return LightBelief(
            mean=np.where(chosen, self.mean, other.mean),
            square=np.where(chosen, self.square, other.square),
            history=np.where(chosen, self.history, other.history),
            state=np.where(chosen, self.state, other.state),
            source=np.where(chosen, self.source, other.source),
        )

    def with_history(self, history: FloatArray) -> LightBelief:
        """Return the same light now with another history."""
        return replace(self, history=history)


@dataclass(frozen=True)
class Evidence:
    """What one kind of evidence says of the light at some places.

    Attributes
    ----------
    source
        One of `SOURCES`.
    state
        What it says (position in `STATES`); ``unknown`` means lit in part.
    belief
        How far it is believed; 0 where it is silent.
    left
        Share of that light which is left in the hours asked, where lamps are dimmed.
    """

    source: str
    state: IntArray
    belief: FloatArray
    left: FloatArray | float = 1.0


def prior_light(parameters: HazardParameters) -> tuple[float, float]:
    """Return mean and mean square of the lit share where nothing is known."""
    a, b = parameters.light_prior
    mean = a / (a + b)
    return mean, mean**2 + a * b / ((a + b) ** 2 * (a + b + 1))


def unknown_light(count: int, parameters: HazardParameters) -> LightBelief:
    """Return the belief of places of which nothing is known."""
    mean, square = (np.full(count, moment) for moment in prior_light(parameters))
    nothing = np.zeros(count, np.int64)
    return LightBelief(mean, square, mean, nothing, nothing)


def learnt(light: LightBelief, evidence: Evidence, prior: tuple[float, float]) -> LightBelief:
    """Lay evidence over what is believed; it holds for the time before now as well.

    Parameters
    ----------
    prior
        Moments that stand for what is lit in part.
    """
    state, belief, left = evidence.state, evidence.belief, evidence.left
    lit = state == STATES.index("lit")
    part = state == STATES.index("unknown")
    mean = np.where(part, prior[0], lit) * left
    square = np.where(part, prior[1], lit) * left**2
    named = belief >= _NAMED_FROM
    return LightBelief(
        mean=belief * mean + (1 - belief) * light.mean,
        square=belief * square + (1 - belief) * light.square,
        history=belief * mean + (1 - belief) * light.history,
        state=np.where(named, state, light.state),
        source=np.where(named, SOURCES.index(evidence.source), light.source),
    )


def light_by_section(
    length_m: pd.Series, samples: pd.DataFrame, light: LightBelief, rest: LightBelief
) -> pd.DataFrame:
    """Add up samples, and what of each section was not sampled, by length.

    Parameters
    ----------
    length_m
        Length of each section; its index is that of the result.
    samples
        section (position) and metres of each place in ``light``.
    rest
        What holds for the rest of each section.

    Returns
    -------
    DataFrame
        As `geo.coverage.lighting.street_light` describes it.
    """
    section, metres = samples["section"].to_numpy(np.int64), samples["metres"].to_numpy(float)
    length = length_m.to_numpy(float)
    count = len(length)
    left = np.maximum(length - np.bincount(section, metres, count), 0.0)
    left[left < 1e-6] = 0.0

    def added(of_samples: npt.ArrayLike, of_rest: npt.ArrayLike) -> FloatArray:
        return np.bincount(section, metres * of_samples, count) + left * np.asarray(of_rest)

    state = {
        name: added(light.state == code, rest.state == code) for code, name in enumerate(STATES)
    }
    source = np.stack(
        [added(light.source == code, rest.source == code) for code in range(len(SOURCES))]
    )
    most = np.stack(list(state.values())).argmax(axis=0)
    shown = len(SOURCES) - 1 - source[::-1].argmax(axis=0)
    return pd.DataFrame(
        {
            c.LIGHT: np.array(STATES, object)[most],
            "light_source": np.array(SOURCES, object)[shown],
            c.LIT_M: state["lit"],
            c.UNLIT_M: state["unlit"],
            c.UNKNOWN_LIGHT_M: state["unknown"],
            c.LIT_SHARE: added(light.mean, rest.mean) / length,
            "lit_share_sd": added(light.spread, rest.spread) / length,
            c.LIT_SHARE_HISTORY: added(light.history, rest.history) / length,
        },
        index=length_m.index,
    )
