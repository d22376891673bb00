"""Which school each home belongs to by an office's files, and what could not be followed."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import shapely

from data.importers.places.address_places import Places
from data.importers.places.address_text import HOUSE, read_address
from data.importers.places.gazetteer import Gazetteer
from data.importers.places.home_addresses import HomeAddresses, home_addresses
from data.importers.places.house_lists import ListedStreet, read_house_list
from data.importers.places.house_places import STREET_ONLY
from data.importers.places.known_places import KnownPlaces
from data.school_files import SchoolFiles
from data.school_names import SchoolNames, record_ids
from geo import columns as c
from geo.streets.assignment import AssignedHomes, assign_homes

SURE_SCORE = 92.0
"""Names that match less well are listed in the run card to be looked at."""

LISTED = 50
"""Lines named in the run card; the rest is counted."""


def assign_by_files(
    homes: pd.DataFrame, schools: pd.DataFrame, files: SchoolFiles, places: KnownPlaces
) -> AssignedHomes:
    """Name the school of each home that an office's files decide.

    Parameters
    ----------
    homes, schools
        Frames of the HOMES contract, and with ``school_id``, names and ``number``.
    places
        The town's streets and houses; without a map no address and no text can be followed.

    Returns
    -------
    AssignedHomes
        Its facts have, beside those of `assign_homes`: ``school_files`` (what was read, see
        `SchoolFiles`), ``unknown_addresses`` (of the table: count and first rows) and
        ``catchment_text``: lines, streets (listed), matched, homes (found), least_score; and
        line, school and text of those that are unmatched, without_homes, unsure.
    """
    names = SchoolNames.of(schools, files.sources.get("schools", ()))
    lookup = _Lookup(homes, schools, places, files.sources.get("homes", ()))
    table, unknown = _table(files.assignments, names, lookup)
    texts, told = _texts(files.catchment_texts, names, lookup)
    catchments = files.catchments
    if catchments is not None:
        catchments = catchments.assign(**{c.SCHOOL_ID: _named(catchments["school"], names)})
    found = assign_homes(homes, schools, table=table, texts=texts, catchments=catchments)
    more = {"school_files": files.facts, "unknown_addresses": unknown, "catchment_text": told}
    return AssignedHomes(found.homes, found.facts | more)


# -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Lookup:
    """What is asked of the map, worked out when it is first needed."""

    homes: pd.DataFrame
    schools: pd.DataFrame
    places: KnownPlaces
    sources: tuple[str, ...] = ()

    @cached_property
    def known_ids(self) -> frozenset[str]:
        return frozenset(self.homes["home_id"])

    def home_id(self, text: str) -> str:
        """Return the id of a home that is named by it, or by its source's own id."""
        ids = [text, *record_ids(text, self.sources)]
        return next((one for one in ids if one in self.known_ids), text)

    @cached_property
    def gazetteer(self) -> Gazetteer | None:
        return self.places.gazetteer()

    @cached_property
    def streets(self) -> Places | None:
        return None if self.gazetteer is None else Places(self.gazetteer)

    @cached_property
    def addresses(self) -> HomeAddresses | None:
        return None if self.gazetteer is None else home_addresses(self.homes, self.gazetteer)

    def ids(self, positions: Any) -> list[str]:
        """Return the ids of homes."""
        return list(self.homes["home_id"].to_numpy(object)[positions])

    def is_street(self, name: str) -> bool:
        """Tell whether the map knows a street of this name."""
        return self.streets is not None and bool(self.streets.candidates(name))

    def street_of(self, name: str, school: str | None) -> tuple[int, float] | None:
        """Return the street that a name means and its score; of several the one near the school."""
        if self.streets is None or self.gazetteer is None:
            return None
        found = self.streets.candidates(name)
        rows = self.schools[(self.schools[c.SCHOOL_ID] == school).to_numpy(bool)]
        if len(found) < 2 or rows.empty:
            return found[0] if len(found) == 1 else None
        x, y = self.gazetteer.area.to_metric(rows[c.LAT].iloc[:1], rows[c.LON].iloc[:1])
        gate = shapely.Point(float(x[0]), float(y[0]))
        return min(found, key=lambda one: shapely.distance(self.gazetteer.lines[one[0]], gate))  # type: ignore[union-attr]


@dataclass
class _TextFacts:
    """What came of the lines of a text so far."""

    lines: int = 0
    streets: int = 0
    scores: list[float] = field(default_factory=list)
    unmatched: list[dict[str, Any]] = field(default_factory=list)
    without_homes: list[dict[str, Any]] = field(default_factory=list)
    unsure: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self, homes: int) -> dict[str, Any]:
        """Return the facts with the first lines of each kind."""
        lists = {
            name: {"count": len(lines), "first": lines[:LISTED]}
            for name in ("unmatched", "without_homes", "unsure")
            for lines in [getattr(self, name)]
        }
        least = round(min(self.scores), 1) if self.scores else None
        counts = {"lines": self.lines, "streets": self.streets, "matched": len(self.scores)}
        return {**counts, "homes": homes, "least_score": least, **lists}


def _named(texts: pd.Series, names: SchoolNames) -> list[str]:
    """Return the ids of schools; a text that means none stays, to be named as unknown."""
    return [names.find(text) or text for text in texts]


def _pairs(rows: list[tuple[str, str]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["home_id", c.SCHOOL_ID], dtype=object)


def _table(
    given: pd.DataFrame | None, names: SchoolNames, lookup: _Lookup
) -> tuple[pd.DataFrame | None, dict[str, Any]]:
    """Follow a table's rows to homes: by their id, else by their address."""
    if given is None:
        return None, {"count": 0, "first": []}
    rows: list[tuple[str, str]] = []
    lost: list[int] = []
    schools = _named(given["school"], names)
    columns = (given["home"], given["address"], schools, given["source_row"])
    for home, address, school, row in zip(*columns, strict=True):
        if home is not None:
            rows.append((lookup.home_id(home), school))
            continue
        found = lookup.ids(_homes_at(address, school, lookup))
        rows += [(one, school) for one in found]
        if not found:
            lost.append(int(row))
    return _pairs(rows), {"count": len(lost), "first": lost[:LISTED]}


def _homes_at(address: str, school: str, lookup: _Lookup) -> Any:
    """Return the homes of an address: those that bear it, else the one at its place."""
    if lookup.streets is None or lookup.addresses is None:
        return np.empty(0, np.int64)
    readings = [one for one in read_address(address) if one.form == HOUSE and one.house]
    for one in readings:
        street = lookup.street_of(one.streets[0], school)
        homes: Any = lookup.addresses.at(street[0], one.house) if street and one.house else []
        if len(homes):
            return homes
    place = lookup.streets.best(readings)
    if place.fault is not None or place.rank >= STREET_ONLY:
        return np.empty(0, np.int64)
    return lookup.addresses.near(place.x, place.y)


def _texts(
    given: pd.DataFrame | None, names: SchoolNames, lookup: _Lookup
) -> tuple[pd.DataFrame | None, dict[str, Any] | None]:
    """Follow the lines of a text to the homes on their streets."""
    if given is None:
        return None, None
    pairs: list[tuple[str, str]] = []
    told = _TextFacts()
    columns = (given["streets"], given["school"], given["source_row"])
    for text, written, line in zip(*columns, strict=True):
        school = names.find(written) or written
        listing = read_house_list(text or "", lookup.is_street)
        told.lines += 1
        told.unmatched += [_line(line, written, part) for part in listing.unread]
        for item in listing.streets:
            named = _line(line, written, item.text)
            pairs += [(home, school) for home in _homes_of(item, school, lookup, told, named)]
    return _pairs(pairs), told.to_json(len({home for home, _ in pairs}))


def _homes_of(
    item: ListedStreet, school: str, lookup: _Lookup, told: _TextFacts, line: dict[str, Any]
) -> list[str]:
    street = lookup.street_of(item.street, school)
    told.streets += 1
    if street is None or lookup.addresses is None:
        told.unmatched.append(line)
        return []
    homes = lookup.ids(lookup.addresses.listed(street[0], item))
    told.scores.append(street[1])
    if not homes:
        told.without_homes.append(line)
    elif street[1] < SURE_SCORE and lookup.streets is not None:
        name = lookup.streets.name(street[0])
        told.unsure.append(line | {"street": name, "score": round(street[1], 1)})
    return homes


def _line(line: int, school: str, text: str) -> dict[str, Any]:
    return {"line": int(line), "school": school, "text": text[:120]}
