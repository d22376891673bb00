"""What the model asks of a town."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from geo.cells import CellGrid
from geo.hazard.counted import Coverage
from geo.hazard.fitted import FittedQuantities
from geo.streets.school_calendar import SchoolCalendar
from geo.study_area import StudyArea


@dataclass(frozen=True)
class Town:
    """Everything the model needs to know of a town.

    Attributes
    ----------
    area, grid
        The study area and its cells.
    sections
        ``section_id``, ``length_m`` and ``geometry``, sorted by ``section_id``.
    parts
        ``section`` and ``cell`` (positions), ``length_m`` and ``weight``, the share of its cell
        that a part carries; the weights of a cell with a street sum to 1.
    incidents
        Frame of the contract ``INCIDENTS``, any order; what may not enter is left out and
        counted. With a column ``section_id`` (missing where no section is near) the incidents
        of each section are counted too.
    coverage
        First and last day of each period for which incidents were handed over.
    as_of
        First day of the forecast; incidents from this day on do not enter.
    darkness
        Window → share of it in the dark, mean of the year.
    section_light
        ``lit_share`` and ``lit_share_history`` of each section; None where light is unknown. With
        ``light`` and ``lit_share_sd`` unknown light makes a section less sure.
    patrol_now, patrol_history
        Patrol dose, cells × windows; None where nothing is recorded.
    section_cameras
        ``camera_share`` and ``camera_share_history`` of each section; None without cameras.
    child_minutes
        Child-minutes a month, sections × windows; None where no route is known.
    calendar
        School days; None where no calendar is known.
    severity_table
        Offence group → mean days of sanction of its articles, for groups with few incidents.
    fitted
        Estimated quantities; the defaults serve until they are fitted.
    """

    area: StudyArea
    grid: CellGrid
    sections: pd.DataFrame
    parts: pd.DataFrame
    incidents: pd.DataFrame
    coverage: Coverage
    as_of: date
    darkness: Mapping[str, float]
    section_light: pd.DataFrame | None = None
    patrol_now: pd.DataFrame | None = None
    patrol_history: pd.DataFrame | None = None
    section_cameras: pd.DataFrame | None = None
    child_minutes: pd.DataFrame | None = None
    calendar: SchoolCalendar | None = None
    severity_table: Mapping[str, float] | None = None
    fitted: FittedQuantities = field(default_factory=FittedQuantities)
