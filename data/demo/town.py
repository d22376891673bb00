"""The synthetic town and the synthetic layers on real streets: every file of a demo."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry import Polygon

from data.demo import names, plan
from data.demo.assets import (
    write_cameras,
    write_homes,
    write_lamps,
    write_patrols,
    write_schools,
)
from data.demo.dated_changes import dated_changes
from data.demo.equipment import LAMP_STEP_M, Scale, draw_equipment
from data.demo.ground import Ground, ground_of_extract, ground_of_town
from data.demo.incidents import draw_incidents
from data.demo.osm_file import write_town
from data.demo.places import town_places
from data.demo.plane import Plane, draws
from data.demo.prevention import Clock
from data.demo.records import write_pages
from data.demo.route_sheet import write_route_sheet
from data.demo.streets import town_streets
from data.demo.truth import write_truth

if TYPE_CHECKING:
    from data.importers.street_map.osm_extract import OsmExtract

_EDGE_M = 25.0
_EXTRACT_LAMP_STEP_M = 45.0
_AHEAD_H = 5.0
"""Hours by which clocks of the invented town are ahead of UTC."""


@dataclass(frozen=True)
class RegionFacts:
    """What a workspace must know about the place.

    Attributes
    ----------
    name, name_ru, name_en
        The place in Kazakh (or as the map writes it), Russian and English.
    boundary
        Polygon in WGS84 (longitude, latitude).
    region_code
        Invented code of the records.
    time_zone
        Name in the tz database; None where the map's own place decides.
    synthetic
        Always true.
    """

    name: str
    name_ru: str
    name_en: str
    boundary: Polygon
    region_code: str
    time_zone: str | None
    synthetic: bool = True


@dataclass(frozen=True)
class DemoFiles:
    """The files of a demo; ``osm`` and ``homes`` are None where the map brings its own."""

    region: RegionFacts
    osm: Path | None
    incidents: tuple[Path, ...]
    lamps: Path
    cameras: Path
    patrols: Path
    route_sheet: Path
    schools: Path
    homes: Path | None
    truth: Path

    def by_noun(self) -> dict[str, tuple[Path, ...]]:
        """Return the files under the noun of the importer that reads them; not map and truth."""
        files: dict[str, tuple[Path, ...]] = {
            "kpssu": self.incidents,
            "lighting": (self.lamps,),
            "cameras": (self.cameras,),
            "patrols": (self.patrols, self.route_sheet),
            "schools": (self.schools,),
        }
        if self.homes is not None:
            files["homes"] = (self.homes,)
        return files


def generate_town(directory: Path, seed: int, scale: Scale | None = None) -> DemoFiles:
    """Write the invented town into a folder: map, records, registers and planted truth.

    The same seed gives the same bytes. Takes some seconds.

    Parameters
    ----------
    directory
        An existing folder; files of an earlier demo in it are replaced.
    seed
        Another seed, another town on the same plan.
    scale
        More records and more that changed, for benchmarks; the town that people see without.
    """
    scale = scale or Scale()
    plane = Plane(*plan.CENTRE)
    town = town_streets(seed)
    places = town_places(town, seed)
    path = directory / "town.osm.pbf"
    write_town(path, town.streets, places, plane)
    ground = ground_of_town(town, places, plane)
    region = RegionFacts(
        names.TOWN_KK,
        names.TOWN_RU,
        names.TOWN_EN,
        _boundary(ground),
        plan.REGION_CODE,
        plan.TIME_ZONE,
    )
    return _write_layers(directory, (seed, scale), ground, region, osm=path)


def generate_on_extract(directory: Path, seed: int, extract: OsmExtract) -> DemoFiles:
    """Put the same synthetic layers on the streets of a real extract.

    Schools of the extract are registered with invented pupils; where it has fewer than six,
    gates are invented. Homes are invented where it has no dwelling houses.

    Parameters
    ----------
    directory
        An existing folder.
    seed
        Another seed, other records on the same streets.
    extract
        Frames ``nodes, ways, way_nodes, points, areas`` of `OsmExtract`.
    """
    ground = ground_of_extract(extract, draws(seed, 9))
    name = _place_name(extract)
    region = RegionFacts(name, name, name, _boundary(ground), plan.REGION_CODE, None)
    return _write_layers(directory, (seed, Scale()), ground, region, osm=None)


# -------------------------------------------------------------------------------------------


def _write_layers(
    directory: Path,
    drawing: tuple[int, Scale],
    ground: Ground,
    region: RegionFacts,
    *,
    osm: Path | None,
) -> DemoFiles:
    seed, scale = drawing
    scene, plane = ground.scene, ground.plane
    step_m = LAMP_STEP_M if osm else _EXTRACT_LAMP_STEP_M
    equipment = draw_equipment(scene.streets, scene.planted, seed, scale, step_m)
    ahead_h = _AHEAD_H if osm else float(round(plane.lon / 15))
    clock = Clock(plane.lat, plane.lon, ahead_h)
    drawn = draw_incidents(scene, seed, (equipment, clock), scale.records)
    files = DemoFiles(
        region=region,
        osm=osm,
        incidents=write_pages(directory, drawn, plane, seed),
        lamps=directory / "lamps.csv",
        cameras=directory / "cameras.csv",
        patrols=directory / "patrols.csv",
        route_sheet=directory / "route_sheet.csv",
        schools=directory / "schools.csv",
        homes=directory / "homes.csv" if ground.homes_invented else None,
        truth=directory / "truth.json",
    )
    write_lamps(files.lamps, equipment.lamps, plane)
    write_cameras(files.cameras, equipment.cameras, plane)
    write_patrols(files.patrols, equipment.visits, plane)
    write_route_sheet(files.route_sheet, scene.streets, plane, seed)
    write_schools(files.schools, ground.schools, plane, seed)
    if files.homes is not None:
        write_homes(files.homes, scene.homes, plane)
    changes = dated_changes(scene.streets, equipment, plane)
    write_truth(files.truth, scene.planted, plane, seed, changes)
    return files


def _boundary(ground: Ground) -> Polygon:
    """Return the hull of the streets, 25 m wider, in degrees."""
    streets = ground.scene.streets
    nodes = shapely.MultiPoint(np.column_stack([streets.x, streets.y]))
    ring = shapely.get_coordinates(shapely.convex_hull(nodes).buffer(_EDGE_M, quad_segs=2))
    lat, lon = ground.plane.to_degrees(ring[:, 0], ring[:, 1])
    return Polygon(np.column_stack([lon, lat]))


def _place_name(extract: OsmExtract) -> str:
    """Return the name of the largest place on the map."""
    points = extract.points[extract.points["kind"] == "place"]
    for kind in ("city", "town", "village", "suburb"):
        found = points[points["place"] == kind]
        if len(found):
            return str(found.sort_values("osm_id").iloc[0]["name"])
    return "Demo"
