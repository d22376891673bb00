"""``explain``: the chain from incidents to the score of one cell or section."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from api.commands.output import AsJson, Directory, print_result

if TYPE_CHECKING:
    from api.schemas import SectionQuery

Query = TypeVar("Query", bound="SectionQuery")


def explain(
    place: Annotated[str, typer.Argument(metavar="ID", help="Section id or H3 cell.")],
    window: Annotated[str, typer.Option("--window", help="day or a window of it.")] = "day",
    month: Annotated[
        int | None, typer.Option("--month", help="1 to 12; the mean of the year without it.")
    ] = None,
    day: Annotated[
        str | None, typer.Option("--day", help="With --month: school or off, its other days.")
    ] = None,
    lang: Annotated[str, typer.Option("--lang", help="kk, ru or en.")] = "en",
    incidents: Annotated[
        bool, typer.Option("--incidents", help="Also the incidents that weigh most here.")
    ] = False,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Say why a cell or section stands where it stands; the parts sum to its hazard.

    Example: safe-region explain s0123456789ab --window school_am --month 1 --day school
    """
    from api.answers import cell_explanation, section_explanation
    from api.dependencies import Published
    from api.month_maps import asked_run
    from api.near import cell_incidents, section_incidents
    from api.opening import opened_workspace
    from api.schemas import PlaceQuery
    from geo.cells import parse_cell
    from geo.parameters import SCORED_RESOLUTION

    query = checked_options(
        PlaceQuery, {"lang": lang, "window": window, "month": month, "day": day}
    )
    opened = asked_run(Published(*opened_workspace(directory)).current(), query)
    asked = {"role": query.role, "lang": query.lang, "window": query.window}
    named = {"role": query.role, "lang": query.lang}
    if place.startswith("s"):
        result = section_explanation(opened, place, **asked)
        result |= section_incidents(opened, place, **named) if incidents else {}
    else:
        cell = parse_cell(place, resolution=SCORED_RESOLUTION)
        result = cell_explanation(opened, cell, **asked)
        result |= cell_incidents(opened, cell, **named) if incidents else {}
    lines = [
        result.get("label", place),
        result["sentence"],
        *(f"{badge['word']}: {badge['note']}" for badge in result["badges"]),
        *(chain_lines(result) if result["hazard"] else ["The hour is not known here."]),
        *(one["text"] for one in result.get("what_if", [])),
        *quarter_lines(result["quarters"]),
        *(incident_lines(result) if incidents else []),
        f"run {result['run_id']}, as of {result['as_of']}",
    ]
    print_result(result, as_json=as_json, lines=lines)


def chain_lines(explained: dict[str, Any]) -> list[str]:
    """Print the start, the parts and their sum under each other."""
    import math

    parts = explained["parts"]
    total = explained["ln_area_mean"] + sum(part["log"] for part in parts)
    causes = [{**cause, "word": f"  {cause['word']}"} for cause in explained["causes"]]
    return [
        f"{'ln of the town mean':<40} {explained['ln_area_mean']:+.6f}",
        *(f"{row['word']:<40} {row['log']:+.6f}  {row['factor']}" for row in [*parts, *causes]),
        f"{'sum = ln hazard':<40} {total:+.6f}  → {math.exp(total):.6g}",
    ]


def quarter_lines(quarters: list[dict[str, Any]]) -> list[str]:
    """Print the counts of incidents, a line a quarter and a column a ring."""
    if not quarters:
        return []
    heads = [ring["word"] for ring in quarters[0]["rings"]]
    rows = [(row["word"], [ring["text"] for ring in row["rings"]]) for row in quarters]
    return [
        f"{word:<40} " + " ".join(f"{text:>12}" for text in texts)
        for word, texts in [("", heads), *rows]
    ]


def incident_lines(told: dict[str, Any]) -> list[str]:
    """Print the incidents that weigh most, each with its factor."""
    return [
        *(
            f"{one['factor']:<8} {one['day_text']} · {one['kind_text']} · {one['ring_text']}"
            for one in told["incidents"]
        ),
        told["note"],
    ]


def checked_options(kind: type[Query], options: dict[str, Any]) -> Query:
    """Fill any query of the API from options; what it refuses is a usage error."""
    from pydantic import ValidationError

    from geo.errors import UsageError

    try:
        return kind.model_validate(options)
    except ValidationError as error:
        fault = error.errors()[0]
        option = "".join(f"--{name}: ".replace("_", "-") for name in fault["loc"][:1])
        raise UsageError(f"{option}{fault['msg']}.") from error
