"""The ways to the schools of the current run, kept at hand for what would be other."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from api.dependencies import OpenedSnapshot, Published
from api.open_streets import OpenStreets, open_streets
from geo import columns as c
from geo.parameters import HazardParameters
from geo.streets.alternatives import CalmChoice
from geo.streets.walk_changes import SchoolWays, WalkedTown, ways_to_school

KEPT_SCHOOLS = 24
"""Schools whose ways as they are stay at hand, each by day and in the dark."""


@dataclass(frozen=True)
class LabelledPlaces:
    """The sections that a role may see, as far as their lines and labels go, by their ids."""

    names: tuple[str, ...]
    values: npt.NDArray[np.object_]
    positions: pd.Index

    @classmethod
    def of(cls, sections: pd.DataFrame) -> LabelledPlaces:
        """Take the columns that a label and a line need; a row is then found in microseconds."""
        names = [str(name) for name in sections if str(name).startswith("label_")]
        names += [c.SECTION_ID, c.GEOMETRY]
        values = pd.DataFrame(sections)[names].to_numpy(object)
        return cls(tuple(names), values, sections.index)

    def row(self, section_id: str) -> dict[str, Any] | None:
        """Return a section, None where the role does not see it."""
        if section_id not in self.positions:
            return None
        return dict(zip(self.names, self.values[self.positions.get_loc(section_id)], strict=True))


@dataclass(frozen=True)
class KeptWays:
    """The streets of the current run with the ways to the schools that were asked for last."""

    streets: OpenStreets
    positions: pd.Index
    _ways: OrderedDict[tuple[int, bool], SchoolWays] = field(default_factory=OrderedDict)
    _places: dict[str, LabelledPlaces] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def of(self, school: int, *, dark: bool) -> SchoolWays:
        """Return the ways to a school as they are."""
        with self._lock:
            kept = self._ways.get((school, dark))
        if kept is None:
            streets = self.streets
            town = WalkedTown(streets.walked, streets.inputs.schools, streets.routes)
            kept = ways_to_school(town, school, HazardParameters(), CalmChoice(), dark=dark)
        with self._lock:
            self._ways[(school, dark)] = kept
            self._ways.move_to_end((school, dark))
            while len(self._ways) > 2 * KEPT_SCHOOLS:
                self._ways.popitem(last=False)
        return kept

    def places(self, opened: OpenedSnapshot, role: str) -> LabelledPlaces:
        """Return the sections of the run that a role may see."""
        if role not in self._places:
            self._places[role] = LabelledPlaces.of(opened.disclosed_sections(role))
        return self._places[role]


def kept_ways(published: Published) -> KeptWays:
    """Return the streets and ways of the current run; read at first use.

    Raises
    ------
    NoDataError
        ``nothing_published``, ``inputs_changed``.
    """
    return published.kept_while_current("kept_ways", lambda _: _keep_ways(published))


# -------------------------------------------------------------------------------------------


def _keep_ways(published: Published) -> KeptWays:
    streets = open_streets(published)
    return KeptWays(streets, pd.Index(streets.sections.frame[c.SECTION_ID].to_numpy(object)))
