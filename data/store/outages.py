"""Save and read outages, and lay those that last over a day on the lamps or cameras they hit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

import pandas as pd
from sqlalchemy import Connection

from data.store.frames import add_rows, checked_frames, read_rows
from data.store.versions import Added, Stamp
from data.tables import Outage, table_of
from geo.coverage.outage_spans import lasts_over, with_outages
from geo.schema import OUTAGES, Column

LAMP, CAMERA = "lamp", "camera"


def save_outages(connection: Connection, frames: Iterable[pd.DataFrame], stamp: Stamp) -> Added:
    """Add the outages that are not stored yet, and new versions of those that ended since."""
    table = table_of(Outage)
    stored = {"identity": Column("text"), **OUTAGES}
    del stored["outage_id"]
    checked = checked_frames(frames, stored, name=table.name)
    return add_rows(connection, table, checked, stamp.import_id, stamp.moment)


def read_outages(connection: Connection) -> pd.DataFrame:
    """Read the outages (`geo.schema.OUTAGES`) by ``outage_id``."""
    _, *names = OUTAGES
    return read_rows(connection, table_of(Outage), names, "outage_id")


def outages_over(outages: pd.DataFrame, asset: str, as_of: date | None) -> pd.DataFrame:
    """Return the outages of one kind of asset that last at the end of a day; None: still last."""
    chosen = outages[outages["asset"] == asset]
    if as_of is None:
        return chosen[chosen["broken_to"].isna()]
    return chosen[lasts_over(chosen, as_of)]


def outages_begun(outages: pd.DataFrame, asset: str, as_of: date | None) -> pd.DataFrame:
    """Return the outages of one kind of asset that began by the end of a day; None: all of them."""
    chosen = outages[outages["asset"] == asset]
    if as_of is None:
        return chosen
    return chosen[chosen["broken_from"] < pd.Timestamp(as_of + timedelta(days=1))]


def lay_outages(assets: pd.DataFrame, outages: pd.DataFrame) -> pd.DataFrame:
    """Return assets with ``broken_from`` and ``broken_to`` of the outages that hit them.

    An outage hits the asset of its number and feeder; without a feeder the asset of its number,
    where only one has it; without a number every asset of its feeder. Of several outages the
    first beginning and the last end count.

    Parameters
    ----------
    assets
        ``number``, ``broken_from``, ``broken_to`` and, where known, ``feeder``.
    outages
        Of `outages_over`.
    """
    if not len(assets) or not len(outages):
        return assets
    return with_outages(assets, outage_hits(assets, outages))


def outage_hits(assets: pd.DataFrame, outages: pd.DataFrame) -> pd.DataFrame:
    """Pair outages with the assets that they hit, as `lay_outages` has it.

    Returns
    -------
    DataFrame
        asset_row (label in the index of the assets), broken_from, broken_to.
    """
    standing = pd.DataFrame(
        {
            "asset_row": assets.index,
            "number": _folded(assets["number"]),
            "feeder": _folded(assets["feeder"]) if "feeder" in assets else "",
        }
    )
    out = outages[["broken_from", "broken_to"]].assign(
        number=_folded(outages["number"]), feeder=_folded(outages["feeder"])
    )
    numbered, of_feeder = (
        out[out["number"] != ""],
        out[(out["number"] == "") & (out["feeder"] != "")],
    )
    exact = numbered[numbered["feeder"] != ""].merge(
        standing[standing["feeder"] != ""], on=["number", "feeder"]
    )
    single = standing[(standing["number"] != "") & ~standing["number"].duplicated(keep=False)]
    loose = numbered.merge(single, on="number", suffixes=("", "_there"))
    loose = loose[(loose["feeder"] == "") | (loose["feeder_there"] == "")]
    whole = of_feeder.drop(columns="number").merge(standing, on="feeder")
    columns = ["asset_row", "broken_from", "broken_to"]
    return pd.concat([exact[columns], loose[columns], whole[columns]], ignore_index=True)


# -------------------------------------------------------------------------------------------

_IDLE = re.compile(r"[\s№#_.]+")


def _folded(texts: pd.Series) -> pd.Series:
    known = {text: _IDLE.sub("", text).casefold() for text in texts.dropna().unique()}
    folded = texts.map(known).astype(object)
    return folded.where(folded.notna(), "")
