"""Small sound frames for every table of records, and the hash of what a table holds."""

import datetime as dt
import hashlib
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection, Table

from data.store.frames import read_rows
from data.store.imports import ImportRecord, SavedImport, save_import

DAY = dt.datetime(2026, 3, 2, 8, 30)
MOMENT = dt.datetime(2026, 4, 1, 9, 0)
NO_FAULTS = pd.DataFrame({"row": [], "column": [], "code": []})
LINE = shapely.LineString([(51.37, 51.2), (51.3702, 0.1 + 0.2), (51.371, 51.21)])


def identities(count: int, salt: str = "") -> list[str]:
    return [hashlib.md5(f"{salt}{n}".encode()).hexdigest() for n in range(count)]


def recorded(count: int, salt: str = "", **columns: Any) -> pd.DataFrame:
    made = {"identity": identities(count, salt), "source_row": np.arange(count) + 2}
    return pd.DataFrame(made).assign(**columns)


def placed(count: int, salt: str = "", **columns: Any) -> pd.DataFrame:
    rows = np.arange(count)
    return recorded(count, salt, lat=51.2 + rows % 1000 / 1000, lon=51.37 + rows / 1e5, **columns)


def offences(count: int, **columns: Any) -> dict[str, Any]:
    rows = np.arange(count)
    made = {
        "source": "register",
        "register": "erdr",
        "reference_hash": [None, "f" * 64] * (count // 2) + [None] * (count % 2),
        "offence_group": np.array(["child", "violence", None, "drugs"], object)[rows % 4],
        "gravity": pd.array(np.where(rows % 3, rows % 5, pd.NA), dtype="Int64"),
        "severity_days": np.where(rows % 3 == 0, np.nan, 456.0),
        "is_misdemeanour": np.array([None, True, False], object)[rows % 3],
        "occurred_at": pd.Timestamp(DAY) + pd.to_timedelta(rows, unit="h"),
        "occurred_to": pd.NaT,
        "occurred_precision": "minute",
        "place_type": "street",
        "sensitive": rows % 4 == 0,
        "discovery": "reported",
        "status": "active",
        "address_raw": 'Абай көшесі, "7"\n; \\N',
    }
    return made | columns


def incidents(count: int, salt: str = "", **columns: Any) -> pd.DataFrame:
    own = {"h3_cell": np.arange(count) + 0x8A1F00000000000, "address_key": "a"}
    return placed(count, salt, **offences(count), **own, geo_accuracy_m=np.nan).assign(**columns)


FRAMES = {
    "incidents": incidents(4),
    "unplaced_incidents": recorded(3, **offences(3), reason="address_unknown"),
    "dwelling_incidents": recorded(
        3, district=["", "Орал", "Орал"], month=pd.Timestamp("2026-03-01"), offence_group="child"
    ),
    "schools": placed(
        3,
        name=["№ 7", None, "Лицей"],
        shift_times="08:00-13:00",
        shift_times_assumed=True,
        pupils=[800.0, np.nan, 0.0],
        guard=[True, None, False],
        gates="51.2,51.37;51.21,51.38",
    ),
    "homes": placed(3, dwellings=[1.0, 60.0, 0.0]),
    "lamps": placed(
        3,
        mount_height_m=[8.0, np.nan, 0.0],
        working=[True, False, None],
        commissioned_at=[DAY, pd.NaT, pd.NaT],
        number=["12", None, "13а"],
        state=["works", "dead", None],
        inspected_at=DAY,
    ),
    "lit_streets": placed(
        2, street="Абай", lit=["yes", "partly"], length_m=[120.5, np.nan], line=[LINE, None]
    ),
    "cameras": placed(
        2, kind=["ptz", None], connected=[None, True], angle_deg=[90.0, np.nan], range_m=60.0
    ),
    "outages": recorded(2, asset="lamp", number="12", broken_from=DAY, broken_to=[DAY, pd.NaT]),
    "patrol_visits": placed(3, arrived_at=DAY, minutes=[15.0, 0.5, 0]),
    "patrol_plans": placed(
        2,
        number="3",
        starts_at="08:00",
        weekdays=["12345", None],
        staff=[2.0, np.nan],
        match_score=93.5,
        line=[None, LINE],
    ),
    "measures": placed(
        2, kind=["lamp", "help-point"], funded_kzt=[1.5e6, np.nan], line=[None, LINE]
    ),
}
"""A few rows for each table of records, with and without every kind of value."""


def record(rows_read: int, noun: str = "incidents", **changes: Any) -> ImportRecord:
    made = ImportRecord(
        noun=noun,
        source="register",
        file_name="march.csv",
        file_sha256=hashlib.sha256(changes.get("file_name", "").encode()).hexdigest(),
        imported_at=MOMENT,
        rows_read=rows_read,
    )
    return replace(made, **changes)


def save(connection: Connection, frame: pd.DataFrame, **changes: Any) -> SavedImport:
    return save_import(connection, record(len(frame), **changes), frame, NO_FAULTS)


def table_hash(connection: Connection, table: Table) -> str:
    """Hash what the current rows say, not which import or row of a file brought them when."""
    brought = {"import_id", "source_row", "valid_from", "valid_to"}
    names = [column.name for column in table.columns if column.name not in brought]
    rows = read_rows(connection, table, names, "id")
    for name in rows.select_dtypes(object):
        rows[name] = [
            shapely.to_wkb(value, hex=True) if isinstance(value, shapely.Geometry) else value
            for value in rows[name]
        ]
    return hashlib.sha256(rows.to_csv(index=False, float_format="%r").encode()).hexdigest()
