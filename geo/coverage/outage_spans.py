"""Outages in time: which last, what they cover together, and what a register says beside them."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]

SPAN = ["broken_from", "broken_to"]


def lasts_over(outages: pd.DataFrame, as_of: date) -> BoolArray:
    """Tell which outages (``broken_from``, ``broken_to``) last at the end of a day."""
    end = pd.Timestamp(as_of + timedelta(days=1))
    begun, ended = (pd.to_datetime(outages[name]) for name in SPAN)
    return (~(begun >= end) & ~(ended < end)).to_numpy(bool)


def with_outages(assets: pd.DataFrame, hits: pd.DataFrame) -> pd.DataFrame:
    """Return the assets with ``broken_from`` and ``broken_to`` of the outages that hit them.

    Of several outages the first beginning and the last end count; one without an end lasts still.
    What the register itself says is broken and not repaired stays so.

    Parameters
    ----------
    assets
        With the columns ``broken_from`` and ``broken_to``.
    hits
        asset_row (label in the index of the assets), broken_from, broken_to.
    """
    if not len(hits):
        return assets
    lasting = hits["broken_to"].isna().groupby(hits["asset_row"]).any()
    spans = hits.groupby("asset_row").agg({"broken_from": "min", "broken_to": "max"})
    spans.loc[lasting, "broken_to"] = pd.NaT

    laid = assets.copy()
    own = laid.loc[spans.index]
    still = own["broken_from"].notna() & own["broken_to"].isna()
    begun = spans["broken_from"].where(
        ~(still & (own["broken_from"] < spans["broken_from"])), own["broken_from"]
    )
    laid.loc[spans.index, "broken_from"] = begun
    laid.loc[spans.index, "broken_to"] = spans["broken_to"].where(~still)
    return laid


def past_outages(
    assets: pd.DataFrame, hits: pd.DataFrame, as_of: date | None, id_name: str
) -> pd.DataFrame:
    """Return the outages that were over by the end of a day, one row an asset and outage.

    An outage that ends before it begins is none. Where one that lasts hides the earlier time that
    the register itself gives an asset, that time is among them.

    Parameters
    ----------
    assets
        As the register has them, with ``broken_from`` and ``broken_to``.
    hits
        asset_row (label in the index of the assets), broken_from, broken_to; lasting ones too.
    as_of
        None: whatever has an end is over.

    Returns
    -------
    DataFrame
        The id, broken_from, broken_to.
    """
    if not len(hits):
        return assets[[id_name, *SPAN]].iloc[:0].reset_index(drop=True)
    over = hits["broken_to"].notna().to_numpy(bool)
    if as_of is not None:
        over = over & ~lasts_over(hits, as_of)
    hidden = assets.loc[hits["asset_row"][~over].unique()]
    hidden = hidden[hidden["broken_to"].notna()]
    ended = hits[over & (hits["broken_to"] > hits["broken_from"]).to_numpy(bool)]
    spans = pd.concat([ended.set_index("asset_row")[SPAN], hidden[SPAN]])
    ids = assets.loc[spans.index, id_name].to_numpy(object)
    frame = pd.DataFrame({id_name: ids, **{name: spans[name].to_numpy() for name in SPAN}})
    return frame.drop_duplicates().sort_values([id_name, *SPAN], ignore_index=True)


def covered_share(spans: pd.DataFrame, place: str, places: int) -> FloatArray:
    """Return how much the spans of each place cover together; what overlaps counts once.

    Parameters
    ----------
    spans
        The place's position in the column that ``place`` names, start, end.
    """
    ordered = spans.sort_values([place, "start", "end"])
    start, end = (ordered[name].to_numpy(np.float64) for name in ("start", "end"))
    begun = np.maximum(start, _covered_before(ordered, place).to_numpy(np.float64))
    new = np.maximum(end - begun, 0.0)
    return np.bincount(ordered[place].to_numpy(np.int64), new, places).astype(np.float64)


def spans_outside(spans: pd.DataFrame, out: pd.DataFrame, asset: str) -> pd.DataFrame:
    """Return the spans without the times in which their asset was out.

    Parameters
    ----------
    spans, out
        The asset in the column that ``asset`` names, start and end, both 0 … 1; the spans may
        have further columns.
    """
    out = out[out["end"] > out["start"]].sort_values([asset, "start", "end"])
    if not len(out):
        return spans
    reached = out.groupby(asset)["end"].max()
    gaps = pd.concat(
        [
            pd.DataFrame(
                {asset: out[asset], "after": _covered_before(out, asset), "before": out["start"]}
            ),
            pd.DataFrame({asset: reached.index, "after": reached.to_numpy(), "before": 1.0}),
        ]
    )
    gaps = gaps[gaps["before"] > gaps["after"]]
    hit = spans[asset].isin(reached.index).to_numpy(bool)
    cut = spans[hit].merge(gaps, on=asset)
    cut["start"] = np.maximum(cut["start"], cut["after"])
    cut["end"] = np.minimum(cut["end"], cut["before"])
    cut = cut.loc[cut["end"] > cut["start"], spans.columns]
    return pd.concat([spans[~hit], cut], ignore_index=True)


# -------------------------------------------------------------------------------------------


def _covered_before(ordered: pd.DataFrame, place: str) -> pd.Series:
    """Return how far the spans before each one reach, in the order of their starts; from 0 on."""
    reached = ordered.groupby(place)["end"].cummax()
    return reached.groupby(ordered[place]).shift(fill_value=0.0)
