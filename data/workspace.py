"""The workspace: one folder with the region's card, its boundary, database and snapshots."""

from __future__ import annotations

import importlib.resources
import json
import re
import tomllib
import zoneinfo
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import shapely
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    ValidationError,
    field_validator,
)
from shapely.geometry import MultiPolygon, Polygon
from sqlalchemy import URL

from data.polygon_files import read_polygon_file
from data.schedule import Schedule
from data.sealed_folders import replace_file
from data.settings import StoreSettings
from geo.errors import NotFoundError, UsageError
from geo.study_area import StudyArea, build_study_area

REGION_FILE = "region.toml"
BOUNDARY_FILE = "boundary.geojson"
MAPPINGS_FOLDER, CODES_FOLDER = "mappings", "codes"
RENAMES_FILE = "street_names.csv"
"""In the folder of codes: streets that were renamed."""


class Region(BaseModel):
    """The card of a region as it stands in ``region.toml``; each field is one key there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: StrictStr = Field(min_length=1, description="What people call the place.")
    region_code: StrictStr = Field(default="", description="Official code, such as 192710.")
    boundary: StrictStr = Field(default=BOUNDARY_FILE, description="File with the boundary.")
    metric_crs: StrictStr = Field(description="Projected CRS in metres, such as EPSG:32639.")
    time_zone: StrictStr = Field(description="Name in the tz database, such as Asia/Oral.")
    languages: tuple[Literal["kk", "ru", "en"], ...] = Field(
        default=("kk", "ru", "en"), min_length=1, description="Languages of the pages, first first."
    )
    resolutions: tuple[Annotated[StrictInt, Field(ge=0, le=15)], ...] = Field(
        default=(7, 8, 9, 10), min_length=1, description="H3 resolutions, the last one is scored."
    )
    synthetic: StrictBool = Field(default=False, description="Whether every record is invented.")
    schedule: Schedule = Field(default=Schedule(), description="What is done every night.")

    @field_validator("boundary")
    @classmethod
    def _boundary_stays_inside(cls, value: str) -> str:
        if not re.fullmatch(r"[\w-][\w.-]*", value):
            raise ValueError("give a file name in the workspace, without folders")
        return value

    @field_validator("time_zone")
    @classmethod
    def _time_zone_is_known(cls, value: str) -> str:
        if value not in zoneinfo.available_timezones():
            raise ValueError(f"{value!r} is not a zone of the tz database")
        return value

    @field_validator("resolutions")
    @classmethod
    def _resolutions_ascend(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if list(value) != sorted(set(value)):
            raise ValueError("name each resolution once, the coarsest first")
        return value


@dataclass(frozen=True)
class Workspace:
    """An opened workspace.

    Attributes
    ----------
    path
        Its folder.
    region
        The card read from ``region.toml``.
    """

    path: Path
    region: Region

    @cached_property
    def study_area(self) -> StudyArea:
        """The boundary with its metric plane and its clock."""
        return build_study_area(
            self.region.name,
            _read_boundary(self.path / self.region.boundary),
            time_zone=self.region.time_zone,
            metric_crs=self.region.metric_crs,
        )

    @property
    def snapshots(self) -> Path:
        """Folder of the published and waiting snapshots."""
        return self.path / "snapshots"

    @property
    def extracts(self) -> Path:
        """Folder of the street map extracts."""
        return self.path / "extracts"

    @property
    def exports(self) -> Path:
        """Folder of the files made for people to take away."""
        return self.path / "exports"

    def database_url(self, settings: StoreSettings) -> str:
        """Return the database the settings name, else the SQLite file of this workspace."""
        if settings.database_url:
            return settings.database_url
        file = (self.path / "safe_region.db").resolve()
        return URL.create("sqlite", database=str(file)).render_as_string()


def create_workspace(path: Path, region: Region, boundary: Polygon | MultiPolygon) -> Workspace:
    """Make the folder with its card and boundary; the card is written last and completes it.

    Raises
    ------
    UsageError
        ``workspace_exists`` where a card is already there; the boundary's own codes.
    """
    if (path / REGION_FILE).exists():
        raise UsageError(
            f"{path} is a workspace already; choose another --dir or remove it.",
            code="workspace_exists",
        )
    build_study_area(
        region.name, boundary, time_zone=region.time_zone, metric_crs=region.metric_crs
    )

    path.mkdir(parents=True, exist_ok=True)
    feature = {
        "type": "Feature",
        "properties": {"name": region.name},
        "geometry": json.loads(shapely.to_geojson(boundary)),
    }
    replace_file(path / region.boundary, json.dumps(feature, ensure_ascii=False).encode())
    replace_file(path / REGION_FILE, _region_toml(region).encode())
    return Workspace(path, region)


def open_workspace(path: Path) -> Workspace:
    """Open the workspace in a folder.

    Raises
    ------
    NotFoundError
        ``workspace_missing``.
    UsageError
        ``region_invalid``, naming every key at fault.
    """
    file = path / REGION_FILE
    try:
        keys = tomllib.loads(file.read_bytes().decode())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFoundError(
            f"{path} is no workspace (no {REGION_FILE}); make one with 'safe-region init' or name "
            "another folder with --dir.",
            code="workspace_missing",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} is not TOML: {error}.", code="region_invalid") from error
    try:
        return Workspace(path, Region(**keys))
    except ValidationError as error:
        raise UsageError(f"{file}: {_key_faults(error)}.", code="region_invalid") from error


def propose_region(
    name: str, boundary: Polygon | MultiPolygon, *, region_code: str = "", synthetic: bool = False
) -> Region:
    """Fill a card from the boundary: UTM zone and time zone of its centre.

    Both are proposals that the person confirms or changes in ``region.toml``.
    """
    left, bottom, right, top = boundary.bounds
    zone = propose_time_zone((bottom + top) / 2, (left + right) / 2)
    area = build_study_area(name, boundary, time_zone=zone)
    return Region(
        name=name,
        region_code=region_code,
        metric_crs=area.metric_crs,
        time_zone=zone,
        synthetic=synthetic,
    )


def replace_keys(region: Region, keys: dict[str, Any]) -> Region:
    """Return the card with some keys changed, each checked as ``region.toml`` is.

    Raises
    ------
    UsageError
        ``region_invalid``, naming every key at fault.
    """
    try:
        return Region(**{**region.model_dump(), **keys})
    except ValidationError as error:
        raise UsageError(f"The region: {_key_faults(error)}.", code="region_invalid") from error


def propose_time_zone(lat: float, lon: float) -> str:
    """Name the zone whose principal place in the tz database lies nearest.

    Near a zone's border the neighbour's principal place may be the nearer one, so the answer is
    a proposal and never a finding.

    >>> propose_time_zone(51.23, 51.37)
    'Asia/Oral'
    """
    table = importlib.resources.files("tzdata.zoneinfo").joinpath("zone.tab").read_text("ascii")
    rows = [line.split("\t") for line in table.splitlines() if line and line[0] != "#"]
    places = np.radians([_iso6709_degrees(row[1]) for row in rows])
    here = np.radians([lat, lon])
    along = np.cos(here[0]) * np.cos(places[:, 0]) * np.cos(places[:, 1] - here[1])
    nearest = int(np.argmax(np.sin(here[0]) * np.sin(places[:, 0]) + along))
    return rows[nearest][2]


# -------------------------------------------------------------------------------------------


def _iso6709_degrees(text: str) -> tuple[float, float]:
    """Read ``±DDMM±DDDMM`` or ``±DDMMSS±DDDMMSS`` as latitude and longitude."""
    match = re.fullmatch(r"([+-])(\d\d)(\d\d)(\d\d)?([+-])(\d{3})(\d\d)(\d\d)?", text)
    if match is None:
        raise ValueError(f"zone.tab holds coordinates {text!r}")
    sign, degrees, minutes, seconds = zip(match.groups()[:4], match.groups()[4:], strict=True)
    return tuple(  # type: ignore[return-value]
        (-1 if s == "-" else 1) * (int(d) + int(m) / 60 + int(sec or 0) / 3600)
        for s, d, m, sec in zip(sign, degrees, minutes, seconds, strict=True)
    )


def _region_toml(region: Region) -> str:
    lines = ["# The card of this workspace; safe-region reads it at each start."]
    for key, field in Region.model_fields.items():
        if key != "schedule":  # a table, which must come last
            lines += ["", f"# {field.description}", f"{key} = {_toml_value(getattr(region, key))}"]
    return "\n".join([*lines, *_schedule_toml(region.schedule)]) + "\n"


def _schedule_toml(schedule: Schedule) -> list[str]:
    mark = "" if schedule.build else "# "
    beside = "" if schedule.imports else "# "
    patterns = schedule.imports or {"incidents": "drop/incidents/*.csv"}
    return [
        "",
        f"# {Region.model_fields['schedule'].description}",
        f"{mark}[schedule]",
        f"{mark}build = {_toml_value(schedule.build or '03:00')}",
        f"{mark}layer = {_toml_value(schedule.layer)}",
        f"{beside}[schedule.imports]",
        *(f"{beside}{noun} = {_toml_value(pattern)}" for noun, pattern in patterns.items()),
    ]


def _toml_value(value: str | bool | int | tuple[str | int, ...]) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml_value(item) for item in value) + "]"
    # A JSON string is a TOML basic string, but for DEL, which TOML wants escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key_faults(error: ValidationError) -> str:
    faults = error.errors(include_url=False, include_input=False)
    named = [(".".join(map(str, fault["loc"])), str(fault["msg"])) for fault in faults]
    return "; ".join(f"key '{key}': {words.removeprefix('Value error, ')}" for key, words in named)


def _read_boundary(file: Path) -> Polygon | MultiPolygon:
    if not file.is_file():
        raise NotFoundError(
            f"{file} is missing; region.toml names it as the boundary.", code="boundary_missing"
        )
    return read_polygon_file(file)
