"""``scenario-lamp``: what a lamp at a point would light and take away."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.commands.output import AsJson, Directory, print_result
from api.commands.scenario import columns, month_lines, window_lines


def scenario_lamp(
    at: Annotated[
        list[str], typer.Option("--at", metavar="LAT,LON", help="Where it would stand; repeatable.")
    ],
    mount_height_m: Annotated[
        float | None,
        typer.Option("--mount-height", metavar="M", help="Mounting height in metres."),
    ] = None,
    window: Annotated[str, typer.Option("--window", help="day or a window of it.")] = "day",
    preset: Annotated[
        str, typer.Option("--preset", help="Effect of light: conservative, default or rct.")
    ] = "default",
    lang: Annotated[str, typer.Option("--lang", help="kk, ru or en.")] = "en",
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Say what lamps would light, and what that is assumed to take away; nothing is stored.

    Example: safe-region scenario-lamp --at 51.2304,51.3702 --mount-height 8
    """
    from api.commands.locate import parse_position
    from api.commands.places import checked_options
    from api.dependencies import Published
    from api.lamp_scenarios import LampQuestion, lamp_scenario
    from api.opening import opened_workspace
    from api.schemas import LampOptions

    options = {"window": window, "preset": preset, "lang": lang, "mount_height": mount_height_m}
    query = checked_options(LampOptions, options)
    lamps: list[dict[str, float | None]] = [
        {"lat": lat, "lon": lon, "mount_height_m": query.mount_height}
        for lat, lon in map(parse_position, at)
    ]
    result = lamp_scenario(
        Published(*opened_workspace(directory)),
        LampQuestion(lamps, query.window, query.preset),
        role=query.role,
        lang=query.lang,
    )
    lines = [
        result["sentence"],
        *_section_lines(result["sections"]["features"]),
        *window_lines(result),
        *month_lines(result),
        *result["notes"],
        f"run {result['run_id']}, as of {result['as_of']}",
    ]
    print_result(result, as_json=as_json, lines=lines)


# -------------------------------------------------------------------------------------------


def _section_lines(features: list[dict[str, Any]]) -> list[str]:
    rows: list[tuple[str, ...]] = [("street", "lit now", "then", "less harm", "90 %")]
    for one in (feature["properties"] for feature in features):
        lit, share = one["lit_share"], one["share"]["day"]
        span = f"{share['low']:.1%} – {share['high']:.1%}"
        cells = (f"{lit['now']:.0%}", f"{lit['then']:.0%}", f"{share['mean']:.1%}", span)
        rows.append((one["label"], *cells))
    return columns(rows) if features else []
