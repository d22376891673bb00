"""``scenario``: what light, a patrol stop or a camera would take away at a section."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.commands.output import AsJson, Directory, print_result


def scenario(
    section: Annotated[str, typer.Argument(metavar="SECTION", help="Section id.")],
    light: Annotated[
        str | None, typer.Option("--light", help="lit: light along the whole section.")
    ] = None,
    camera: Annotated[
        str | None, typer.Option("--camera", help="working: one that sees the whole section.")
    ] = None,
    patrol_stop: Annotated[
        str | None, typer.Option("--patrol-stop", help="Window of a daily stop of 15 minutes.")
    ] = None,
    preset: Annotated[
        str, typer.Option("--preset", help="Effect of light: conservative, default or rct.")
    ] = "default",
    lang: Annotated[str, typer.Option("--lang", help="kk, ru or en.")] = "en",
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Say what a change would take away at a section: an assumed effect with its interval.

    Example: safe-region scenario s0123456789ab --light lit --patrol-stop evening
    """
    from api.commands.places import checked_options
    from api.dependencies import Published
    from api.opening import opened_workspace
    from api.scenarios import section_scenario
    from api.schemas import ScenarioQuery
    from geo.hazard.scenario import Scenario

    asked = {"light": light, "camera": camera, "patrol_stop": patrol_stop, "preset": preset}
    query = checked_options(ScenarioQuery, {"lang": lang, **asked})
    wanted = Scenario(
        lit_share=1.0 if query.light else None,
        camera_share=1.0 if query.camera else None,
        patrol_stop=query.patrol_stop,
    )
    opened = Published(*opened_workspace(directory)).current()
    result = section_scenario(
        opened, section, wanted, preset=query.preset, role=query.role, lang=query.lang
    )
    lines = [
        result["label"],
        result["sentence"],
        *window_lines(result),
        *month_lines(result),
        *result["notes"],
        f"run {result['run_id']}, as of {result['as_of']}",
    ]
    print_result(result, as_json=as_json, lines=lines)


def window_lines(result: dict[str, Any]) -> list[str]:
    """Print what is taken away by window, as share and as harm a month."""
    unit = result["unit"]
    rows: list[tuple[str, ...]] = [("window", "less", "90 %", f"{unit} a month", "90 %")]
    for window, share in result["share"].items():
        harm = result["avoided"][window]
        rows.append((window, f"{share['mean']:.1%}", f"{share['low']:.1%} – {share['high']:.1%}",
                     f"{harm['mean']:.3g}", f"{harm['low']:.3g} – {harm['high']:.3g}"))  # fmt: skip
    return columns(rows)


def month_lines(result: dict[str, Any]) -> list[str]:
    """Print what is taken away month by month, and in all of them."""
    year = {"month": "12 months", **result["a_year"]}
    rows: list[tuple[str, ...]] = [("month", result["unit"], "90 %")]
    rows += [
        (row["month"], f"{row['mean']:.3g}", f"{row['low']:.3g} – {row['high']:.3g}")
        for row in (*result["by_month"], year)
    ]
    return columns(rows)


def columns(rows: list[tuple[str, ...]]) -> list[str]:
    """Print rows of cells under each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
