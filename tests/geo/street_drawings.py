"""Small towns drawn by hand on a metric grid, for the tests of streets."""

import numpy as np
import pandas as pd
import shapely

from geo.study_area import StudyArea, build_study_area

X0, Y0 = 380_000.0, 5_675_000.0  # Oral, EPSG:32639
TAGS = (
    *("name", "name_kk", "name_ru", "lit", "sidewalk", "surface"),
    *("foot", "access", "motorroad"),
)


def town_area(half_side_m: float = 20_000.0) -> StudyArea:
    """Return a square study area around the drawing's origin."""
    plane = build_study_area(
        "Oral", shapely.box(51.0, 51.0, 51.5, 51.5), time_zone="Asia/Oral", metric_crs="EPSG:32639"
    )
    corners = half_side_m * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    lat, lon = plane.to_degrees(X0 + corners[:, 0], Y0 + corners[:, 1])
    return build_study_area(
        "Oral",
        shapely.Polygon(np.column_stack([lon, lat])),
        time_zone="Asia/Oral",
        metric_crs="EPSG:32639",
    )


def draw(
    places: dict[int, tuple[float, float]], streets: list[tuple[list[int], dict[str, str]]]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return nodes, ways and way nodes; places are metres east and north of the origin.

    Ways are numbered from 1 in the order given; ``highway`` is residential unless said.
    """
    east_north = np.array(list(places.values()), float)
    lat, lon = town_area().to_degrees(X0 + east_north[:, 0], Y0 + east_north[:, 1])
    # OSM keeps seven decimals.
    nodes = pd.DataFrame({"node_id": list(places), "lat": lat.round(7), "lon": lon.round(7)})
    rows = [
        {"way_id": number, "highway": "residential", **dict.fromkeys(TAGS), **tags}
        for number, (_, tags) in enumerate(streets, start=1)
    ]
    ways = pd.DataFrame(rows).astype(dict.fromkeys(("highway", *TAGS), "str"))
    pairs = [(number, ref) for number, (refs, _) in enumerate(streets, start=1) for ref in refs]
    return nodes, ways, pd.DataFrame(pairs, columns=["way_id", "node_id"])
