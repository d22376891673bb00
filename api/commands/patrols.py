"""``patrols``: what was delivered of the plans, and where hazard is left without presence."""

from __future__ import annotations

from typing import Annotated

import typer

from api.commands.output import AsJson, Directory, print_result

app = typer.Typer(help="Patrols: what was delivered, and where they lack.", no_args_is_help=True)

Lang = Annotated[str, typer.Option("--lang", help="kk, ru or en.")]
Role = Annotated[str, typer.Option("--role", help="prosecutor or dispatcher.")]


@app.callback()
def patrols() -> None:
    """Say what patrols did in the last 28 days, by place and by plan; never by officer."""


@app.command("delivered")
def delivered(
    lang: Lang = "en",
    role: Role = "prosecutor",
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Compare the route sheets with the recorded visits, by plan and by shift.

    Example: safe-region patrols delivered --lang kk
    """
    from api.commands.places import checked_options
    from api.dependencies import Published
    from api.opening import opened_workspace
    from api.patrols import patrols_delivered
    from api.schemas import SectionQuery

    query = checked_options(SectionQuery, {"lang": lang, "role": role})
    published = Published(*opened_workspace(directory))
    result = patrols_delivered(published, **query.model_dump())
    lines = [
        *(row["sentence"] for row in result["plans"]),
        result["reading_note"],
        f"run {result['run_id']}, as of {result['as_of']}",
    ]
    print_result(result, as_json=as_json, lines=lines)


@app.command("gap")
def gap(
    window: Annotated[str, typer.Option("--window", help="day or a window of it.")] = "day",
    limit: Annotated[int, typer.Option("--limit", help="At most so many cells, 1-500.")] = 20,
    lang: Lang = "en",
    role: Role = "prosecutor",
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """List the cells whose hazard patrols leave most, in the hours of a window.

    Example: safe-region patrols gap --window evening --lang kk
    """
    from api.commands.places import checked_options
    from api.dependencies import Published
    from api.opening import opened_workspace
    from api.patrols import patrol_gap_list
    from api.schemas import PatrolGapQuery

    asked = {"lang": lang, "role": role, "window": window, "limit": limit}
    query = checked_options(PatrolGapQuery, asked)
    published = Published(*opened_workspace(directory))
    result = patrol_gap_list(published, **query.model_dump())
    lines = [
        result["window_text"],
        *(f"{row['rank']:>3}  {row['sentence']}" for row in result["cells"]),
        result["reading_note"],
        f"run {result['run_id']}, as of {result['as_of']}",
    ]
    print_result(result, as_json=as_json, lines=lines)
