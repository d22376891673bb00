"""``init`` and ``db``: make a workspace, look after its database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.output import AsJson, Directory, print_result

database = typer.Typer(help="The database's schema.", no_args_is_help=True)


def init(
    name: Annotated[str, typer.Option("--name", help="What people call the region.")],
    boundary: Annotated[
        Path | None,
        typer.Option("--boundary", help="GeoJSON polygon, or an OSM extract (hull of its ways)."),
    ] = None,
    bbox: Annotated[str | None, typer.Option("--bbox", help="W,S,E,N in degrees.")] = None,
    place: Annotated[
        str | None, typer.Option("--place", help="Ask Nominatim for this place's boundary.")
    ] = None,
    metric_crs: Annotated[
        str | None, typer.Option("--metric-crs", help="Default: the UTM zone of the centre.")
    ] = None,
    time_zone: Annotated[
        str | None, typer.Option("--time-zone", help="Default: that of the nearest main town.")
    ] = None,
    region_code: Annotated[str, typer.Option("--region-code", help="Office's own code.")] = "",
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Make a workspace for one region.

    Example: safe-region init --name Oral --bbox 51.2,51.1,51.6,51.3
    """
    from api.opening import opened_database
    from data.boundaries import BoundarySource, read_boundary
    from data.settings import StoreSettings
    from data.workspace import create_workspace, propose_region, replace_keys

    source = BoundarySource(file=boundary, bbox=bbox, place=place)
    polygon = read_boundary(source)
    region = propose_region(name, polygon, region_code=region_code)
    chosen = {"metric_crs": metric_crs, "time_zone": time_zone}
    region = replace_keys(region, {key: value for key, value in chosen.items() if value})
    workspace = create_workspace(directory or StoreSettings().dir, region, polygon)
    opened_database(workspace)
    result = {
        "dir": str(workspace.path),
        "name": region.name,
        "metric_crs": region.metric_crs,
        "time_zone": region.time_zone,
        "area_km2": round(workspace.study_area.area_m2 / 1e6, 3),
    }
    print_result(
        result,
        as_json=as_json,
        lines=[
            f"workspace {workspace.path} for {region.name}: {result['area_km2']} km²",
            f"metres in {region.metric_crs}, clock {region.time_zone}",
            "next: safe-region import osm FILE",
        ],
    )


@database.command("upgrade")
def upgrade(directory: Directory = None, as_json: AsJson = False) -> None:
    """Bring the schema up to date.

    Example: safe-region db upgrade
    """
    from api.opening import opened_workspace
    from data.schema_version import check_schema

    _, opened = opened_workspace(directory)
    revision = check_schema(opened)
    print_result({"revision": revision}, as_json=as_json, lines=[f"schema {revision}"])


@database.command("check")
def check(directory: Directory = None, as_json: AsJson = False) -> None:
    """Tell whether the database answers and its schema is the one this version needs.

    Example: safe-region db check
    """
    from data.database import open_database
    from data.schema_version import check_schema
    from data.settings import StoreSettings
    from data.workspace import open_workspace

    settings = StoreSettings()
    workspace = open_workspace(directory or settings.dir)
    revision = check_schema(open_database(workspace.database_url(settings)))
    print_result({"revision": revision}, as_json=as_json, lines=[f"schema {revision} is current"])
