"""``import list``, ``show``, ``withdraw``: what was brought, what came of it, taking it back."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.commands.import_report import Language, ReportFile, check_report_file, show_report
from api.commands.output import AsJson, Directory, print_result

Batch = Annotated[int, typer.Argument(help="Number of the import, as 'import list' shows it.")]


def list_(directory: Directory = None, as_json: AsJson = False) -> None:
    """List the imports of the workspace, newest first; withdrawn ones say so.

    Example: safe-region import list --json
    """
    from api.opening import opened_workspace
    from data.store.imports import list_imports

    _, database = opened_workspace(directory)
    with database.reading() as connection:
        rows = list_imports(connection).to_dict("records")
    lines = [
        f"{row['import_id']:>4}  {row['noun']:<10} {row['file_name']}  "
        f"{row['accepted']} taken, {row['quarantined']} refused, {row['duplicate']} known"
        + (" – withdrawn" if row.get("withdrawn_at") else "")
        for row in rows
    ]
    print_result({"imports": rows}, as_json=as_json, lines=lines or ["Nothing is imported yet."])


def show(
    batch: Batch,
    report: ReportFile = None,
    lang: Language = "en",
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Show the report that was kept of an import.

    Example: safe-region import show 7 --report april.xlsx --lang kk
    """
    from api.opening import opened_workspace
    from maps.translations import check_language

    check_language(lang)
    check_report_file(report)
    _, database = opened_workspace(directory)
    kept = _kept_report(database, batch)
    withdrawn = [f"  withdrawn at {kept['withdrawn_at']} UTC"] if kept["withdrawn_at"] else []
    show_report(kept, file=report, lang=lang, as_json=as_json, more=withdrawn)


def withdraw(batch: Batch, directory: Directory = None, as_json: AsJson = False) -> None:
    """Take an import back: what only it brought leaves the next build; its line stays.

    Example: safe-region import withdraw 7
    """
    from datetime import UTC, datetime

    from api.opening import opened_workspace
    from data.store.withdrawal import withdraw_import

    _, database = opened_workspace(directory)
    moment = datetime.now(UTC).replace(tzinfo=None)
    with database.writing() as connection:
        counts = withdraw_import(connection, batch, moment)
    print_result(
        {"import_id": batch, **counts},
        as_json=as_json,
        lines=[
            f"import {batch}: {counts['withdrawn']} withdrawn, {counts['kept']} kept because "
            f"another import brought them too, {counts['restored']} earlier versions restored",
            "the next build leaves them out",
        ],
    )


# -------------------------------------------------------------------------------------------


def _kept_report(database: Any, batch: int) -> dict[str, Any]:
    from data.store.imports import list_imports, list_refused_rows
    from geo.errors import NotFoundError

    with database.reading() as connection:
        imports = list_imports(connection)
        refused = list_refused_rows(connection, batch)
    found = imports[imports["import_id"] == batch]
    if found.empty:
        raise NotFoundError(
            f"There is no import {batch}; 'safe-region import list' shows them.",
            code="import_unknown",
        )
    (row,) = found.to_dict("records")
    faults = refused.astype(object).where(refused.notna(), None).to_dict("records")
    return {
        **{str(name): value for name, value in row.items()},
        "files": [row["file_name"]],
        "refused_rows": faults,
        "refused_rows_left_out": 0,
    }
