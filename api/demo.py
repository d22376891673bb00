"""Make the synthetic town through the same doors that real data takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from api.build import build_run
from api.forecast_checks import check_forecast
from api.opening import opened_database
from data.database import Database
from data.demo.town import DemoFiles, generate_on_extract, generate_town
from data.demo.truth import LAST_DAY
from data.importers.street_map.osm import read_osm_file
from data.importers.tabular import ReadOptions
from data.intake import take_extract, take_files
from data.snapshots import find_current_run
from data.workspace import Workspace, create_workspace, open_workspace, propose_region
from geo.errors import NotFoundError, UsageError

RECIPE = "demo/recipe.json"

RECEIVED_AT = datetime.combine(LAST_DAY + timedelta(days=1), time())
"""The day after the invented records end, so that the computer's clock decides nothing."""


def make_demo(
    directory: Path, *, seed: int, osm: Path | None, progress: Callable[[str], None]
) -> dict[str, Any]:
    """Make the demo and its map, and check the invented town's forecast; what is there is kept.

    Parameters
    ----------
    directory
        Workspace folder; a workspace with real data is never touched.
    seed
        Another seed, another town.
    osm
        An OSM extract whose streets are used instead of invented ones.
    progress
        Receives each stage's name.

    Raises
    ------
    UsageError
        ``not_a_demo`` or ``other_demo``: the folder holds something else.
    """
    recipe = {"seed": seed, "osm": osm.name if osm else None}
    workspace = _find_demo(directory, recipe)
    if workspace is not None:
        database = opened_database(workspace)
        current = find_current_run(database)
        if current is not None:
            return {"run_id": current.run_id, "published": False, "dir": str(directory)}

    progress("inventing the town")
    folder = directory / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    if osm is None:
        files = generate_town(folder, seed)
    else:
        files = generate_on_extract(folder, seed, read_osm_file(osm))
    workspace = workspace or new_workspace(directory, files)
    (directory / RECIPE).write_text(json.dumps(recipe), encoding="utf-8")

    progress("importing")
    database = import_demo(workspace, files, osm)
    result = build_run(workspace, database, as_of=None, force=False, progress=progress)
    if osm is None:  # on a city's own streets this takes minutes: its page has a button for it
        progress("checking the forecast")
        check_forecast(workspace, database, as_of=None, progress=lambda share, stage: None)
    return {**result, "dir": str(directory)}


def new_workspace(directory: Path, files: DemoFiles) -> Workspace:
    """Create the workspace of a demo's region."""
    facts = files.region
    region = propose_region(
        facts.name, facts.boundary, region_code=facts.region_code, synthetic=facts.synthetic
    )
    if facts.time_zone is not None:
        region = region.model_copy(update={"time_zone": facts.time_zone})
    return create_workspace(directory, region, facts.boundary)


def import_demo(workspace: Workspace, files: DemoFiles, osm: Path | None = None) -> Database:
    """Import map, records and registers of a demo; nothing is built."""
    database = opened_database(workspace)
    map_file = osm or files.osm
    assert map_file is not None, "a demo has streets of its own where none are given"
    take_extract(map_file, workspace=workspace, database=database)
    for noun, paths in files.by_noun().items():
        options = ReadOptions(received_at=RECEIVED_AT)
        take_files(noun, paths, options, workspace=workspace, database=database)
    return database


# -------------------------------------------------------------------------------------------


def _find_demo(directory: Path, recipe: dict[str, Any]) -> Workspace | None:
    try:
        workspace = open_workspace(directory)
    except NotFoundError:
        return None
    if not workspace.region.synthetic:
        raise UsageError(
            f"{directory} is a workspace with data of its own; give the demo another --dir.",
            code="not_a_demo",
        )
    if json.loads((directory / RECIPE).read_text(encoding="utf-8")) != recipe:
        raise UsageError(
            f"{directory} holds a demo of another seed or map; remove it or give another --dir.",
            code="other_demo",
        )
    return workspace
