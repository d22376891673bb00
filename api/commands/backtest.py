"""``backtest``: would the map have forecast what came? For the workspace, or for any file."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from api.commands.output import AsJson, Directory, print_result, progress_lines
from geo.errors import UsageError

REFUSED_ROWS = 3
"""Exit code where rows of the file were refused; the others were tested."""


def backtest(
    events: Annotated[
        Path | None,
        typer.Option("--events", help="CSV, XLSX, GeoJSON, GPKG or zipped Shapefile of events."),
    ] = None,
    date: Annotated[
        str | None, typer.Option("--date", help="Its column of the day, or of day and time.")
    ] = None,
    x: Annotated[str | None, typer.Option("--x", help="Column to the east; tables only.")] = None,
    y: Annotated[str | None, typer.Option("--y", help="Column to the north; tables only.")] = None,
    crs: Annotated[
        str | None, typer.Option("--crs", help="Of the coordinates, such as EPSG:4326.")
    ] = None,
    category: Annotated[
        str | None, typer.Option("--category", help="COLUMN=VALUE that is forecast; default: all.")
    ] = None,
    study_area: Annotated[
        str | None,
        typer.Option(
            "--study-area",
            help="GeoJSON, GPKG or zipped Shapefile of polygons, an OSM extract, or the word hull.",
        ),
    ] = None,
    grid: Annotated[
        str, typer.Option("--grid", help="h3:7 to h3:11, square:250ft, square:100m …")
    ] = "h3:10",
    horizon: Annotated[str, typer.Option("--horizon", help="Days looked ahead: 7d, 31d …")] = "31d",
    origins: Annotated[
        int | None, typer.Option("--origins", help="How many windows, counted from the end.")
    ] = None,
    test_from: Annotated[
        datetime | None,
        typer.Option("--test-from", formats=["%Y-%m-%d"], help="First day of the first window."),
    ] = None,
    thin: Annotated[
        float | None, typer.Option("--thin", help="Keep this share of the events, such as 0.1.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of --thin and of the order of ties.")] = 0,
    boosting: Annotated[
        bool,
        typer.Option("--boosting", help="Gradient boosting as one more rival; needs scikit-learn."),
    ] = False,
    date_order: Annotated[str | None, typer.Option("--date-order", help="dmy, mdy or ymd.")] = None,
    encoding: Annotated[str | None, typer.Option("--encoding", help="Of a CSV.")] = None,
    sheet: Annotated[str | None, typer.Option("--sheet", help="Of a workbook or GPKG.")] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of",
            formats=["%Y-%m-%d"],
            help="Day that the workspace is looked back from; without --events only.",
        ),
    ] = None,
    by_streets: Annotated[
        bool,
        typer.Option(
            "--by-streets",
            help="Flag shares of the street length, not of the area; without --events only. "
            "Nothing is kept.",
        ),
    ] = False,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Forecast times gone by from what was known before them, and compare with simple maps.

    Without --events the workspace's last four quarters are checked, and the answer is kept for
    the page "Does the forecast hold?". A file given with --events is only read; nothing of it is
    stored.

    Example: safe-region backtest --events calls.csv --date date --x lon --y lat --crs EPSG:4326
    --study-area town.geojson --horizon 31d
    """
    if events is None:
        given = {
            "--date": date, "--x": x, "--y": y, "--crs": crs, "--category": category,
            "--study-area": study_area, "--origins": origins, "--test-from": test_from,
            "--thin": thin, "--boosting": boosting or None, "--date-order": date_order,
            "--encoding": encoding, "--sheet": sheet,
        }  # fmt: skip
        _check_alone(given)
        _check_workspace(directory, as_of, by_streets=by_streets, as_json=as_json)
        return
    from api.outside_backtest import OutsideTest
    from data.outside_files import OutsideFile

    if date is None or study_area is None:
        raise UsageError("Name --date and --study-area with --events.", code="option_missing")
    if origins is not None and test_from is not None:
        raise UsageError("Give --origins or --test-from, not both.", code="option_surplus")
    if as_of is not None or by_streets:
        raise UsageError(
            "--as-of and --by-streets go without --events only.", code="option_surplus"
        )
    target = _category(category)
    file = OutsideFile(events, date, x, y, crs, target, date_order, encoding, sheet)
    test = OutsideTest(
        grid, _days(horizon), origins, test_from.date() if test_from else None, thin, seed, boosting
    )
    _test_file(file, study_area, test, as_json=as_json)


# -------------------------------------------------------------------------------------------


def _check_alone(given: dict[str, Any]) -> None:
    surplus = [name for name, value in given.items() if value is not None]
    if surplus:
        raise UsageError(
            f"{', '.join(surplus)}: these go with --events only.", code="option_surplus"
        )


def _check_workspace(
    directory: Path | None, as_of: datetime | None, *, by_streets: bool, as_json: bool
) -> None:
    from api.commands.backtest_tables import check_lines
    from api.forecast_checks import check_forecast, forecast_by_streets
    from api.opening import opened_workspace

    workspace, database = opened_workspace(directory)
    tell = progress_lines(as_json=as_json)
    check = forecast_by_streets if by_streets else check_forecast
    found = check(
        workspace,
        database,
        as_of=as_of.date() if as_of else None,
        progress=lambda share, stage: tell(stage if share is None else f"{stage} {share:.0%}"),
    )
    print_result(found, as_json=as_json, lines=check_lines(found))


def _test_file(file: Any, study_area: str, test: Any, *, as_json: bool) -> None:
    from api.commands.backtest_tables import backtest_lines
    from api.outside_backtest import backtest_events
    from data.outside_events import read_outside_events

    tell = progress_lines(as_json=as_json)
    tell("reading the file")
    now = datetime.now()  # noqa: DTZ005 - events are in local time of their town
    events = read_outside_events(file, study_area, today=now)
    category = file.category[1] if file.category else None
    found = backtest_events(events, test, category=category, progress=tell)
    print_result(found, as_json=as_json, lines=backtest_lines(found))
    if found["input"]["refused"]:
        raise typer.Exit(REFUSED_ROWS)


def _category(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    column, sign, value = text.partition("=")
    if not (sign and column.strip() and value.strip()):
        raise UsageError(f"--category {text[:64]!r} is not COLUMN=VALUE.", code="category_invalid")
    return column.strip(), value.strip()


def _days(text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,4})d?", text)
    if found is None:
        raise UsageError(
            f"--horizon {text[:32]!r} is no number of days; write 7d, 14d or 31d.",
            code="horizon_invalid",
        )
    return int(found[1])
