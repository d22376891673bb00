"""What routes share: the workspace, the database, and the opened snapshots."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Annotated, Any, TypeVar

import pandas as pd
from fastapi import Depends, Request

from data.database import Database
from data.snapshots import Snapshot, find_current_run, list_runs, open_snapshot
from data.tile_archive import TileArchive
from data.workspace import Workspace
from geo.coverage.dead_assets import WalkedStreets, dead_assets
from geo.disclosure import disclose_cells, disclose_sections
from geo.errors import NoDataError, NotFoundError
from geo.hazard.held import HeldRate
from geo.hazard.rings import placed_at_cells
from geo.parameters import SCORED_RESOLUTION, HazardParameters, parameters_hash
from geo.study_area import StudyArea

KEPT_SNAPSHOTS = 3

Made = TypeVar("Made")


@dataclass
class OpenedSnapshot:
    """A published snapshot with what has been read of it so far, by role grain."""

    snapshot: Snapshot
    _frames: dict[tuple[str, str], pd.DataFrame] = field(default_factory=dict)
    _archives: dict[str, TileArchive] = field(default_factory=dict)
    _held: HeldRate | None = None
    _made: dict[str, Any] = field(default_factory=dict)

    @property
    def month(self) -> str | None:
        """Month and kind of day that the places are of; None for the mean of the year."""
        return None

    @property
    def as_of(self) -> date:
        """The day the run stands on."""
        return date.fromisoformat(self.snapshot.run_card["as_of"])

    def frame(self, name: str) -> pd.DataFrame:
        """Return a frame of the snapshot whole; for ordering and sums inside the service."""
        return self._kept(name, "", lambda: self.snapshot.read_frame(name))

    def disclosed_sections(self, role: str) -> pd.DataFrame:
        """Return the sections as this role may see them, indexed by section id."""
        return self._kept(
            "sections",
            role,
            lambda: disclose_sections(self.frame("sections"), role).set_index(
                "section_id", drop=False
            ),
        )

    def disclosed_cells(self, role: str) -> pd.DataFrame:
        """Return the r10 cells as this role may see them, indexed by cell."""
        return self._kept(
            "cells",
            role,
            lambda: disclose_cells(
                self.frame("cells"), role, resolution=SCORED_RESOLUTION
            ).set_index("h3_cell", drop=False),
        )

    def kept_with(self, name: str, make: Callable[[], Made]) -> Made:
        """Return what is made of this run at first use and kept with it."""
        if name not in self._made:
            self._made.setdefault(name, make())
        made: Made = self._made[name]
        return made

    def held_rate(self) -> HeldRate:
        """Return the run's rate taken apart, for saying which incidents weigh most.

        Raises
        ------
        NoDataError
            ``incidents_not_kept``: the run was made before incidents were kept with it, or by
            other parameters than those of this version.
        """
        if self._held is not None:
            return self._held
        card = self.snapshot.run_card
        same = card["parameters"]["sha256"] == parameters_hash(HazardParameters())
        if not same or "held" not in card["model"]:
            raise NoDataError(
                "This run was made by an earlier version, which kept no incidents with it; run "
                "'safe-region build' to make it anew.",
                code="incidents_not_kept",
            )
        self._held = HeldRate(
            incidents=self.frame("incidents"),
            cells=self.frame("cell_kernels"),
            numbers=card["model"]["held"],
            as_of=date.fromisoformat(card["as_of"]),
            parameters=HazardParameters(),
        )
        return self._held

    def placed_incidents(self) -> pd.DataFrame | None:
        """Return the run's incidents in the middle of their cells; None where it kept none."""
        if "incidents.parquet" not in self.snapshot.manifest["files"]:
            return None
        return self._kept("placed_incidents", "", lambda: placed_at_cells(self.frame("incidents")))

    def down_assets(self, area: StudyArea) -> pd.DataFrame:
        """Return every lamp and camera that is down, with what the walks lost; worked out once."""
        return self._kept("down_assets", "", lambda: self._down_assets(area))

    def archive(self, name: str) -> TileArchive:
        """Return the tile archive of a role grain, or ``basemap``."""
        if name not in self._archives:
            self._archives[name] = self.snapshot.tile_archive(name)
        return self._archives[name]

    def _down_assets(self, area: StudyArea) -> pd.DataFrame:
        streets = WalkedStreets(self.frame("sections"), self.frame("routes"), area)
        as_of = date.fromisoformat(self.snapshot.run_card["as_of"])
        lamps, cameras = self.frame("lamps"), self.frame("cameras")
        return dead_assets(streets, lamps, cameras, as_of, HazardParameters())

    def _kept(self, name: str, role: str, read: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        key = (name, role)
        if key not in self._frames:
            self._frames[key] = read()
        return self._frames[key]


class Published:
    """The published runs of one workspace, newest readings kept open.

    Parameters
    ----------
    workspace
        The opened workspace.
    database
        Its database.
    """

    def __init__(self, workspace: Workspace, database: Database) -> None:
        self.workspace = workspace
        self.database = database
        self._opened: OrderedDict[str, OpenedSnapshot] = OrderedDict()
        self._lock = Lock()
        self._made: dict[str, tuple[str, Any]] = {}
        self._making: dict[str, Lock] = {}

    def current(self) -> OpenedSnapshot:
        """Return the run that the pointer names now.

        Raises
        ------
        NoDataError
            ``nothing_published``.
        """
        run = find_current_run(self.database)
        if run is None:
            raise NoDataError(
                "Nothing is published yet: import data and run 'safe-region build'.",
                code="nothing_published",
            )
        return self.opened(run.run_id) or self._open(run.run_id)

    def opened(self, run_id: str) -> OpenedSnapshot | None:
        """Return a snapshot that is open already, or None."""
        return self._opened.get(run_id)

    def get(self, run_id: str) -> OpenedSnapshot:
        """Return any published run.

        Raises
        ------
        NotFoundError
            ``run_unknown``.
        """
        opened = self.opened(run_id)
        if opened is not None:
            return opened
        if run_id not in {run.run_id for run in list_runs(self.database)}:
            raise NotFoundError(f"There is no published run {run_id[:16]!r}.", code="run_unknown")
        return self._open(run_id)

    def kept_while_current(self, name: str, make: Callable[[OpenedSnapshot], Made]) -> Made:
        """Return what is made of the current run at first use; it is kept for that run alone.

        Who asks while it is being made waits; what failed is tried again.

        Raises
        ------
        NoDataError
            ``nothing_published``.
        """
        with self._lock:
            making = self._making.setdefault(name, Lock())
        with making:
            opened = self.current()
            of_run, kept = self._made.get(name, ("", None))
            if of_run != opened.snapshot.run_id:
                self._made.pop(name, None)
                kept = make(opened)
                self._made[name] = (opened.snapshot.run_id, kept)
            made: Made = kept
            return made

    def _open(self, run_id: str) -> OpenedSnapshot:
        opened = OpenedSnapshot(open_snapshot(self.workspace.snapshots, run_id))
        with self._lock:
            self._opened[run_id] = opened
            while len(self._opened) > KEPT_SNAPSHOTS:
                self._opened.popitem(last=False)
        return opened


def get_published(request: Request) -> Published:
    """Return the runs of the workspace that this application serves."""
    published: Published = request.app.state.published
    return published


PublishedRuns = Annotated[Published, Depends(get_published)]
