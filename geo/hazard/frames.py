"""The frames of a run: columns put together with names, sizes, counts and ranks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.hazard.inputs import Town
from geo.hazard.kinds import SECTION
from geo.hazard.parts import street_length
from geo.hazard.places import Columns, Places
from geo.hazard.posterior import TOO_FEW, SectionDraws, Standing, section_standing
from geo.hazard.score import sum_by
from geo.hazard.steps import TownSteps
from geo.parameters import HazardParameters

FloatArray = npt.NDArray[np.float64]


def cell_frame(
    town: Town, steps: TownSteps, resolution: int, columns: Columns, parameters: HazardParameters
) -> pd.DataFrame:
    """Build the frame of the cells of one resolution.

    Incidents are counted without the sensitive ones; these have a count of their own from
    their cell of resolution 8 upwards, and none below.
    """
    grid = town.grid
    cells, parent = steps.parents[resolution]
    sizes = {
        c.AREA_M2: grid.area_m2,
        c.STREET_LENGTH_M: street_length(steps.parts, "cell", len(grid.cells)),
    }
    recent = steps.counted.age_days <= parameters.observed_days
    place = parent[steps.counted.cell]
    counts = {c.INCIDENTS_OBSERVED: _count(place, recent & ~steps.counted.sensitive, len(cells))}
    if resolution <= parameters.sensitive_resolution:
        sensitive = recent & steps.counted.sensitive
        counts[c.SENSITIVE_OBSERVED] = _count(place, sensitive, len(cells))
    return pd.DataFrame(
        {
            c.H3_CELL: cells,
            **{name: sum_by(parent, values, len(cells)) for name, values in sizes.items()},
            **columns,
            **counts,
        }
    )


def section_frame(
    town: Town,
    steps: TownSteps,
    sections: Places,
    columns: Columns,
    parameters: HazardParameters,
) -> pd.DataFrame:
    """Build the frame of the sections, without their ranks.

    A section that lies wholly outside the grid has no numbers: its columns are missing.
    """
    frame = pd.DataFrame(
        {
            c.SECTION_ID: sections.ids,
            c.LENGTH_M: town.sections[c.LENGTH_M].to_numpy(float),
            **columns,
            c.INCIDENTS_OBSERVED: _section_counts(town, steps, parameters),
        }
    )
    frame = _without_numbers(frame, sections.size <= 0)
    frame.loc[sections.size <= 0, c.CONFIDENCE] = TOO_FEW
    return frame


def with_ranks(
    frame: pd.DataFrame,
    town: Town,
    steps: TownSteps,
    kinds: Mapping[str, Places],
    chosen: tuple[HazardParameters, int],
) -> pd.DataFrame:
    """Return the frame of the sections with their ranks under the uncertainty.

    Parameters
    ----------
    chosen
        The parameters and the seed of the draws.
    """
    standing = section_standing(_draws(town, steps, kinds), *chosen)
    ranks = pd.DataFrame(_standing_columns(standing))
    return frame.join(_without_numbers(ranks, kinds[SECTION].size <= 0))


# -------------------------------------------------------------------------------------------


def _without_numbers(frame: pd.DataFrame, outside: npt.NDArray[np.bool_]) -> pd.DataFrame:
    kept = (c.SECTION_ID, c.LENGTH_M)
    numbers = [
        name
        for name in frame.columns
        if name not in kept
        and not name.startswith(c.CONFIDENCE)
        and not pd.api.types.is_bool_dtype(frame[name])
    ]
    frame.loc[outside, numbers] = np.nan
    return frame


def _count(place: npt.NDArray[np.int64], chosen: npt.NDArray[np.bool_], places: int) -> npt.NDArray:
    return np.bincount(place[chosen], minlength=places).astype(np.int64)


def _draws(town: Town, steps: TownSteps, kinds: Mapping[str, Places]) -> SectionDraws:
    cells = kinds[f"cell_{town.grid.resolution}"].harm
    sections = kinds[SECTION]
    on_street = (steps.parts["section"] >= 0).to_numpy(bool)
    mean = sections.harm.mean[:, 0]
    burden = sections.burden()
    ratio = np.divide(burden, mean, out=np.zeros_like(mean), where=mean > 0)
    pieces = steps.part_pieces
    harm = pieces.harm[on_street].sum(axis=(1, 2))
    moved = pieces.by_effect[on_street].sum(axis=2)
    return SectionDraws(
        cell_mean=cells.mean[:, 0],
        cell_variance=cells.own_variance,
        cell_shares=np.divide(
            cells.by_group,
            cells.mean[:, :1],
            out=np.zeros_like(cells.by_group),
            where=cells.mean[:, :1] > 0,
        ),
        level_variance=steps.rate.level_variance,
        part_cell=steps.parts["cell"].to_numpy(np.int64)[on_street],
        part_section=steps.parts["section"].to_numpy(np.int64)[on_street],
        part_harm=harm,
        part_moves=np.divide(
            moved, harm[:, None], out=np.zeros_like(moved), where=harm[:, None] > 0
        ),
        length_m=sections.size,
        burden_ratio=None if np.isnan(burden).all() else np.nan_to_num(ratio),
    )


def _standing_columns(standing: Standing) -> dict[str, pd.Series | npt.NDArray]:
    ranks = {
        c.RANK_LOW: standing.rank_low,
        c.RANK_HIGH: standing.rank_high,
        c.BURDEN_RANK_LOW: standing.burden_rank_low,
        c.BURDEN_RANK_HIGH: standing.burden_rank_high,
    }
    missing = pd.Series(pd.NA, index=range(len(standing.p_top)), dtype="Int64")
    return {c.P_TOP: standing.p_top} | {
        name: missing if rank is None else pd.Series(rank, dtype="Int64")
        for name, rank in ranks.items()
    }


def _section_counts(town: Town, steps: TownSteps, parameters: HazardParameters) -> pd.Series:
    ids = town.sections[c.SECTION_ID]
    incidents = steps.counted.frame
    if c.SECTION_ID not in incidents:
        return pd.Series(pd.NA, index=range(len(ids)), dtype="Int64")
    recent = steps.counted.age_days <= parameters.observed_days
    counts = incidents[c.SECTION_ID][recent & ~steps.counted.sensitive].value_counts()
    return counts.reindex(ids, fill_value=0).reset_index(drop=True).astype("Int64")
