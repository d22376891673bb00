"""What the workspace knows of the town, for readers that judge where a row lies."""

from __future__ import annotations

from dataclasses import dataclass

from data.importers.osm_extract import OsmExtract
from geo.study_area import StudyArea


@dataclass(frozen=True)
class KnownPlaces:
    """The study area and, once a map is imported, the streets in it.

    Attributes
    ----------
    area
        Rows outside it are counted as ``outside_region``.
    extract
        The newest street map; None before one is imported.
    """

    area: StudyArea
    extract: OsmExtract | None = None
