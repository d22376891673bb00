"""``import layer``: ask the official layer's map service for what is new."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.import_report import Language, ReportFile, check_report_file, show_report
from api.commands.output import AsJson, Directory, progress_lines

EXIT_REFUSED = 3


def layer(
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", help="YAML file with the layer's address; else the kept one."),
    ] = None,
    report: ReportFile = None,
    lang: Language = "en",
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Import what the official layer holds that is new, late entries of two days included.

    The mapping file names the service: 'layer: {url: https://HOST/…/FeatureServer/1}'.

    Example: safe-region import layer --mapping kpssu.yaml
    """
    from api.opening import opened_workspace
    from data.importers.parsing.isolation import start_parsers

    start_parsers()
    from data.importers.tabular import ReadOptions
    from data.intake import take_layer
    from maps.translations import check_language

    check_language(lang)
    check_report_file(report)
    workspace, database = opened_workspace(directory)
    taken = take_layer(
        ReadOptions(mapping=mapping),
        workspace=workspace,
        database=database,
        progress=progress_lines(as_json=as_json),
    )
    result = taken.to_json() | {"noun": "kpssu", "files": [], "dry_run": False}
    show_report(result, file=report, lang=lang, as_json=as_json, more=[])
    if taken.bad:
        raise typer.Exit(EXIT_REFUSED)
