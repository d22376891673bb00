"""An outage that names a whole street is found on the map, or told."""

from datetime import datetime

import pandas as pd
import pytest

from data.importers.places.known_places import KnownPlaces
from data.inputs import frame_hash
from data.street_outages import street_outages
from tests.data.asset_files import TOWN, metres


def outages(*rows):
    """One row an outage: street, number, feeder."""
    return pd.DataFrame(
        {
            "outage_id": [f"o{number}" for number in range(len(rows))],
            "asset": "lamp",
            "street": pd.Series([row[0] for row in rows], dtype=object),
            "number": pd.Series([row[1] if len(row) > 1 else None for row in rows], dtype=object),
            "feeder": pd.Series([row[2] if len(row) > 2 else None for row in rows], dtype=object),
            "broken_from": pd.Timestamp(datetime(2025, 8, 1)),
            "broken_to": pd.NaT,
        }
    )


def test_a_street_lies_where_the_map_has_it_however_it_is_spelt():
    found = street_outages(outages(("ул. Абая",), ("Құрманғазы көшесі",)), TOWN)
    assert set(found["outage_id"]) == {"o0", "o1"}
    for name, wanted in (("o0", (500, 0)), ("o1", (0, 500))):
        lines = found.loc[found["outage_id"] == name, "line"]
        corners = [corner for line in lines for corner in line.coords]
        lon, lat = zip(*corners, strict=True)
        east, north = zip(*metres(lat, lon), strict=True)
        middle = (min(east) + max(east)) / 2, (min(north) + max(north)) / 2
        assert middle == (pytest.approx(wanted[0], abs=30), pytest.approx(wanted[1], abs=30))


def test_a_street_that_the_map_has_not_keeps_its_row_without_a_line():
    found = street_outages(outages(("ул. Небывалая",)), TOWN)
    assert found["line"].tolist() == [None]
    assert found["street"].tolist() == ["ул. Небывалая"]


def test_outages_with_a_number_or_feeder_are_no_outages_of_a_street():
    found = street_outages(outages(("ул. Абая", "12"), ("ул. Абая", None, "Ш-4"), (None,)), TOWN)
    assert found.empty
    assert "line" in found


def test_without_a_map_no_street_is_found():
    found = street_outages(outages(("ул. Абая",)), KnownPlaces(TOWN.area))
    assert found["line"].tolist() == [None]


def test_lines_enter_the_hash():
    one = street_outages(outages(("ул. Абая",)), TOWN)
    other = street_outages(outages(("Құрманғазы көшесі",)), TOWN).assign(street="ул. Абая")
    assert frame_hash(one) == frame_hash(street_outages(outages(("ул. Абая",)), TOWN))
    assert frame_hash(one) != frame_hash(other)
    assert len(frame_hash(one.iloc[:0])) == 64
