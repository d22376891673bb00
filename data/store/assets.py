"""Save and read what stands or moves in the streets: schools, homes, lamps, visits, cameras."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection

from data.store.frames import add_rows, read_rows
from data.tables import Camera, Home, Lamp, Model, PatrolVisit, School, table_of
from geo import columns as c
from geo.schema import CAMERAS, HOMES, LAMPS, SCHOOLS, VISITS, Column, Contract, check_frame


def save_schools(connection: Connection, frame: pd.DataFrame, import_id: int) -> int:
    """Add the schools that are not stored yet; return how many these were."""
    return _save(connection, School, SCHOOLS, frame, import_id)


def read_schools(connection: Connection) -> pd.DataFrame:
    """Read the schools (`geo.schema.SCHOOLS`, names in both languages, kind) by ``school_id``."""
    return _read(connection, School, SCHOOLS, [c.NAME_KK, c.NAME_RU, "kind"])


def save_homes(connection: Connection, frame: pd.DataFrame, import_id: int) -> int:
    """Add the homes that are not stored yet; return how many these were."""
    return _save(connection, Home, HOMES, frame, import_id)


def read_homes(connection: Connection) -> pd.DataFrame:
    """Read the homes (`geo.schema.HOMES`, kind) by ``home_id``."""
    return _read(connection, Home, HOMES, ["kind"])


def save_lamps(connection: Connection, frame: pd.DataFrame, import_id: int) -> int:
    """Add the lamps that are not stored yet; return how many these were."""
    return _save(connection, Lamp, LAMPS, frame, import_id)


def read_lamps(connection: Connection) -> pd.DataFrame:
    """Read the lamps (`geo.schema.LAMPS`, kind) by ``lamp_id``; an unknown state is None."""
    return _read(connection, Lamp, LAMPS, ["kind"])


def save_visits(connection: Connection, frame: pd.DataFrame, import_id: int) -> int:
    """Add the patrol visits that are not stored yet; return how many these were."""
    return _save(connection, PatrolVisit, VISITS, frame, import_id)


def read_visits(connection: Connection) -> pd.DataFrame:
    """Read the patrol visits (`geo.schema.VISITS`, kind) by ``visit_id``."""
    return _read(connection, PatrolVisit, VISITS, ["kind"])


def save_cameras(connection: Connection, frame: pd.DataFrame, import_id: int) -> int:
    """Add the cameras that are not stored yet; return how many these were."""
    return _save(connection, Camera, CAMERAS, frame, import_id)


def read_cameras(connection: Connection) -> pd.DataFrame:
    """Read the cameras (`geo.schema.CAMERAS`) by ``camera_id``; an unknown state is None."""
    return _read(connection, Camera, CAMERAS, [])


# -------------------------------------------------------------------------------------------


def _save(
    connection: Connection,
    model: type[Model],
    contract: Contract,
    frame: pd.DataFrame,
    import_id: int,
) -> int:
    id_name, *_ = contract  # the id is the start of the identity and not stored again
    stored = {"identity": Column("text"), **contract}
    del stored[id_name]
    table = table_of(model)
    check_frame(frame, stored, name=table.name)
    return add_rows(connection, table, frame.drop(columns=id_name, errors="ignore"), import_id)


def _read(
    connection: Connection, model: type[Model], contract: Contract, more: list[str]
) -> pd.DataFrame:
    id_name, *names = contract
    return read_rows(connection, table_of(model), [*names, *more], id_name)
