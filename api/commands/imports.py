"""``import``: bring files into the workspace, and look after what was brought."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands import import_layer, import_ledger
from api.commands.import_files import NOUNS, import_command
from api.commands.output import AsJson, Directory, print_result, progress_lines

app = typer.Typer(
    help="Bring in a file; every import ends in a report of rows read, taken and refused.",
    no_args_is_help=True,
)
for _noun in NOUNS:
    app.command(_noun.name)(import_command(_noun))


@app.command("osm")
def osm(
    file: Annotated[Path | None, typer.Argument(help="OSM PBF or XML file.")] = None,
    place: Annotated[
        str | None, typer.Option("--place", help="Ask OpenStreetMap's servers for this place.")
    ] = None,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Streets, schools, buildings and waters of an OpenStreetMap extract.

    Example: safe-region import osm oral.osm.pbf
    """
    from api.opening import opened_workspace
    from data.importers.parsing.isolation import start_parsers
    from geo.errors import UsageError

    start_parsers()
    from data.intake import take_extract, take_place

    if (file is None) == (place is None):
        raise UsageError("Give either a FILE or --place TEXT.")
    workspace, database = opened_workspace(directory)
    progress = progress_lines(as_json=as_json)
    progress("reading the map")
    if file is not None:
        facts = take_extract(file, workspace=workspace, database=database)
    else:
        facts = take_place(str(place), workspace=workspace, database=database)
    lines = [
        f"{facts['ways_read']} ways read, {facts['highways']} highways, {facts['schools']} schools",
        f"{facts['dangling_references']} references to absent nodes dropped",
        f"map of {facts['osm_date']}",
    ]
    print_result(facts, as_json=as_json, lines=lines)


app.command("layer")(import_layer.layer)
app.command("list")(import_ledger.list_)
app.command("show")(import_ledger.show)
app.command("withdraw")(import_ledger.withdraw)
