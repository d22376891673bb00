"""Add up who walks on each section, from the homes’ first steps and the trees to the gates."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.streets.school_forest import FirstSteps, Forest

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def section_flows(steps: FirstSteps, forest: Forest, pupils: FloatArray) -> pd.DataFrame:
    """Return section, school (positions), pupils and metres of every section that is walked.

    Parameters
    ----------
    steps
        First steps of the homes.
    forest
        The trees that they lead into.
    pupils
        Pupils of each home; those of a home without a route are not counted.

    Returns
    -------
    DataFrame
        pupils (who set foot on the section, one way) and metres (mean metres that each of them
        walks on it); sorted by section and school.
    """
    through = _pupils_through(steps, forest, pupils)
    walked = np.flatnonzero(through > 0)
    door = np.flatnonzero((pupils > 0) & (steps.school >= 0))
    stays = _stays(steps.node, steps.section, forest)[door]
    sets_foot = (steps.metres[door] > 0) | stays
    rows = pd.DataFrame(
        {
            "section": np.concatenate([forest.section[walked], steps.section[door]]),
            "school": np.concatenate([forest.school[walked], steps.school[door]]),
            c.PUPILS: np.concatenate(
                [_newcomers(steps, forest, pupils, through)[walked], pupils[door] * sets_foot]
            ),
            "pupil_metres": np.concatenate(
                [through[walked] * forest.metres[walked], pupils[door] * steps.metres[door]]
            ),
        }
    )
    return _joined(rows)


def join_flows(flows: list[pd.DataFrame]) -> pd.DataFrame:
    """Add flows of several groups of homes up by section and school."""
    if len(flows) == 1:
        return flows[0]
    rows = pd.concat(flows, ignore_index=True)
    rows["pupil_metres"] = rows[c.PUPILS] * rows.pop("metres")
    return _joined(rows)


# -------------------------------------------------------------------------------------------


def _joined(rows: pd.DataFrame) -> pd.DataFrame:
    flows = rows.groupby(["section", "school"], as_index=False).sum()
    flows = flows[flows["pupil_metres"] > 0].reset_index(drop=True)
    flows["metres"] = flows.pop("pupil_metres") / flows[c.PUPILS]
    return flows


def _stays(node: IntArray, section: IntArray, forest: Forest) -> npt.NDArray[np.bool_]:
    """Tell who reaches a node along the section on which the way goes on from there."""
    return (node >= 0) & (forest.section[node] == section)


def _newcomers(
    steps: FirstSteps, forest: Forest, pupils: FloatArray, through: FloatArray
) -> FloatArray:
    """Return the pupils who take each node's step and were not on its section before."""
    nodes = len(through)
    stepping = _stays(forest.parent, forest.section, forest)
    leaving_home = _stays(steps.node, steps.section, forest)
    old = np.bincount(forest.parent[stepping], through[stepping], nodes) + np.bincount(
        steps.node[leaving_home], pupils[leaving_home], nodes
    )
    back = _back_again(steps, forest, pupils)
    # A gate at a crossing stands on one of its streets only in name: nobody walks there.
    at_gate = (forest.parent < 0) & (forest.metres <= 0)
    return np.where(at_gate, 0.0, np.maximum(through - old - back, 0))


def _back_again(steps: FirstSteps, forest: Forest, pupils: FloatArray) -> FloatArray:
    """Return by node the pupils who come back there to the section on which they live.

    A section is left at its ends alone: only who lives and learns on one long bent street may
    leave it for a shorter way and come back.
    """
    last = np.flatnonzero((forest.parent < 0) & (forest.school >= 0))
    of_gate = np.full(forest.gate.max(initial=-1) + 1, -1)
    of_gate[forest.gate[last]] = forest.section[last]
    home = np.flatnonzero((steps.node >= 0) & (steps.metres > 0) & (pupils > 0))
    home = home[of_gate[steps.gate[home]] == steps.section[home]]

    again, left = np.zeros(len(forest.parent)), np.zeros(len(home), bool)
    at = steps.node[home]
    while len(at):
        there = forest.section[at] == steps.section[home]
        np.add.at(again, at[there & left], pupils[home[there & left]])
        on = (forest.parent[at] >= 0) & ~(there & left)
        at, home, left = forest.parent[at[on]], home[on], (left | ~there)[on]
    return again


def _pupils_through(steps: FirstSteps, forest: Forest, pupils: FloatArray) -> FloatArray:
    """Return the pupils who take each node's step: its own doors' and all that come to it."""
    begun = steps.node >= 0
    through = np.bincount(steps.node[begun], pupils[begun], len(forest.parent)).astype(float)
    below = np.flatnonzero(forest.depth > 0)
    order = below[np.argsort(-forest.depth[below], kind="stable")]
    for level in np.split(order, np.flatnonzero(np.diff(forest.depth[order])) + 1):
        np.add.at(through, forest.parent[level], through[level])
    return through
