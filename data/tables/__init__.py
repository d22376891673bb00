"""Every table once, for SQLite and PostGIS alike.

Times are naive local wall time, but for the moments of the store itself (``imported_at``,
``withdrawn_at``, ``valid_from``, ``valid_to``, ``published_at``, ``pinned_at``, ``made_at`` and
those of jobs), which are UTC.
"""

from __future__ import annotations

from data.tables.assets import Camera, Home, Lamp, LitStreet, Outage, School
from data.tables.imports import Import, RefusedRow, Sighting
from data.tables.incidents import DwellingIncident, Incident, UnplacedIncident
from data.tables.model import NAMES, Model, Placed, Recorded, table_of
from data.tables.runs import CurrentRun, Extract, ForecastCheck, Job, Run
from data.tables.work import Measure, PatrolPlan, PatrolVisit

__all__ = [
    "NAMES",
    "Camera",
    "CurrentRun",
    "DwellingIncident",
    "Extract",
    "ForecastCheck",
    "Home",
    "Import",
    "Incident",
    "Job",
    "Lamp",
    "LitStreet",
    "Measure",
    "Model",
    "Outage",
    "PatrolPlan",
    "PatrolVisit",
    "Placed",
    "Recorded",
    "RefusedRow",
    "Run",
    "School",
    "Sighting",
    "UnplacedIncident",
    "table_of",
]
