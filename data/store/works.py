"""Save and read what is planned and done: lit streets, patrol plans, measures."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
from sqlalchemy import Connection

from data.store.assets import read_nouns, save_nouns
from data.store.versions import Added, Stamp
from data.tables import LitStreet, Measure, PatrolPlan
from geo.schema import LIT_STREETS, MEASURES, PATROL_PLANS


def save_lit_streets(connection: Connection, frames: Iterable[pd.DataFrame], stamp: Stamp) -> Added:
    """Add the stretches of streets that are not stored yet, and new versions of changed ones."""
    return save_nouns(connection, LitStreet, LIT_STREETS, frames, stamp)


def read_lit_streets(connection: Connection) -> pd.DataFrame:
    """Read the stretches (`geo.schema.LIT_STREETS`, year, owner, funding, cost_kzt, line)."""
    more = ["year", "owner", "funding", "cost_kzt", "line"]
    return read_nouns(connection, LitStreet, LIT_STREETS, more)


def save_plans(connection: Connection, frames: Iterable[pd.DataFrame], stamp: Stamp) -> Added:
    """Add the patrol plans that are not stored yet, and new versions of changed ones."""
    return save_nouns(connection, PatrolPlan, PATROL_PLANS, frames, stamp)


def read_plans(connection: Connection) -> pd.DataFrame:
    """Read the patrol plans (`geo.schema.PATROL_PLANS`, line) by ``plan_id``."""
    return read_nouns(connection, PatrolPlan, PATROL_PLANS, ["line"])


def save_measures(connection: Connection, frames: Iterable[pd.DataFrame], stamp: Stamp) -> Added:
    """Add the measures that are not stored yet, and new versions of changed ones."""
    return save_nouns(connection, Measure, MEASURES, frames, stamp)


def read_measures(connection: Connection) -> pd.DataFrame:
    """Read the measures (`geo.schema.MEASURES`, their paper, offices and line)."""
    more = ["funding", "contract", "verified_by", "responsible", "document", "line"]
    return read_nouns(connection, Measure, MEASURES, more)
