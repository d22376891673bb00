"""An office's own files about who attends which school, in the folder ``schools`` of a workspace.

``population``, ``catchments`` and ``assignments``, each in any form that
`data.importers.attendance` reads, may simply lie there. What ``safe-region import`` has brought
lies below, by the number of its import, and goes before such a file; withdrawn imports are passed
over. They tell of places and numbers, never of a pupil.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from data.frame_files import read_frame, write_frame
from data.importers.attendance import (
    ASSIGNMENTS,
    CATCHMENT_TEXTS,
    CATCHMENTS,
    POPULATION,
    read_assignments_file,
    read_catchments_file,
    read_population_file,
)
from data.importers.places.known_places import KnownPlaces
from data.importers.report import Imported
from data.importers.tabular import ReadOptions
from geo import columns as c
from geo.errors import InputRefusedError
from geo.study_area import WGS84

SCHOOLS_FOLDER = "schools"
IMPORTS_FOLDER = "imports"
LARGEST_FILE_BYTES = 50_000_000
LISTED = 20

READ = {
    POPULATION: read_population_file,
    CATCHMENTS: read_catchments_file,
    ASSIGNMENTS: read_assignments_file,
}
"""Noun, and name of a file without its suffix → its reader."""

FORMS = {POPULATION: (POPULATION,), CATCHMENTS: (CATCHMENTS, CATCHMENT_TEXTS),
         ASSIGNMENTS: (ASSIGNMENTS,)}  # fmt: skip
"""What a file of each noun may turn out to hold."""


@dataclass(frozen=True)
class SchoolFiles:
    """What an office has brought; None where it has no such file.

    Attributes
    ----------
    assignments
        home or address, school (as written), source_row.
    catchments
        school (as written) and polygons.
    catchment_texts
        school (as written), streets, source_row.
    population
        As `geo.streets.origins.homes_of_population` takes it.
    digest
        SHA-256 of what was read, by which a run can name it; equal files of two formats have one.
    sources
        Noun (homes, schools) → names of the sources of its rows, whose own ids the files may use.
    facts
        By what each file holds: rows, refused (count) and first (refused rows with column, code).
    """

    assignments: pd.DataFrame | None = None
    catchments: gpd.GeoDataFrame | None = None
    catchment_texts: pd.DataFrame | None = None
    population: gpd.GeoDataFrame | None = None
    digest: str = ""
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


def read_school_files(
    folder: Path, places: KnownPlaces, imports: Iterable[tuple[int, str]] = ()
) -> SchoolFiles:
    """Read what there is.

    Parameters
    ----------
    imports
        Number and noun of the imports that stand; of each form the latest counts.

    Raises
    ------
    InputRefusedError
        ``school_file_invalid`` or ``too_complex``; names the file and what it lacks.
    """
    kept = _kept_files(folder, imports)
    frames: dict[str, pd.DataFrame] = {form: read_frame(file) for form, file in kept.items()}
    facts = {form: _facts(frame) for form, frame in frames.items()}
    for noun in READ:
        for file in sorted(folder.glob(f"{noun}.*")):
            form, frame, told = _read(noun, file, places)
            if form in kept:
                continue
            if form in frames:
                raise _invalid(file, "another file of this kind lies beside it; keep one")
            frames[form], facts[form] = frame, told
    digest = _digest(frames, facts)
    return SchoolFiles(**frames, digest=digest, facts=facts)  # type: ignore[arg-type]


def keep_school_file(folder: Path, import_id: int, imported: Imported) -> None:
    """Keep what an import has brought, under its number."""
    own = folder / IMPORTS_FOLDER / str(import_id)
    if own.exists():  # of an import that was never finished
        shutil.rmtree(own)
    own.mkdir(parents=True)
    file = own / f"{imported.rows_are}.parquet"
    write_frame(file.with_suffix(".tmp"), shaped(imported))
    file.with_suffix(".tmp").replace(file)


def shaped(imported: Imported) -> pd.DataFrame:
    """Return the rows of a file; those with geometries in an order that the file does not tell."""
    frame = pd.concat([*imported.blocks], ignore_index=True)
    if c.GEOMETRY not in frame:
        return frame
    plain = frame.drop(columns="source_row").assign(wkb=shapely.to_wkb(frame[c.GEOMETRY]))
    others = [str(name) for name in plain if name not in ("wkb", c.GEOMETRY)]
    ordered = plain.sort_values(["wkb", *others], ignore_index=True).drop(columns="wkb")
    shapes: pd.DataFrame = gpd.GeoDataFrame(ordered, geometry=c.GEOMETRY, crs=WGS84)
    return shapes


# -------------------------------------------------------------------------------------------


def _kept_files(folder: Path, imports: Iterable[tuple[int, str]]) -> dict[str, Path]:
    """Return the file of each form that the latest standing import of it has brought."""
    found = {}
    for import_id, noun in sorted(imports):
        for form in FORMS.get(noun, ()):
            file = folder / IMPORTS_FOLDER / str(import_id) / f"{form}.parquet"
            if file.is_file():
                found[form] = file
    return found


def _read(noun: str, file: Path, places: KnownPlaces) -> tuple[str, pd.DataFrame, dict[str, Any]]:
    if file.stat().st_size > LARGEST_FILE_BYTES:
        raise InputRefusedError(f"{file.name} is larger than 50 MB.", code="too_complex")
    try:
        imported = READ[noun](file, ReadOptions(), places)
    except InputRefusedError as error:
        raise _invalid(file, str(error)) from error
    frame = shaped(imported)
    return imported.rows_are, frame, _facts(frame, imported)


def _facts(frame: pd.DataFrame, imported: Imported | None = None) -> dict[str, Any]:
    refused = [] if imported is None else imported.refused.to_dict("records")
    first = [
        {name: fault[name] for name in ("row", "column", "code")} for fault in refused[:LISTED]
    ]
    return {
        "rows": len(frame),
        "refused": 0 if imported is None else imported.report.quarantined,
        "first": [{**fault, "row": int(fault["row"])} for fault in first],
    }


def _digest(frames: Mapping[str, pd.DataFrame], facts: Mapping[str, Any]) -> str:
    whole = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    for form in sorted(frames):
        frame = frames[form]
        for name in sorted(map(str, frame)):
            values = shapely.to_wkb(frame[name], hex=True) if name == c.GEOMETRY else frame[name]
            whole.update(f"{form}\0{name}\0{[*values]!r}".encode())
    return whole.hexdigest()


def _invalid(file: Path, why: str) -> InputRefusedError:
    return InputRefusedError(
        f"{SCHOOLS_FOLDER}/{file.name}: {why} (see docs/school-walk.md for its form).",
        code="school_file_invalid",
    )
