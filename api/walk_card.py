"""The walk card of a school: what anybody may see of the way to it on one day."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import numpy as np
import pandas as pd

from api.answers import as_rows
from api.dependencies import OpenedSnapshot, Published
from data.codes.calendar_table import school_calendar
from data.importers.street_map.osm import extract_from_arrow
from data.store.extracts import read_extract
from data.workspace import CODES_FOLDER
from geo import columns as c
from geo.coverage.daylight import darkness, local_to_utc, sun_times
from geo.disclosure import PUBLIC
from geo.disclosure_walks import disclose_card_walks, disclose_recommended
from geo.parameters import HazardParameters
from geo.streets.alternatives import LIGHT_M
from geo.streets.exposure import parse_shifts
from geo.streets.gate_surroundings import GateSurroundings, gate_surroundings
from maps.labels import local_name, school_label
from maps.pages.walk_card import SchoolRow
from maps.pages.walk_drawing import draw_streets
from maps.walk_card_texts import Trip, WalkCard

HELP_KINDS = ("police",)
"""Kinds of the map's points where a child finds help."""

HELP_WITHIN_M = 1500.0
_GATES = "school_gates"


def card_day(published: Published, today: dt.date) -> dt.date:
    """Return the day a card is for where none is named: the first school day from today on."""
    calendar = school_calendar(published.workspace.path / CODES_FOLDER).calendar
    return calendar.first_school_day(today) or today


def walk_card(
    published: Published, opened: OpenedSnapshot, school: pd.DataFrame, day: dt.date, lang: str
) -> WalkCard:
    """Put the card of a school together.

    Parameters
    ----------
    school
        One row of the SCHOOLS contract.
    """
    workspace, card = published.workspace, opened.snapshot.run_card
    calendar = school_calendar(workspace.path / CODES_FOLDER).calendar
    school_id = str(school[c.SCHOOL_ID].iloc[0])
    trips = _trips(opened, school, day, workspace.region.time_zone)
    dark = any(trip.darkness > 0 for trip in trips)
    gates = _gates(opened, school)
    around = _surroundings(published, opened, school_id, gates[0], dark=dark)
    help_points = _help_points(published, opened, gates[0])
    sun = sun_times(*_place(school), day, workspace.region.time_zone)
    told = card["streets"]["routes"]
    osm_date = card.get("osm_date")
    return WalkCard(
        school_id=school_id,
        label=_label(school, lang),
        day=day,
        trips=trips,
        sun=tuple(None if np.isnat(t) else str(t)[11:16] for t in (sun.sunrise, sun.sunset)),
        dark=dark,
        school_day=calendar.is_school_day(day),
        calendar_verified=calendar.is_verified(day),
        shifts_assumed=bool(school["shift_times_assumed"].iloc[0]),
        gates_assumed=school_id in told.get("schools_without_gate", ()),
        homes_assumed=told.get("origins_basis") not in {None, "homes"},
        unreachable=school_id in told["unreachable_schools"],
        drawing=draw_streets(around.streets, _points(workspace.study_area, gates, around,
                                                     help_points), lang),
        streets=_street_rows(around.streets, lang),
        meetings=_meeting_rows(around, lang),
        help_points=tuple(
            (local_name(row, c.NAME, lang), float(row["distance_m"])) for row in
            as_rows(help_points)
        ),
        as_of=opened.as_of,
        osm_date=None if osm_date is None else dt.date.fromisoformat(osm_date[:10]),
        run_id=opened.snapshot.run_id,
    )  # fmt: skip


def school_rows(opened: OpenedSnapshot, lang: str) -> list[SchoolRow]:
    """List the schools of a run by their labels, numbers in their order, the unnamed last."""
    walks = as_rows(disclose_card_walks(opened.frame("school_walks")))
    dark = {row[c.SCHOOL_ID]: row for row in walks if row["dark"]}
    rows = []
    for row in as_rows(opened.frame("schools")):
        walk = dark.get(row[c.SCHOOL_ID])
        rows.append(
            SchoolRow(
                school_id=str(row[c.SCHOOL_ID]),
                label=school_label(local_name(row, c.NAME, lang), lang),
                shifts=tuple(str(row["shift_times"]).split(";")),
                metres=None if walk is None else float(walk["metres"]),
                unlit_m=None if walk is None else float(walk[c.UNLIT_M]),
            )
        )
    unnamed = school_label(None, lang)
    return sorted(rows, key=lambda row: (row.label == unnamed, _natural(row.label), row.school_id))


# -------------------------------------------------------------------------------------------


def _natural(label: str) -> list[tuple[int, str]]:
    parts = re.findall(r"\d+|\D+", label.casefold())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _label(school: pd.DataFrame, lang: str) -> str:
    return school_label(local_name(as_rows(school)[0], c.NAME, lang), lang)


def _place(school: pd.DataFrame) -> tuple[float, float]:
    return float(school[c.LAT].iloc[0]), float(school[c.LON].iloc[0])


def _trips(
    opened: OpenedSnapshot, school: pd.DataFrame, day: dt.date, time_zone: str
) -> tuple[Trip, ...]:
    """Return the ways there and back of each shift, each as dark as it gets on the way."""
    walks = disclose_card_walks(opened.frame("school_walks"))
    own = walks[(walks[c.SCHOOL_ID] == school[c.SCHOOL_ID].iloc[0]).to_numpy(bool)]
    ways = {bool(row["dark"]): _ways(row) for row in as_rows(own)}
    lead = HazardParameters().walk_lead_minutes / 60
    shifts = parse_shifts(school["shift_times"].iloc[0], school=school[c.SCHOOL_ID].iloc[0])
    midnight = np.datetime64(day, "s")
    trips = []
    for number, (start, end) in enumerate(shifts, start=1):
        for there, span in ((True, (start - lead, start)), (False, (end, end + lead))):
            local = midnight + (np.array(span) * 3600).astype("timedelta64[s]")
            utc = local_to_utc(local, time_zone)
            dark = float(darkness(*_place(school), utc[~np.isnat(utc)]).max(initial=0.0))
            lessons = start if there else end
            trips.append(
                Trip(number, there, _clock(span[0]), _clock(lessons), dark, ways.get(dark > 0))
            )
    return tuple(trips)


def _ways(row: Any) -> dict[str, dict[str, float]]:
    names = ("metres", *LIGHT_M)
    return {
        "calm": {name: float(row[name]) for name in names},
        "shortest": {name: float(row[f"shortest_{name}"]) for name in names},
    }


def _clock(hour: float) -> dt.time:
    minutes = round(hour * 60) % (24 * 60)
    return dt.time(minutes // 60, minutes % 60)


def _gates(opened: OpenedSnapshot, school: pd.DataFrame) -> list[tuple[float, float]]:
    """Return where the gates stand, the one that most pupils use first."""
    if f"{_GATES}.parquet" in opened.snapshot.manifest["files"]:
        frame = opened.frame(_GATES)
        own = frame[(frame[c.SCHOOL_ID] == school[c.SCHOOL_ID].iloc[0]).to_numpy(bool)]
        own = own.sort_values(c.PUPILS, ascending=False, kind="stable")
        if len(own):
            return list(zip(own[c.LAT].tolist(), own[c.LON].tolist(), strict=True))
    return [_place(school)]


def _surroundings(
    published: Published,
    opened: OpenedSnapshot,
    school_id: str,
    gate: tuple[float, float],
    *,
    dark: bool,
) -> GateSurroundings:
    calm = opened.frame("calm_routes")
    own = calm[((calm[c.SCHOOL_ID] == school_id) & (calm["dark"] == dark)).to_numpy(bool)]
    sections = opened.frame("sections")
    recommended = disclose_recommended(own, PUBLIC)[c.SECTION_ID]
    walked = sections[c.SECTION_ID].isin(recommended)
    return gate_surroundings(sections, walked, gate, published.workspace.study_area)


def _points(
    area: Any, gates: list[tuple[float, float]], around: GateSurroundings, help_points: pd.DataFrame
) -> dict[str, list[tuple[float, float]]]:
    """Return what is marked on the drawing, in metres east and north of the first gate."""
    x, y = area.to_metric(*np.array(gates).T)
    meetings = around.meetings[["x_m", "y_m"]].drop_duplicates().to_numpy(float)
    return {
        "gates": list(zip((x - x[0]).tolist(), (y - y[0]).tolist(), strict=True)),
        "meetings": [(float(east), float(north)) for east, north in meetings],
        "help": list(zip(help_points["x_m"].tolist(), help_points["y_m"].tolist(), strict=True)),
    }


def _street_rows(streets: pd.DataFrame, lang: str) -> tuple[tuple[str, dict[str, float]], ...]:
    """Return the walked streets by name, the longest first, with their metres by light.

    Those without a name come last, together.
    """
    walked = streets[streets["walked"].to_numpy(bool)]
    names = [local_name(row, c.NAME, lang) for row in as_rows(walked)]
    total = walked[["inside_m", *LIGHT_M]].groupby(np.array(names, object)).sum()
    ordered = total.sort_values("inside_m", ascending=False, kind="stable")
    ordered = pd.concat([ordered[ordered.index != ""], ordered[ordered.index == ""]])
    return tuple(
        (str(name), {key: float(row[key]) for key in LIGHT_M}) for name, row in ordered.iterrows()
    )


def _meeting_rows(around: GateSurroundings, lang: str) -> tuple[tuple[str, str], ...]:
    """Return the big streets that the way meets, each once by name, with the light there."""
    found: dict[str, str] = {}
    big = as_rows(around.streets.iloc[around.meetings["street"].to_numpy()])
    for row in big:
        name = local_name(row, c.NAME, lang)
        if name:
            found[name] = row[c.LIGHT] if found.get(name, row[c.LIGHT]) == row[c.LIGHT] else "mixed"
    return tuple(sorted(found.items()))


def _help_points(
    published: Published, opened: OpenedSnapshot, gate: tuple[float, float]
) -> pd.DataFrame:
    """Return the nearest places of help with their distance from the gate."""
    known = published.kept_while_current(
        "help_points", lambda run: _read_help_points(published, run)
    )
    area = published.workspace.study_area
    x, y = area.to_metric(known[c.LAT], known[c.LON])
    gate_x, gate_y = (float(value[0]) for value in area.to_metric([gate[0]], [gate[1]]))
    found = known.assign(x_m=x - gate_x, y_m=y - gate_y)
    found["distance_m"] = np.hypot(found["x_m"], found["y_m"])
    near = found[(found["distance_m"] <= HELP_WITHIN_M).to_numpy(bool)]
    return near.sort_values("distance_m", ignore_index=True).head(3)


def _read_help_points(published: Published, opened: OpenedSnapshot) -> pd.DataFrame:
    """Read the places of help from the run's own map; none where another was imported since."""
    columns = [c.NAME, c.NAME_KK, c.NAME_RU, c.LAT, c.LON]
    with published.database.reading() as connection:
        tables = read_extract(connection, published.workspace.extracts)
    if tables is None:
        return pd.DataFrame(columns=columns)
    extract = extract_from_arrow(tables)
    same = extract.facts["sha256"] == opened.snapshot.run_card["inputs"]["map"]
    helps = extract.points["kind"].isin(HELP_KINDS).to_numpy(bool) & same
    return pd.DataFrame(extract.points[helps][columns]).reset_index(drop=True)
