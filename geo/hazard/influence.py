"""Which incidents weigh most in a place: the hazard without each of them in turn.

One incident is left out, everything fitted is held: weights, a and ρ, severities, the town's level
and κ, hours, light, patrols and the share of its cell that a street carries. What is left moves
through the rate alone::

    H₋ᵢ = Σ_c Σ_g  H_cg · λ_g(c)₋ᵢ / λ_g(c),    λ ∝ m · (a + y + ρ y^X) / (a + m E + ρ b)

so the influence of an incident, 1 − H₋ᵢ / H, needs no second run. Its own kernels are taken out of
numerator and denominator of each component, its record out of y, y^X and b; where it was the first
of its address, the next one there takes its place. The shares of one place do not add up to
1: incidents speak for each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.hazard.held import FIRST, HIDDEN, OTHERS, OWN, HeldRate
from geo.hazard.reach import Reach, incidents_within_reach, reach_into

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

LISTED = 5
"""How many incidents are named for a place."""


@dataclass(frozen=True)
class PlaceHarm:
    """Where a place's harm comes from.

    Attributes
    ----------
    cells
        Positions of the cells that it has a part in.
    harm
        Harm of its parts there, cells × groups.
    """

    cells: IntArray
    harm: FloatArray


def place_harm_of(parts: pd.DataFrame, held: HeldRate) -> PlaceHarm:
    """Sum the parts of one place by cell and group.

    Parameters
    ----------
    parts
        Its rows of the table of parts: ``h3_cell``, ``hazard`` and ``share_<group>``.
    """
    shares = parts[[c.share_column(group) for group in held.groups]].fillna(0.0).to_numpy(float)
    harm = parts[c.HAZARD].to_numpy(float)[:, None] * shares
    ids, place = np.unique(parts[c.H3_CELL].to_numpy(np.int64), return_inverse=True)
    summed = np.zeros((len(ids), len(held.groups)))
    np.add.at(summed, place, harm)
    return PlaceHarm(np.searchsorted(held.cells[c.H3_CELL].to_numpy(np.int64), ids), summed)


def influences(held: HeldRate, place: PlaceHarm) -> pd.Series:
    """Return the influence of each incident within reach, by its row in ``held.incidents``.

    The share of the place's hazard that would go with it; negative for an incident that draws
    away from here more than it brings. Incidents out of every kernel's reach are not there: they
    move the place by their share of the town alone.
    """
    total = place.harm.sum()
    if not total > 0:
        return pd.Series(np.zeros(0), index=np.zeros(0, np.int64))
    near = incidents_within_reach(held, place.cells)
    left = np.zeros(len(near))
    for cell, harm in zip(place.cells.tolist(), place.harm, strict=True):
        reach = reach_into(held, cell, near)
        for group in np.flatnonzero(harm > 0).tolist():
            left += harm[group] * _rate_ratio(held, reach, group)
    return pd.Series(1 - left / total, index=near)


def most_influential(held: HeldRate, place: PlaceHarm) -> pd.DataFrame:
    """Return the five incidents that raise a place's hazard most, with their influence.

    Sensitive incidents count and are never among them.

    Returns
    -------
    DataFrame
        Rows of ``held.incidents`` with ``influence``, the greatest first.
    """
    share = influences(held, place)
    shown = share[(held.spread[share.index] != HIDDEN) & (share > 0).to_numpy()]
    # Of equal ones the younger; numbers rise with time.
    first = shown.iloc[np.lexsort((-shown.index.to_numpy(), -shown.to_numpy()))[:LISTED]]
    return held.incidents.loc[first.index].assign(**{c.INFLUENCE: first})


# -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Row:
    """One component of a mixture: its weight, its kernel, and whose incidents it holds."""

    weight: float
    width: float
    half_life_days: float
    members: str


def _rate_ratio(held: HeldRate, reach: Reach, group: int) -> FloatArray:
    """Return λ of one group in one cell without each near incident, relative to λ with all."""
    parameters = held.parameters
    level, a, rho = (
        held.number(name)[group] for name in ("level", "effect_shape", "effect_other_groups")
    )
    contrast = held.of_cells(c.contrast_column(held.groups[group]))[reach.cell]
    background = level * contrast * _mixed(held, reach, group, _components(held, group))

    memory = held.memory(parameters.effect_half_life_days)[reach.near]
    own = held.group[reach.near] == group
    record_own, record_others = (
        _without(memory * members * reach.lying) for members in (own, ~own)
    )
    others = held.total(parameters.effect_half_life_days, group, OTHERS)
    expected = np.append(others - memory * ~own, others).clip(min=0)
    expected = expected * _mixed(held, reach, group, _nearby(held))

    shape = a + record_own + rho * record_others
    rate = a + background * held.numbers["exposure_days"] + rho * expected
    expects = background * shape / rate
    return np.divide(expects[:-1], expects[-1], out=np.ones(len(own)), where=expects[-1] > 0)


def _components(held: HeldRate, group: int) -> list[_Row]:
    """Return the components of a group's background."""
    parameters = held.parameters
    chosen = [(one, OWN) for one in parameters.own_components]
    chosen += [(one, FIRST) for one in parameters.other_components]
    weights = held.numbers["weights"][held.groups[group]][:-1]
    return [
        _Row(weight, float(one.bandwidth_m), one.half_life_days, members)
        for weight, (one, members) in zip(weights, chosen, strict=True)
        if weight > 0
    ]


def _nearby(held: HeldRate) -> list[_Row]:
    """Return the components of what the other groups' record is compared with."""
    parameters = held.parameters
    chosen = [(*one, OTHERS) for one in parameters.effect_nearby]
    chosen += [(*one, OWN) for one in parameters.effect_own]
    life = parameters.long_half_life_days
    return [_Row(weight, float(width), life, members) for width, weight, members in chosen]


def _mixed(held: HeldRate, reach: Reach, group: int, rows: list[_Row]) -> FloatArray:
    """Return a mixture's share of the cell without each near incident; last, with all."""
    mixed = np.zeros(len(reach.near) + 1)
    carried = np.zeros(len(mixed))
    for row in rows:
        share, there = _share_without(held, reach, group, row)
        mixed += row.weight * share
        carried += row.weight * there
    return mixed + (1 - carried) * held.of_cells(c.BASE_SHARE)[reach.cell]


def _share_without(
    held: HeldRate, reach: Reach, group: int, row: _Row
) -> tuple[FloatArray, BoolArray]:
    """Return a component's share of the cell, and whether it has incidents at all.

    Both without each near incident, whose heir takes its place; last, with all.
    """
    near, kernel, whole = reach.near, reach.kernel[row.width], held.memory(row.half_life_days)
    member = held.members(group, row.members)
    weight = whole[near] * member[near]
    inherited, brought = _inheritance(held, reach, group, row)
    everything = held.total(row.half_life_days, group, row.members)
    total = np.append(everything - weight + inherited, everything)
    mass = _without(weight * kernel)
    mass[:-1] += brought
    # A difference says nothing where one incident is nearly all there is: sum the others.
    for place in np.flatnonzero(weight > everything / 2):
        others = whole * member
        others[near[place]] = 0.0
        total[place] = others.sum() + inherited[place]
        mass[place] = (others[near] * kernel).sum() + brought[place]
    there = total > 0
    return np.divide(mass, total, out=np.zeros_like(mass), where=there), there


def _inheritance(
    held: HeldRate, reach: Reach, group: int, row: _Row
) -> tuple[FloatArray, FloatArray]:
    """Return what the heir of each near incident weighs, and what of it falls into the cell."""
    near, none = reach.near, np.zeros(len(reach.near))
    if row.members != FIRST:
        return none, none
    heir = held.heirs[group][1][near]
    weight = np.where(heir >= 0, held.memory(row.half_life_days)[heir], 0.0)
    place = np.searchsorted(near, heir).clip(max=len(near) - 1)
    found = near[place] == heir  # an heir out of reach brings nothing here
    return weight, np.where(found, weight * reach.kernel[row.width][place], 0.0)


def _without(values: FloatArray) -> FloatArray:
    """Return the sum without each value; last, the sum of all."""
    total = values.sum()
    return np.append(total - values, total).clip(min=0)
