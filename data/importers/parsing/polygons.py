"""The polygons of a file from outside; the function runs in a confined child."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import shapefile
import shapely

from data.importers.parsing.formats import NAMES, recognise
from data.importers.parsing.geopackage import read_shapes
from data.importers.parsing.raw_columns import refusal
from data.importers.parsing.shapefiles import open_shapes

POLYGON = "polygon"
_AREAL = ("Polygon", "MultiPolygon")


def parse_polygons(
    path: Path, options: dict[str, Any]
) -> tuple[dict[str, pa.Table], dict[str, Any]]:
    """Read the polygons of a zipped Shapefile or a GeoPackage as WKB; pass over other shapes.

    Parameters
    ----------
    path
        The file.
    options
        ``sheet``: name of the layer, or None.

    Raises
    ------
    InputRefusedError
        ``format_not_accepted``, ``geometry_invalid`` (no polygon in it), or what the format's
        reader refuses.
    """
    kind, _ = recognise(path)
    if kind == "shapefile":
        reader, crs = open_shapes(path, options.get("sheet"))
        shapes = _shapes_of(reader)
    elif kind == "gpkg":
        found, crs = read_shapes(path, options.get("sheet"))
        shapes = iter(found)
    else:
        raise refusal(
            "format_not_accepted",
            f"{path.name} holds {NAMES.get(kind, kind)}; give the area as GeoJSON, GeoPackage, "
            "zipped Shapefile or OSM extract.",
        )
    polygons = [shape for shape in shapes if shape is not None and shape.geom_type in _AREAL]
    if not polygons:
        raise refusal("geometry_invalid", f"{path.name} holds no polygon.")
    column = pa.array([shapely.to_wkb(shape) for shape in polygons], pa.large_binary())
    return {POLYGON: pa.table({POLYGON: column})}, {"crs": crs}


# -------------------------------------------------------------------------------------------


def _shapes_of(reader: shapefile.Reader) -> Iterator[Any]:
    for shape in reader.iterShapes():
        if shape.shapeType in {shapefile.POLYGON, shapefile.POLYGONM, shapefile.POLYGONZ}:
            yield shapely.geometry.shape(shape.__geo_interface__)
