"""``build`` and ``snapshots``: make a run, list runs, go back, compare."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from api.commands.output import AsJson, Directory, print_result, progress_lines

snapshots = typer.Typer(
    help="Published runs: list them, go back to one, compare two.", no_args_is_help=True
)

AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        formats=["%Y-%m-%d"],
        help="Day the map stands on; later incidents are not read. "
        "Default: the day after the data ends.",
    ),
]


def build(
    as_of: AsOf = None,
    force: Annotated[
        bool, typer.Option("--force", help="Publish even if it stands on an earlier day.")
    ] = False,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Score the workspace's data and publish one run.

    Example: safe-region build --as-of 2026-10-01
    """
    from api.build import build_run
    from api.opening import opened_workspace

    workspace, database = opened_workspace(directory)
    result = build_run(
        workspace,
        database,
        as_of=as_of.date() if as_of else None,
        force=force,
        progress=progress_lines(as_json=as_json),
    )
    lines = [
        f"run {result['run_id']}" + ("" if result["published"] else " is published already"),
        f"as of {result['as_of']}: {result['counts']['incidents']} incidents, "
        f"{result['counts']['sections']} sections, {result['counts']['cells']} cells",
        *(f"  note: {note}" for note in result["notes"]),
        *(f"  {stage}: {seconds:.1f} s" for stage, seconds in result["seconds"].items()),
        f"peak memory {result['peak_memory_mb']:.0f} MB",
    ]
    print_result(result, as_json=as_json, lines=lines)


@snapshots.command("list")
def list_(directory: Directory = None, as_json: AsJson = False) -> None:
    """List the published runs, newest first; the current one is marked.

    Example: safe-region snapshots list --json
    """
    from api.opening import opened_workspace
    from data.snapshots import find_current_run, list_runs

    _, database = opened_workspace(directory)
    current = find_current_run(database)
    rows = [
        {
            "run_id": run.run_id,
            "as_of": run.as_of.isoformat(),
            "published_at": run.published_at.isoformat(),
            "current": current is not None and run.run_id == current.run_id,
        }
        for run in list_runs(database)
    ]
    lines = [
        f"{'*' if row['current'] else ' '} {row['run_id']}  as of {row['as_of']}  "
        f"published {row['published_at']}"
        for row in rows
    ]
    print_result({"runs": rows}, as_json=as_json, lines=lines or ["No run is published yet."])


@snapshots.command("rollback")
def rollback(
    run: Annotated[str, typer.Argument(help="Run id of a kept snapshot.")],
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Make an earlier run the current one; nothing is deleted.

    Example: safe-region snapshots rollback 0123456789abcdef
    """
    from api.opening import opened_workspace
    from data.snapshots import rollback_to

    workspace, database = opened_workspace(directory)
    rollback_to(database, workspace.snapshots, run)
    print_result({"current": run}, as_json=as_json, lines=[f"run {run} is current again"])


@snapshots.command("diff")
def diff(
    before: Annotated[str, typer.Argument(help="Run id.")],
    after: Annotated[str, typer.Argument(help="Run id.")],
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Tell which sections changed class between two runs.

    Example: safe-region snapshots diff 0123456789abcdef fedcba9876543210
    """
    from api.opening import opened_workspace
    from data.snapshots import diff_runs

    workspace, _ = opened_workspace(directory)
    changes = diff_runs(workspace.snapshots, before, after)
    rows = changes.to_dict("records")
    lines = [
        f"{row['section_id']}: class {row['hazard_class_before']} → {row['hazard_class_after']}"
        for row in rows
    ]
    print_result(
        {"before": before, "after": after, "changed": rows},
        as_json=as_json,
        lines=lines or ["No section changed its class."],
    )
