"""One report of several files that were brought in one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from data.importers.report import ImportReport

_COUNTS = ("rows_read", "accepted", "quarantined", "duplicate", "versions", "outside_region")


def sum_reports(reports: Sequence[ImportReport], files: Sequence[str]) -> ImportReport:
    """Sum the reports of several files; what cannot be summed stands under the file's name.

    A file's faults bear its name under ``file``. The mapping and the preview are the first
    file's.
    """
    if len(reports) == 1:
        return reports[0]
    counts = {name: sum(getattr(one, name) for one in reports) for name in _COUNTS}
    return replace(
        reports[0],
        **counts,
        reasons=_added([one.reasons for one in reports]),
        covers_from=min((one.covers_from for one in reports if one.covers_from), default=None),
        covers_to=max((one.covers_to for one in reports if one.covers_to), default=None),
        warnings=tuple(sorted({warning for one in reports for warning in one.warnings})),
        findings=_findings(reports, files),
        import_ids=tuple(number for one in reports for number in one.import_ids),
        refused=_refused(reports, files),
    )


# -------------------------------------------------------------------------------------------


def _findings(reports: Sequence[ImportReport], files: Sequence[str]) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {}
    for file, one in zip(files, reports, strict=True):
        for name, value in one.findings.items():
            found.setdefault(name, {})[file] = value
    return {name: _sum_or_by_file(found[name]) for name in sorted(found)}


def _sum_or_by_file(by_file: dict[str, Any]) -> Any:
    values = list(by_file.values())
    if all(_counts_only(value) for value in values):
        return _added(values)
    if all(isinstance(value, list) for value in values):
        return [{**item, "file": file} for file, items in by_file.items() for item in items]
    return {"by_file": by_file}


def _counts_only(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_counts_only(inner) for inner in value.values())
    return isinstance(value, int) and not isinstance(value, bool)


def _added(values: Sequence[Any]) -> Any:
    """Add counts, or dicts of counts name by name."""
    if not isinstance(values[0], dict):
        return sum(values)
    names = sorted({name for value in values for name in value})
    return {name: _added([value[name] for value in values if name in value]) for name in names}


def _refused(reports: Sequence[ImportReport], files: Sequence[str]) -> pd.DataFrame | None:
    frames = [
        one.refused.assign(file=file)
        for file, one in zip(files, reports, strict=True)
        if one.refused is not None and len(one.refused)
    ]
    return pd.concat(frames, ignore_index=True) if frames else None
