"""One street with numbered houses beside Oral, drawn by hand, a school at either end.

Абай көшесі runs 600 m east; houses 1, 3 … 19 stand 15 m north of it, 2, 4 … 20 south, one every
50 m. Сарайшық көшесі crosses its middle; the houses there have no numbers.
"""

from pathlib import Path

import pandas as pd
import shapely

from data.importers.places.known_places import KnownPlaces
from data.importers.street_map.osm import parse_osm_file
from geo.study_area import build_study_area

AREA = build_study_area(
    "Town",
    shapely.box(51.36, 51.22, 51.39, 51.24),
    time_zone="Asia/Oral",
    metric_crs="EPSG:32639",
)
CENTRE = (51.2300, 51.3700)


def degrees(east, north):
    """Return latitude and longitude of a place in metres from the street's western end."""
    (x,), (y,) = AREA.to_metric(*CENTRE)
    (lat,), (lon,) = AREA.to_degrees(x + east, y + north)
    return round(float(lat), 7), round(float(lon), 7)


def house_place(number):
    """Return where a house stands, in metres east and north."""
    return (50.0 * ((number + 1) // 2), 15.0 if number % 2 else -15.0)


def places_of(folder: Path, *more: str) -> KnownPlaces:
    """Write the map and return what is known of the town; ``more`` is further OSM XML."""
    nodes, ways = [], []

    def node(number, east, north, **tags):
        lat, lon = degrees(east, north)
        words = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        nodes.append(f'<node id="{number}" lat="{lat}" lon="{lon}">{words}</node>')

    for number, place in enumerate([(0, 0), (300, 0), (600, 0), (300, 300), (300, -300)], start=1):
        node(number, *place)
    for number, (refs, name) in enumerate(
        [((1, 2, 3), "Абай көшесі"), ((4, 2, 5), "Сарайшық көшесі")], start=100
    ):
        line = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        ways.append(
            f'<way id="{number}">{line}<tag k="highway" v="residential"/>'
            f'<tag k="name" v="{name}"/></way>'
        )
    for number in range(1, 21):
        node(200 + number, *house_place(number), **{
            "addr:street": "Абай көшесі", "addr:housenumber": str(number)
        })  # fmt: skip
    node(300, 5, 5, amenity="school", name="№ 5 мектеп")
    node(301, 595, 5, amenity="school", name="Школа № 7")
    file = folder / "town.osm"
    text = f'<osm version="0.6">{"".join(nodes)}{"".join(ways)}{"".join(more)}</osm>'
    file.write_text(f'<?xml version="1.0" encoding="UTF-8"?>{text}', encoding="utf-8")
    return KnownPlaces(AREA, parse_osm_file(file))


def homes():
    """Twenty homes in the numbered houses, h01 … h20, and two on the other street, s1 and s2."""
    spots = {f"h{number:02}": house_place(number) for number in range(1, 21)}
    spots |= {"s1": (310, 200), "s2": (310, -200)}
    at = [degrees(*place) for place in spots.values()]
    return pd.DataFrame(
        {
            "home_id": list(spots),
            "lat": [lat for lat, _ in at],
            "lon": [lon for _, lon in at],
            "dwellings": 1.0,
        }
    )
