"""Files of incidents for the hostile tests: good rows with bad ones among them."""

import json

import pytest
from shapely.geometry import box

from data.importers.incidents import read_incidents_file
from data.importers.places.known_places import KnownPlaces
from data.importers.tabular import ReadOptions
from geo.errors import SafeRegionError
from geo.study_area import build_study_area

ORAL = build_study_area("Oral", box(51.2, 51.1, 51.6, 51.4), time_zone="Asia/Oral")
HEAD = "id,occurred_at,article,lat,lon,note\n"


def line(n, **changes):
    """Write one good row with some cells changed."""
    cells = {
        "id": f"a{n}",
        "occurred_at": "2025-04-01 20:30",
        "article": "188",
        "lat": f"51.22{n:02}",
        "lon": f"51.36{n:02}",
        "note": "",
    }
    return ",".join({**cells, **changes}.values()) + "\n"


def file_with(tmp_path, *bad, good=19, name="rows.csv"):
    """Write good rows, then the bad ones; the first of these is row ``good + 2``."""
    text = HEAD + "".join(line(n) for n in range(good)) + "".join(bad)
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def read(path, area=ORAL, **options):
    """Read a file of incidents under the options."""
    return read_incidents_file(path, ReadOptions(**options), KnownPlaces(area))


def refused(path, area=ORAL, **options):
    """Return the error that refuses the file; it names the file in one line."""
    with pytest.raises(SafeRegionError) as refusal:
        read(path, area, **options)
    assert path.name in str(refusal.value)
    assert "\n" not in str(refusal.value)
    return refusal.value


def geojson(tmp_path, text, name="rows.geojson"):
    """Write a GeoJSON file."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def features(*positions, **members):
    """Write features with these geometries."""
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {
                        "article": "188",
                        "occurred_at": f"2025-04-{n % 28 + 1:02} 10:00",
                    },
                    "geometry": position,
                }
                for n, position in enumerate(positions)
            ],
            **members,
        }
    )


def point(lon, lat, *more):
    """Return a GeoJSON point."""
    return {"type": "Point", "coordinates": [lon, lat, *more]}
