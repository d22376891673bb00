"""What is asked of the sections of a run again and again, laid out once as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from api.dependencies import OpenedSnapshot
from geo import columns as c
from geo.columns import of_window
from geo.hazard.scenario_place import kept_harm
from geo.parameters import GROUPS, WINDOWS

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ScoredSections:
    """What is asked of the sections of a run again and again.

    Attributes
    ----------
    position
        Row of each section by its id.
    walked
        Ids, pupils, schools and child-minutes by window.
    harm
        H, sections × groups × windows.
    interval
        Published ends of its interval, sections × 2.
    """

    position: pd.Index
    walked: pd.DataFrame
    harm: FloatArray
    interval: FloatArray


def scored_sections(opened: OpenedSnapshot) -> ScoredSections:
    """Return the sections of a run; read at first use and kept with it."""
    return opened.kept_with("scored_sections", lambda: _read(opened))


# -------------------------------------------------------------------------------------------


def _read(opened: OpenedSnapshot) -> ScoredSections:
    sections, parts = opened.frame("sections"), opened.frame("parts")
    position = pd.Index(sections[c.SECTION_ID])
    of_part = position.get_indexer(parts[c.SECTION_ID])
    harm = np.zeros((len(sections), len(GROUPS), len(WINDOWS)))
    np.add.at(harm, of_part[of_part >= 0], kept_harm(parts)[of_part >= 0])
    walked = [c.SECTION_ID, c.PUPILS, "school_ids",
              *(of_window(c.CHILD_MINUTES, w) for w in WINDOWS)]  # fmt: skip
    return ScoredSections(
        position=position,
        walked=pd.DataFrame(sections[walked]),
        harm=harm,
        interval=sections[[c.HAZARD_LOW, c.HAZARD_HIGH]].to_numpy(float),
    )
