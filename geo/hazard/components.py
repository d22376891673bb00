"""The components of the rate: kernels of incidents, and their mixtures with the base."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.cells import Grid
from geo.hazard.counted import CountedIncidents, first_at_address, group_mass
from geo.hazard.kernels import kernel_share
from geo.parameters import HazardParameters

FloatArray = npt.NDArray[np.float64]
Kernels = dict[tuple[str, float, float], FloatArray]
"""(own | other, bandwidth in metres, half-life in days) → mass, groups × cells, not normalised."""


@dataclass(frozen=True)
class Mixtures:
    """Where a group's incidents are expected, told in three steps.

    Groups × cells, each row summing to 1.

    Attributes
    ----------
    long
        The group's own long memory and the base.
    with_others
        These and the other groups' incidents.
    full
        All components, the short memories too.
    """

    long: FloatArray
    with_others: FloatArray
    full: FloatArray


def memory(counted: CountedIncidents, half_life_days: float) -> FloatArray:
    """Return how much each incident still counts: 1 today, ½ after the half-life."""
    return np.exp2(-counted.age_days / half_life_days)


def event_kernels(counted: CountedIncidents, grid: Grid, parameters: HazardParameters) -> Kernels:
    """Spread every memory by every width it is needed in, one kernel call a width.

    ``own`` kernels hold all incidents of a group; ``other`` kernels the first incident of the
    other groups at each address, so that one busy address does not speak for its surroundings.
    """
    wanted = wanted_kernels(parameters)
    mass = {
        (kind, life): _mass(kind, counted, grid, life, parameters)
        for kind, life in sorted({(kind, life) for kind, _, life in wanted})
    }
    kernels: Kernels = {}
    for width in sorted({width for _, width, _ in wanted}):
        keys = [key for key in wanted if key[1] == width]
        stacked = np.stack([mass[kind, life] for kind, _, life in keys])
        # A Fourier transform leaves crumbs of ±1e-17 where nothing lies.
        spread = np.maximum(kernel_share(grid, stacked, width, parameters), 0)
        kernels.update(zip(keys, spread, strict=True))
    return kernels


def component_shares(kernels: Kernels, parameters: HazardParameters) -> FloatArray:
    """Return the components of the mixture without the base: the own ones, then the others'.

    Returns
    -------
    Components × groups × cells; each row sums to 1, or is 0 where the component has no incident.
    """
    return np.stack([_shares(kernels[key]) for key in component_keys(parameters)])


def component_keys(parameters: HazardParameters) -> list[tuple[str, float, float]]:
    """Return (own | other, bandwidth, half-life) of each component, in the order of the weights."""
    return [
        *(("own", k.bandwidth_m, k.half_life_days) for k in parameters.own_components),
        *(("other", k.bandwidth_m, k.half_life_days) for k in parameters.other_components),
    ]


def mixtures(
    shares: FloatArray, base: FloatArray, weights: FloatArray, parameters: HazardParameters
) -> Mixtures:
    """Mix the components by their weights.

    Parameters
    ----------
    shares
        Components × groups × cells, from `component_shares`.
    base
        Share of each cell in the base.
    weights
        Groups × components, the base last.
    """
    own = [k.half_life_days == parameters.long_half_life_days for k in parameters.own_components]
    is_own = np.arange(len(shares)) < len(own)
    is_long = np.r_[own, np.zeros(len(shares) - len(own), bool)]
    return Mixtures(
        long=mixed_share(shares, base, weights, is_long),
        with_others=mixed_share(shares, base, weights, is_long | ~is_own),
        full=mixed_share(shares, base, weights, np.ones(len(shares), bool)),
    )


def mixed_share(
    shares: FloatArray, base: FloatArray, weights: FloatArray, chosen: npt.NDArray[np.bool_]
) -> FloatArray:
    """Mix the chosen components and the base; what an empty component leaves goes to the base."""
    weight = weights * np.r_[chosen, True]
    total = weight.sum(axis=1, keepdims=True)
    # A fitted set may weigh nothing but short memories: then the base alone carries the mixture.
    weight = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
    mixed = np.zeros(shares.shape[1:])
    carried = np.zeros(shares.shape[1])
    for share, part in zip(shares, weight.T[:-1], strict=True):
        full = share.sum(axis=1) > 0
        mixed += (part * full)[:, None] * share
        carried += part * full
    return mixed + (1 - carried)[:, None] * base


def nearby_share(kernels: Kernels, base: FloatArray, parameters: HazardParameters) -> FloatArray:
    """Return where the other groups' incidents are expected, from what lies near.

    Groups × cells, each row summing to 1: the yardstick b for a cell's record of other groups.
    """
    life = parameters.long_half_life_days
    groups = len(next(iter(kernels.values())))
    mixed = np.zeros((groups, len(base)))
    carried = np.zeros(groups)
    for widths, pick in ((parameters.effect_nearby, of_others), (parameters.effect_own, _own)):
        for width, weight in widths:
            share = _shares(pick(kernels["own", width, life]))
            mixed += weight * share
            carried += weight * (share.sum(axis=1) > 0)
    return mixed + (1 - carried)[:, None] * base


def of_others(values: FloatArray) -> FloatArray:
    """Sum each row's fellow rows: what the other groups have (groups × cells)."""
    return np.stack([np.delete(values, row, axis=0).sum(axis=0) for row in range(len(values))])


def wanted_kernels(parameters: HazardParameters) -> list[tuple[str, float, float]]:
    """Return (own | other, bandwidth, half-life) of every kernel that the rate asks for."""
    own = {("own", k.bandwidth_m, k.half_life_days) for k in parameters.own_components}
    nearby = {
        ("own", width, parameters.long_half_life_days)
        for width, _ in (*parameters.effect_nearby, *parameters.effect_own)
    }
    other = {("other", k.bandwidth_m, k.half_life_days) for k in parameters.other_components}
    return sorted(own | nearby | other)


# -------------------------------------------------------------------------------------------


def _own(values: FloatArray) -> FloatArray:
    return values


def _mass(
    kind: str,
    counted: CountedIncidents,
    grid: Grid,
    life: float,
    parameters: HazardParameters,
) -> FloatArray:
    weight = memory(counted, life)
    if kind == "own":
        return group_mass(counted, grid, weight, parameters)
    groups = range(len(counted.groups))
    first = np.stack([first_at_address(counted, group) for group in groups])
    return group_mass(counted, grid, first * weight, parameters).sum(axis=1)


def _shares(kernel: FloatArray) -> FloatArray:
    total = kernel.sum(axis=1, keepdims=True)
    return np.divide(kernel, total, out=np.zeros_like(kernel), where=total > 0)
