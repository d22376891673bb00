"""Give each row of a file a place: from its coordinates, else from the address that it names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.importers.mapped_columns import row_blocks
from data.importers.places.coordinates import locate_rows
from data.importers.places.geocoding import geocode
from data.importers.places.known_places import KnownPlaces
from data.importers.places.placement_checks import METHODS
from data.importers.report import OUTSIDE_REGION, BoolArray
from data.importers.tabular import SourceTable
from geo.study_area import FloatArray

ADDRESS_FIELDS = ("address", "street", "house", "crossing")
ADDRESS_UNKNOWN, ADDRESS_AMBIGUOUS = "address_unknown", "address_ambiguous"


@dataclass(frozen=True)
class RowPlaces:
    """Where the rows of a file lie.

    Attributes
    ----------
    lat, lon
        WGS84 degrees; NaN where the row has a fault.
    accuracy_m
        Half a step of the last digit given, or what the kind of address leaves open.
    method_code
        Place in `METHODS`; 0 where the row has no place.
    score
        How well the address was matched, 0–100; NaN where coordinates were given.
    """

    lat: FloatArray
    lon: FloatArray
    accuracy_m: FloatArray
    method_code: npt.NDArray[np.int8]
    score: FloatArray


def place_rows(
    table: SourceTable, places: KnownPlaces, placeless: BoolArray | None = None
) -> RowPlaces:
    """Place every row, mark those that cannot be placed or lie outside the study area.

    Parameters
    ----------
    table, places
        The file, and the map in which addresses are looked up.
    placeless
        Rows that need no place.

    Raises
    ------
    UsageError, InputRefusedError
        As `locate_rows`.
    """
    addressed = np.zeros(len(table.rows), bool)
    for name in ADDRESS_FIELDS:
        addressed |= table.text(name).notna().to_numpy(bool)
    excused = np.zeros(len(addressed), bool) if placeless is None else placeless
    located = locate_rows(table, places, addressed | excused)
    table.findings.update(
        {name: found for name, found in located.placement.findings.items() if found}
    )
    keep = table.columns.keep
    found = RowPlaces(
        lat=keep(located.lat),
        lon=keep(located.lon),
        accuracy_m=keep(located.placement.accuracy_m),
        method_code=located.placement.method_code.copy(),
        score=keep(np.full(len(addressed), np.nan)),
    )
    sought = located.missing & addressed & ~excused
    if sought.any():
        _look_up(table, places, found, sought)
    return found


def written_address(table: SourceTable) -> pd.Series:
    """Return what the file says of each row's address, its parts joined; missing where nothing."""
    parts = [table.text(name) for name in ADDRESS_FIELDS if name in table.texts]
    if len(parts) < 2:
        return parts[0] if parts else table.text("address")
    return table.columns.keep_texts(
        _joined([part.iloc[rows] for part in parts]) for rows in row_blocks(len(table.rows))
    )


# -------------------------------------------------------------------------------------------


def _joined(parts: list[pd.Series]) -> pd.Series:
    joined = parts[0].fillna("")
    for part in parts[1:]:
        joined = joined.str.cat(part.fillna(""), sep=" ")
    joined = joined.str.strip()
    return joined.where(joined != "")


def _look_up(table: SourceTable, places: KnownPlaces, found: RowPlaces, sought: BoolArray) -> None:
    """Place the sought rows by their address, filling the arrays of ``found``."""
    head = next(table.head(name) for name in ADDRESS_FIELDS if name in table.texts)
    gazetteer = places.gazetteer()
    if gazetteer is None:
        table.warnings.append(
            f"no_map_for_addresses: {int(sought.sum())} rows name an address only; import a street "
            "map first, then bring the file again."
        )
        table.faults.add(sought, head, "coord_missing")
        return
    requests = pd.DataFrame(
        {name: table.text(name)[sought] for name in ADDRESS_FIELDS if name in table.texts}
    )
    placed = geocode(gazetteer, requests)
    rows = np.flatnonzero(sought)
    for fault in (ADDRESS_UNKNOWN, ADDRESS_AMBIGUOUS):
        _mark(table, rows[(placed["fault"] == fault).to_numpy(bool)], head, fault)
    lat, lon = placed["lat"].to_numpy(float), placed["lon"].to_numpy(float)
    known = np.isfinite(lat)
    inside = np.zeros(len(rows), bool)
    inside[known] = places.area.contains(lat[known], lon[known])
    _mark(table, rows[known & ~inside], head, OUTSIDE_REGION)
    found.lat[rows], found.lon[rows] = lat, lon
    found.accuracy_m[rows] = placed["geo_accuracy_m"].to_numpy(float)
    code = {method: number for number, method in enumerate(METHODS)}
    found.method_code[rows] = placed["geo_method"].map(code).fillna(0)
    found.score[rows] = placed["geo_score"].to_numpy(float)
    methods = placed["geo_method"].value_counts().sort_index()
    table.findings["geocoded"] = {
        "rows": int(known.sum()),
        "by_method": {str(name): int(count) for name, count in methods.items()},
        "lowest_score": round(float(np.nanmin(found.score[rows])), 1) if known.any() else None,
    }


def _mark(table: SourceTable, rows: npt.NDArray[np.int64], head: str, code: str) -> None:
    mask = np.zeros(len(table.rows), bool)
    mask[rows] = True
    table.faults.add(mask, head, code)
