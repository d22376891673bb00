"""Save and read what stands or moves in the streets: schools, homes, lamps, visits, cameras."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pandas as pd
from sqlalchemy import Connection

from data.store.frames import add_rows, checked_frames, read_rows
from data.store.outages import (
    CAMERA,
    LAMP,
    lay_outages,
    outage_hits,
    outages_begun,
    outages_over,
    read_outages,
)
from data.store.versions import Added, Stamp
from data.tables import Camera, Home, Lamp, Model, PatrolVisit, School, table_of
from geo import columns as c
from geo.coverage.outage_spans import past_outages
from geo.schema import CAMERAS, HOMES, LAMPS, SCHOOLS, VISITS, Column, Contract


def save_schools(connection: Connection, frames: Iterable[pd.DataFrame], stamp: Stamp) -> Added:
    """Add the schools that are not stored yet, and new versions of changed ones."""
    return save_nouns(connection, School, SCHOOLS, frames, stamp)


def read_schools(connection: Connection) -> pd.DataFrame:
    """Read the schools (`geo.schema.SCHOOLS`, names in both languages, kind) by ``school_id``."""
    return read_nouns(connection, School, SCHOOLS, [c.NAME_KK, c.NAME_RU, "kind"])


def read_school_register(connection: Connection) -> pd.DataFrame:
    """Read every school as its register has it: with number, language, gates and who guards it."""
    flags = ["guard", "turnstile", "inspector", "cameras_connected"]
    more = [c.NAME_KK, c.NAME_RU, "kind", "number", "language", "gates", *flags]
    return read_nouns(connection, School, SCHOOLS, more)


def save_homes(connection: Connection, frames: Iterable[pd.DataFrame], stamp: Stamp) -> Added:
    """Add the homes that are not stored yet, and new versions of changed ones."""
    return save_nouns(connection, Home, HOMES, frames, stamp)


def read_homes(connection: Connection) -> pd.DataFrame:
    """Read the homes (`geo.schema.HOMES`, kind) by ``home_id``."""
    return read_nouns(connection, Home, HOMES, ["kind"])


def save_lamps(connection: Connection, frames: Iterable[pd.DataFrame], stamp: Stamp) -> Added:
    """Add the lamps that are not stored yet, and new versions of changed ones."""
    return save_nouns(connection, Lamp, LAMPS, frames, stamp)


def read_lamps(connection: Connection, *, as_of: date | None = None) -> pd.DataFrame:
    """Read the lamps that stand (`geo.schema.LAMPS`, kind, number, inspected_at) by ``lamp_id``.

    An unknown state is None. A lamp that an outage hits over the end of ``as_of`` bears its
    ``broken_from`` and ``broken_to``; without a day, one that an outage without an end hits. Lamps
    that are only planned are left out (`read_lamp_register` has them).
    """
    lamps = read_nouns(
        connection, Lamp, LAMPS, ["kind", "number", "feeder", "state", "inspected_at"]
    )
    lamps = lamps[lamps["state"] != "planned"].reset_index(drop=True)
    lamps = lay_outages(lamps, outages_over(read_outages(connection), LAMP, as_of))
    return lamps.drop(columns=["feeder", "state"])


def read_lamp_outages(connection: Connection, *, as_of: date | None = None) -> pd.DataFrame:
    """Read the outages of lamps that were over by the end of a day; without one, all that ended.

    They name the lamp or its feeder; those of whole streets are found on the map. Columns are
    lamp_id, broken_from, broken_to.
    """
    lamps = read_nouns(connection, Lamp, LAMPS, ["number", "feeder"])
    begun = outages_begun(read_outages(connection), LAMP, as_of)
    return past_outages(lamps, outage_hits(lamps, begun), as_of, "lamp_id")


def read_lamp_register(connection: Connection) -> pd.DataFrame:
    """Read every lamp as its register has it: with number, owner, funding, state, inspection."""
    more = ["kind", "number", "feeder", "owner", "funding", "state", "inspected_at"]
    return read_nouns(connection, Lamp, LAMPS, more)


def save_visits(connection: Connection, frames: Iterable[pd.DataFrame], stamp: Stamp) -> Added:
    """Add the patrol visits that are not stored yet, and new versions of changed ones."""
    return save_nouns(connection, PatrolVisit, VISITS, frames, stamp)


def read_visits(connection: Connection) -> pd.DataFrame:
    """Read the patrol visits (`geo.schema.VISITS`, kind) by ``visit_id``."""
    return read_nouns(connection, PatrolVisit, VISITS, ["kind"])


def save_cameras(connection: Connection, frames: Iterable[pd.DataFrame], stamp: Stamp) -> Added:
    """Add the cameras that are not stored yet, and new versions of changed ones."""
    return save_nouns(connection, Camera, CAMERAS, frames, stamp)


def read_cameras(connection: Connection, *, as_of: date | None = None) -> pd.DataFrame:
    """Read the cameras by ``camera_id``; an unknown state is None.

    Columns of `geo.schema.CAMERAS` and what else the register has of them; outages as in
    `read_lamps`.
    """
    state = ["broken_to", "connected", "angle_deg", "retention_days"]
    more = [*state, "number", "owner", "funding", "inspected_at"]
    cameras = read_nouns(connection, Camera, CAMERAS, more)
    return lay_outages(cameras, outages_over(read_outages(connection), CAMERA, as_of))


def save_nouns(
    connection: Connection,
    model: type[Model],
    contract: Contract,
    frames: Iterable[pd.DataFrame],
    stamp: Stamp,
) -> Added:
    """Add rows of a noun that are not stored yet, and new versions of changed ones.

    Parameters
    ----------
    model, contract
        Table of the noun and what its frame must keep; the first column is the id, which is the
        start of the identity and not stored again.
    frames
        Blocks; a column ``rows`` (how many rows of the file stand behind each) is not stored.
    """
    id_name, *_ = contract
    stored = {"identity": Column("text"), **contract}
    del stored[id_name]
    table = table_of(model)
    plain = (frame.drop(columns="rows", errors="ignore") for frame in frames)
    checked = checked_frames(plain, stored, name=table.name, without=id_name)
    return add_rows(connection, table, checked, stamp.import_id, stamp.moment)


def read_nouns(
    connection: Connection, model: type[Model], contract: Contract, more: list[str]
) -> pd.DataFrame:
    """Read the columns of a contract and more of them, by the contract's id."""
    id_name, *names = contract
    return read_rows(connection, table_of(model), [*names, *more], id_name)
