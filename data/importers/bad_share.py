"""Refuse a file whole where too many of its rows are bad, naming the first and the ways out."""

from __future__ import annotations

from dataclasses import replace

from data.importers.report import OUTSIDE_REGION, ImportReport, RowFaults
from geo.errors import InputRefusedError

LISTED_WHEN_REFUSED = 10_000
"""Faults listed with a file that is refused whole; nobody corrects more of them by hand."""

WAYS_OUT = {
    "coord_missing": "give each row a latitude and a longitude",
    "coord_not_number": "write coordinates as plain numbers with a point, or declare "
    "'decimal: \",\"' in the mapping",
    "coord_not_finite": "take out NaN and Infinity",
    "coord_out_of_range": "name the CRS of the coordinates with --crs",
    OUTSIDE_REGION: "check --crs, the order of latitude and longitude, and the study area",
    "time_missing": "give each row the day it happened",
    "time_invalid": "write times as 2025-04-03 20:30, or declare --date-order",
    "time_in_future": "check the year and the order of day and month",
    "row_shape": "quote fields that hold the delimiter",
    "pii_in_text": "take personal data out of the text",
}


def check_share(report: ImportReport, faults: RowFaults, file_name: str, allowed: float) -> None:
    """Raise where no row is left or more than the allowed share of rows is bad.

    Raises
    ------
    InputRefusedError
        ``no_valid_rows`` or ``too_many_bad_rows``; its facts hold the report.
    """
    bad = report.bad
    if report.accepted + report.duplicate and bad <= allowed * report.rows_read:
        return
    listed = faults.frame()
    reasons = ", ".join(f"{code} {count}" for code, count in report.reasons.items())
    first = (
        " First: row {row}, column {column}, {code}.".format(**listed.iloc[0])
        if len(listed)
        else ""
    )
    ways = [way for code, way in WAYS_OUT.items() if code in report.reasons]
    share = (
        f"{bad} of {report.rows_read} rows are bad, more than {allowed:.0%}"
        if report.accepted + report.duplicate
        else f"none of {report.rows_read} rows can be used"
    )
    raise InputRefusedError(
        f"{file_name}: {share} ({reasons or 'no rows'}).{first} Nothing was stored"
        + (f"; {'; '.join(ways)}." if ways else "."),
        code="too_many_bad_rows" if report.accepted + report.duplicate else "no_valid_rows",
        facts=replace(report, refused=listed).to_json(most_refused=LISTED_WHEN_REFUSED),
    )
