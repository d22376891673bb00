"""Find on the map the streets that outages name, where no lamp's number or feeder is given."""

from __future__ import annotations

import pandas as pd
import shapely

from data.importers.places.address_places import Places
from data.importers.places.known_places import KnownPlaces

COLUMNS = ("outage_id", "street", "broken_from", "broken_to")


def street_outages(outages: pd.DataFrame, places: KnownPlaces) -> pd.DataFrame:
    """Return the outages of whole streets with their lines, one row a line of the street.

    A name that the map has not, or that several streets bear, has one row without a line: it puts
    nothing out and is told.

    Parameters
    ----------
    outages
        Of `data.store.outages.outages_begun`; those with a number or a feeder are left out.
    places
        Its map has the streets; the names are looked up only where an outage needs it.

    Returns
    -------
    DataFrame
        outage_id, street, broken_from, broken_to, line (LineString, longitude and latitude).
    """
    whole = outages[outages[["number", "feeder"]].isna().all(axis=1) & outages["street"].notna()]
    named = whole[list(COLUMNS)].reset_index(drop=True)
    if named.empty:
        return named.assign(line=pd.Series(dtype=object))
    gazetteer = places.gazetteer()
    known = None if gazetteer is None else Places(gazetteer)
    lines = {name: _lines(known, name) for name in named["street"].unique()}
    drawn = pd.Series([lines[name] or [None] for name in named["street"]], dtype=object)
    found = named.assign(line=drawn)
    return found.explode("line", ignore_index=True)


# -------------------------------------------------------------------------------------------


def _lines(places: Places | None, name: str) -> list[shapely.LineString | None]:
    """Return the lines of the one street that a name means, none where it means none or several."""
    candidates = places.candidates(name) if places else []
    if places is None or len(candidates) != 1:
        return []
    drawn = shapely.get_parts(places.gazetteer.lines[candidates[0][0]])
    lines: list[shapely.LineString | None] = []
    for part in drawn[shapely.get_type_id(drawn) == shapely.GeometryType.LINESTRING]:
        x, y = shapely.get_coordinates(part).T
        lat, lon = places.gazetteer.area.to_degrees(x, y)
        lines.append(shapely.LineString(list(zip(lon, lat, strict=True))))
    return lines
