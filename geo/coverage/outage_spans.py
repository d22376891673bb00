"""Lay the outages that hit lamps or cameras over what their register says of them."""

from __future__ import annotations

import pandas as pd


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
