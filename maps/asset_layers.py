"""The tile layers of light and cameras: what stands, in which state, and what it reaches.

Both hold several kinds of geometry, told apart by ``asset``: streets below their lamps, and what
cameras see below the cameras.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo import columns as c
from geo.columns import of_window
from geo.parameters import WINDOWS
from maps.tiles import TileLayer

LAMP, STREET, CAMERA, VIEW = "lamp", "street", "camera", "view"

LIGHT_ZOOMS, DARK_FROM_ZOOM, STREETS_FROM_ZOOM, LAMPS_FROM_ZOOM = (12, 15), 12, 14, 14
"""Streets on which children walk without light appear first, all others when one is near."""

CAMERA_ZOOMS, VIEWS_FROM_ZOOM = (13, 15), 15

LIT_WITHOUT, UNLIT_WITHOUT = 0.1, 0.25
"""A street is lit if less than this share of its known length is dark, and unlit if less than that
is lit: lamps of the crossings alone reach into its ends. Between, it is lit in part."""

PLANNED = "planned"


def lighting_layer(streets: pd.DataFrame, lamps: pd.DataFrame) -> TileLayer:
    """Return the light of streets with the lamps that stand on them.

    Parameters
    ----------
    streets
        section_id, geometry, lit_m, unlit_m, unknown_light_m and dark_minutes_<window> where they
        may be told; from `geo.disclosure_light`. May be empty.
    lamps
        lamp_id, number, lat, lon, state, down_since.
    """
    ordered = streets.sort_values(c.SECTION_ID).reset_index(drop=True)
    minutes = _whole_minutes(ordered)
    light = pd.DataFrame(
        {
            "id": ordered[c.SECTION_ID].to_numpy(object),
            "asset": STREET,
            c.LIGHT: street_light_word(ordered),
        }
    )
    lines = pd.concat([light, minutes], axis=1)
    dark = lines[c.LIGHT].isin(("unlit", "partly")) & minutes.notna().any(axis=1)
    points, places = _assets(lamps, LAMP)
    return TileLayer(
        "lighting",
        np.concatenate([ordered[c.GEOMETRY].to_numpy(object), places]),
        _under(lines, points),
        *LIGHT_ZOOMS,
        from_zoom=np.concatenate(
            [
                np.where(dark, DARK_FROM_ZOOM, STREETS_FROM_ZOOM),
                np.full(len(points), LAMPS_FROM_ZOOM),
            ]
        ),
    )


def camera_layer(cameras: pd.DataFrame, views: pd.DataFrame) -> TileLayer:
    """Return the cameras with the ground that each may see.

    Parameters
    ----------
    cameras
        camera_id, number, lat, lon, state, down_since, connected.
    views
        camera_id, view (sector | circle: only assumed) and geometry, a polygon.
    """
    points, places = _assets(cameras, CAMERA)
    ordered = views.sort_values("camera_id").reset_index(drop=True)
    ids = ordered["camera_id"].to_numpy(object)
    seen = points.set_index("id").reindex(ids).rename_axis("id").reset_index()
    seen = seen.assign(asset=VIEW, **{VIEW: ordered[VIEW].to_numpy(object)})
    kept = seen["state"].notna().to_numpy(bool)  # one that only is planned sees nothing
    seen, outlines = seen[kept], ordered[c.GEOMETRY].to_numpy(object)[kept]
    return TileLayer(
        "cameras",
        np.concatenate([outlines, places]),
        _under(seen, points),
        *CAMERA_ZOOMS,
        from_zoom=np.repeat([VIEWS_FROM_ZOOM, CAMERA_ZOOMS[0]], [len(seen), len(points)]),
    )


def street_light_word(streets: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Say of each street whether it is lit, unlit, partly lit, or unknown by most of its length.

    Examples
    --------
    >>> lengths = {"lit_m": [91, 90, 25, 24, 9], "unlit_m": [9, 10, 75, 76, 0],
    ...            "unknown_light_m": [0, 0, 0, 0, 10]}
    >>> street_light_word(pd.DataFrame(lengths)).tolist()
    ['lit', 'partly', 'partly', 'unlit', 'unknown']
    """
    lit, unlit = streets[c.LIT_M].to_numpy(float), streets[c.UNLIT_M].to_numpy(float)
    known = lit + unlit
    unknown = ~(known > streets[c.UNKNOWN_LIGHT_M].to_numpy(float))
    word = np.select(
        [unknown, unlit < LIT_WITHOUT * known, lit < UNLIT_WITHOUT * known],
        ["unknown", "lit", "unlit"],
        "partly",
    )
    return word.astype(object)


# -------------------------------------------------------------------------------------------


def _assets(assets: pd.DataFrame, asset: str) -> tuple[pd.DataFrame, npt.NDArray[np.object_]]:
    """Return the properties and points of lamps or cameras that stand, by their id."""
    there = assets[(assets["state"] != PLANNED).to_numpy(bool)]
    ordered = there.sort_values(f"{asset}_id").reset_index(drop=True)
    properties = pd.DataFrame(
        {
            "id": ordered[f"{asset}_id"].to_numpy(object),
            "asset": asset,
            "state": ordered["state"].to_numpy(object),
        }
    )
    if "number" in ordered:
        number = ordered["number"].astype(object)
        properties["number"] = number.where(number.notna(), None).to_numpy()
    if "down_since" in ordered:
        day = pd.to_datetime(ordered["down_since"]).dt.strftime("%Y-%m-%d").astype(object)
        properties["since"] = day.where(day.notna(), None).to_numpy()
    if "connected" in ordered:
        properties["connected"] = ordered["connected"].astype("boolean").to_numpy(object)
    places = shapely.points(ordered[c.LON].to_numpy(float), ordered[c.LAT].to_numpy(float))
    return properties, np.asarray(places, dtype=object)


def _whole_minutes(streets: pd.DataFrame) -> pd.DataFrame:
    """Return the dark minutes in whole numbers; those that round to 0 are left out."""
    names = [of_window(c.DARK_MINUTES, window) for window in WINDOWS]
    known = [name for name in names if name in streets]
    whole = streets[known].astype(float).round()
    return whole.where(whole > 0).astype("Int64").reset_index(drop=True)


def _under(below: pd.DataFrame, above: pd.DataFrame) -> pd.DataFrame:
    """Return the properties of both, what is drawn below first; each misses the other's own."""
    columns = list(dict.fromkeys([*below, *above]))
    filled = [frame.reindex(columns=columns).astype(object) for frame in (below, above)]
    joined = pd.concat(filled, ignore_index=True)
    return joined.where(joined.notna(), None)
