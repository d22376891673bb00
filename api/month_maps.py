"""A run seen in one month and on one kind of day: its places anew, all else as the run has it.

Nothing of it is stored: the frames are worked out when the month is first asked for, a tile when
it is first looked at, and both are kept for a while. The snapshot's folder is never written to.
"""

from __future__ import annotations

import zlib
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

import pandas as pd

from api.dependencies import OpenedSnapshot
from api.role_tiles import cell_layers
from api.schemas import RoleQuery
from geo.disclosure import PUBLIC, disclose_sections
from geo.errors import NotFoundError
from geo.hazard.month_places import month_frames
from geo.hazard.month_variants import MonthVariant, parse_variant, year_of_run
from geo.parameters import HazardParameters
from maps.map_layers import section_layer
from maps.tiles_on_demand import FoundLayer, found_layer, tile_on_demand

KEPT_MONTHS = 3
KEPT_TILES = 2_000

PLACES = ("sections", "cells", "cells_r9", "cells_r8", "cells_r7")
CELLS, SECTIONS = "cells", "sections"

Address = tuple[str, str, int, int, int]
StoredTile = tuple[bytes, str]


@dataclass
class OpenedMonth(OpenedSnapshot):
    """A run whose sections and cells are those of one month and kind of day.

    Raises
    ------
    NotFoundError
        ``months_not_kept``: the run was made by an earlier version.
    UsageError
        ``month_without_school``: school days of a month that has none.
    """

    year: OpenedSnapshot = field(kw_only=True)
    variant: MonthVariant = field(kw_only=True)
    _places: dict[str, pd.DataFrame] = field(default_factory=dict)
    _layers: dict[tuple[str, str], list[FoundLayer]] = field(default_factory=dict)
    _tiles: OrderedDict[Address, StoredTile | None] = field(default_factory=OrderedDict)
    _making: Lock = field(default_factory=Lock)

    @property
    def month(self) -> str:
        """Name of the month and kind of day, such as ``01-school``."""
        return self.variant.name

    def frame(self, name: str) -> pd.DataFrame:
        """Return a frame: of places as they are in the month, else the run's own."""
        if name not in PLACES:
            return self.year.frame(name)
        with self._making:
            if not self._places:
                ground = {one: self.year.frame(one) for one in (*PLACES, "parts", "reference")}
                months = year_of_run(self.snapshot.run_card)
                self._places = month_frames(ground, months, self.variant, HazardParameters())
            return self._places[name]

    def tile(self, role: str, layer: str, z: int, x: int, y: int) -> StoredTile | None:
        """Return a tile's gzipped bytes and its mark for an ETag; None where it is empty."""
        address = (role, layer, z, x, y)
        if address in self._tiles:
            return self._tiles[address]
        found = tile_on_demand(self._found_layers(role, layer), z, x, y)
        stored = None if found is None else (found, self._mark(found))
        with self._making:
            self._tiles[address] = stored
            while len(self._tiles) > KEPT_TILES:
                self._tiles.popitem(last=False)
        return stored

    def _found_layers(self, role: str, layer: str) -> list[FoundLayer]:
        key = (role, layer)
        if key not in self._layers:
            places = {name: self.frame(name) for name in PLACES}
            if layer == CELLS:
                layers = list(cell_layers(places, role))
            else:
                sections = disclose_sections(places[SECTIONS], role)
                layers = [section_layer(sections)] if len(sections) else []
            self._layers[key] = [found_layer(one) for one in layers if len(one.geometry)]
        return self._layers[key]

    def _mark(self, content: bytes) -> str:
        return f"{self.snapshot.run_id}-{self.month}-{zlib.crc32(content):08x}-{len(content):x}"


class Months:
    """The months of one run that somebody looks at; the latest are kept."""

    def __init__(self, year: OpenedSnapshot) -> None:
        self._year = year
        self._kept: OrderedDict[str, OpenedMonth] = OrderedDict()
        self._lock = Lock()

    def opened(self, name: str) -> OpenedMonth:
        """Return the run in the month of that name."""
        variant = parse_variant(name)
        with self._lock:
            found = self._kept.pop(name, None)
            found = found or OpenedMonth(self._year.snapshot, year=self._year, variant=variant)
            self._kept[name] = found
            while len(self._kept) > KEPT_MONTHS:
                self._kept.popitem(last=False)
        return found


def in_month(opened: OpenedSnapshot, name: str, role: str) -> OpenedMonth:
    """Return a run in a month such as ``01-school``.

    Raises
    ------
    NotFoundError
        ``months_not_shown``: the public sees no months; ``months_not_kept``: the run was made by
        an earlier version.
    UsageError
        ``variant_invalid``, or ``month_without_school``.
    """
    if role == PUBLIC:
        raise NotFoundError("Months are not shown to the public.", code="months_not_shown")
    return opened.kept_with("months", lambda: Months(opened)).opened(name)


def asked_run(opened: OpenedSnapshot, query: RoleQuery) -> OpenedSnapshot:
    """Return the run in the month that a query asks for; of the year where it names none."""
    name = getattr(query, "variant", None)
    return opened if name is None else in_month(opened, name, query.role)
