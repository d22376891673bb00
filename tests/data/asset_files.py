"""Write and read small files of assets, for the tests of their importers."""

import numpy as np
import pandas as pd
from shapely.geometry import box

from data.importers.places.known_places import KnownPlaces
from data.importers.street_map.osm_extract import WAY_COLUMNS, OsmExtract
from data.importers.street_map.osm_frames import POINT_COLUMNS
from data.importers.tabular import ReadOptions
from geo.study_area import build_study_area

ORAL = build_study_area("Oral", box(51.2, 51.1, 51.6, 51.4), time_zone="Asia/Oral")


def read(reader, text, tmp_path, *, name="file.csv", places=None, mapping=None, **options):
    """Read a text as a file with an importer's reader."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    if mapping is not None:
        options["mapping"] = tmp_path / "mapping.yaml"
        options["mapping"].write_text(mapping, encoding="utf-8")
    return reader(path, ReadOptions(**options), places or KnownPlaces(ORAL))


def codes(imported):
    """Return row, column and code of every fault."""
    return [tuple(fault) for fault in imported.refused[["row", "column", "code"]].to_numpy()]


def counts(imported):
    """Return rows read, accepted, quarantined, duplicate; they must add up."""
    report = imported.report
    assert report.rows_read == report.accepted + report.quarantined + report.duplicate
    return (report.rows_read, report.accepted, report.quarantined, report.duplicate)


def small_town():
    """Return a map of four streets, 1 km apart in a grid, with houses along the first.

    Абай and Достық run east, Құрманғазы and Сарайшық north; they cross at (0, 0), (1000, 0),
    (0, 1000) and (1000, 1000) metres from 51.23 N, 51.38 E. Houses 1, 3 … 21 of Абай stand every
    100 m on its north side.
    """
    east = [(x, y) for y in (0, 1000) for x in (0, 500, 1000)]
    north = [(x, 500) for x in (0, 1000)]
    spots = dict(enumerate([*east, *north], start=1))
    ways = {
        10: ("Абай көшесі", "улица Абая", [1, 2, 3]),
        11: ("Достық даңғылы", "проспект Достык", [4, 5, 6]),
        12: ("Құрманғазы көшесі", "улица Курмангазы", [1, 7, 4]),
        13: ("Сарайшық көшесі", "улица Сарайшык", [3, 8, 6]),
    }
    nodes = pd.DataFrame({"node_id": list(spots)})
    nodes["lat"], nodes["lon"] = degrees(*zip(*spots.values(), strict=True))
    frame = pd.DataFrame(
        [{"way_id": way, "highway": "residential", "name": kk, "name_kk": kk, "name_ru": ru}
         for way, (kk, ru, _) in ways.items()]
    ).reindex(columns=["way_id", *WAY_COLUMNS])  # fmt: skip
    chain = [(way, node) for way, (_, _, refs) in ways.items() for node in refs]
    houses = pd.DataFrame({"housenumber": [str(n) for n in range(1, 22, 2)]})
    lat, lon = degrees([50.0 * n for n in range(0, 22, 2)], [15.0] * 11)
    points = houses.assign(
        kind="address", osm_id=[f"n{100 + n}" for n in range(11)], street="Абай көшесі",
        lat=lat, lon=lon,
    )  # fmt: skip
    none = pd.DataFrame({"kind": pd.Series(dtype=object), "osm_id": pd.Series(dtype=object)})
    return OsmExtract(
        nodes=nodes,
        ways=frame,
        way_nodes=pd.DataFrame(chain, columns=["way_id", "node_id"]),
        points=points.reindex(columns=[*POINT_COLUMNS, "lat", "lon"]),
        areas=none,
        rails=none,
        waterways=none,
        facts={},
    )


def degrees(metres_east, metres_north):
    """Return the latitudes and longitudes so far from 51.23 N, 51.38 E."""
    x, y = ORAL.to_metric(51.23, 51.38)
    return ORAL.to_degrees(x + np.asarray(metres_east), y + np.asarray(metres_north))


def metres(lat, lon):
    """Return how far east and north of 51.23 N, 51.38 E points lie, in whole metres."""
    x, y = ORAL.to_metric(51.23, 51.38)
    east, north = ORAL.to_metric(lat, lon)
    return list(
        zip(
            np.rint(east - x).astype(int).tolist(),
            np.rint(north - y).astype(int).tolist(),
            strict=True,
        )
    )


TOWN = KnownPlaces(ORAL, small_town())
"""The study area with the small map."""
