"""The report of an import: counts add up, faults bear sheet and bytes, files are summed."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from data.importers.bad_share import check_share
from data.importers.report import ImportReport, RowFaults
from data.importers.report_sums import sum_reports
from geo.errors import InputRefusedError


def rows(*numbers):
    return np.array(numbers, np.int64)


def mask(*truth):
    return np.array(truth, bool)


def faults_of(count):
    faults = RowFaults(rows(*range(2, 2 + count)))
    faults.add(np.ones(count, bool), "lat", "coord_missing")
    return faults


def digests(*found):
    return pa.chunked_array([pa.array(found, pa.binary(32))])


def test_counts_that_do_not_add_up_are_refused():
    with pytest.raises(ValueError, match="sum"):
        ImportReport("kui", rows_read=3, accepted=1, quarantined=1, duplicate=0)


def test_rows_put_aside_are_not_bad():
    report = ImportReport(
        "kui", 6, 1, 5, 0, reasons={"outside_region": 2, "totals_row": 1, "coord_missing": 2}
    )
    assert report.bad == 2


def test_known_rows_are_counted_as_duplicate_and_versions_are_told():
    report = ImportReport("kui", 5, 4, 1, 0).with_known(3, versions=1)
    assert (report.accepted, report.duplicate, report.versions) == (1, 3, 1)


def test_row_of_totals_has_no_other_fault():
    faults = RowFaults(rows(2, 3))
    faults.add(mask(False, True), "", "totals_row")
    faults.add(mask(True, True), "lat", "coord_missing")
    assert faults.frame().to_dict("records") == [
        {"row": 2, "column": "lat", "code": "coord_missing"},
        {"row": 3, "column": "", "code": "totals_row"},
    ]
    assert faults.reasons() == {"coord_missing": 1, "totals_row": 1}


def test_faults_bear_sheet_and_bytes_where_they_are_known():
    faults = RowFaults(
        rows(2, 2),
        sheets=np.array(["Наурыз", "Сәуір"], object),
        raw=digests(b"\x01" * 32, b"\xfe" * 32),
    )
    faults.add(mask(False, True), "lat", "coord_missing")
    assert faults.frame().to_dict("records") == [
        {
            "sheet": "Сәуір", "row": 2, "column": "lat", "code": "coord_missing",
            "raw_sha256": "fe" * 32,
        },
    ]  # fmt: skip
    assert list(RowFaults(rows(1), np.array(["a"], object)).frame()) == [
        "sheet", "row", "column", "code",
    ]  # fmt: skip


def test_report_as_json_lists_the_refused_rows_and_says_how_many_it_left_out():
    report = replace(ImportReport("kui", 5, 0, 5, 0), refused=faults_of(5).frame())
    told = json.loads(json.dumps(report.to_json(most_refused=2)))
    assert told["refused_rows"] == [
        {"row": 2, "column": "lat", "code": "coord_missing"},
        {"row": 3, "column": "lat", "code": "coord_missing"},
    ]
    assert told["refused_rows_left_out"] == 3
    assert len(report.to_json()["refused_rows"]) == 5
    assert ImportReport("kui", 0, 0, 0, 0).to_json()["refused_rows"] == []


def test_hash_of_a_row_never_leaves_with_the_report():
    faults = RowFaults(rows(2), raw=digests(b"\x01" * 32))
    faults.add(mask(True), "lat", "coord_missing")
    report = replace(ImportReport("kui", 1, 0, 1, 0), refused=faults.frame())
    assert "raw_sha256" not in json.dumps(report.to_json())


def test_refused_file_lists_its_rows_and_names_the_first():
    report = ImportReport("kui", 5, 0, 5, 0, reasons={"coord_missing": 5})
    with pytest.raises(InputRefusedError, match="First: row 2, column lat") as refused:
        check_share(report, faults_of(5), "april.csv", 0.2)
    assert refused.value.code == "no_valid_rows"
    assert len(refused.value.facts["refused_rows"]) == 5


@pytest.mark.bad_input("B45")
@pytest.mark.parametrize(("bad", "refused"), [(2, False), (3, True)])
def test_file_is_refused_from_more_than_the_allowed_share_of_bad_rows(bad, refused):
    report = ImportReport("kui", 10, 10 - bad, bad, 0, reasons={"coord_missing": bad})
    if refused:
        with pytest.raises(InputRefusedError, match="more than 20%"):
            check_share(report, faults_of(bad), "april.csv", 0.2)
    else:
        check_share(report, faults_of(bad), "april.csv", 0.2)


def test_reports_of_several_files_are_summed_and_their_faults_bear_the_file():
    one = replace(
        ImportReport("kui", 3, 2, 1, 0, reasons={"coord_missing": 1}, warnings=("a: x",)),
        findings={
            "twins": 1,
            "unknown_articles": {"188": 1, "99": 2},
            "swap": {"verdict": "as given", "swapped": 0.0},
            "stacked": [{"lat": 51.2, "rows": 3}],
        },
        refused=pd.DataFrame({"row": [2], "column": ["lat"], "code": ["coord_missing"]}),
    )
    other = replace(
        one,
        reasons={"outside_region": 1},
        outside_region=1,
        warnings=("b: y",),
        findings={"twins": 2, "unknown_articles": {"99": 1}, "swap": {"verdict": "unclear"}},
        refused=pd.DataFrame(
            {"sheet": ["A"], "row": [9], "column": ["lat"], "code": ["outside_region"]}
        ),
    )
    told = sum_reports([one, other], ["april.csv", "may.xlsx"]).to_json()
    assert (told["rows_read"], told["accepted"], told["quarantined"]) == (6, 4, 2)
    assert told["reasons"] == {"coord_missing": 1, "outside_region": 1}
    assert told["warnings"] == ["a: x", "b: y"]
    assert told["findings"] == {
        "stacked": [{"lat": 51.2, "rows": 3, "file": "april.csv"}],
        "swap": {"by_file": {
            "april.csv": {"verdict": "as given", "swapped": 0.0},
            "may.xlsx": {"verdict": "unclear"},
        }},
        "twins": 3,
        "unknown_articles": {"188": 1, "99": 3},
    }  # fmt: skip
    assert told["refused_rows"] == [
        {"row": 2, "column": "lat", "code": "coord_missing", "file": "april.csv", "sheet": None},
        {"row": 9, "column": "lat", "code": "outside_region", "file": "may.xlsx", "sheet": "A"},
    ]


def test_one_file_keeps_its_report_as_it_is():
    report = ImportReport("kui", 1, 1, 0, 0)
    assert sum_reports([report], ["a.csv"]) is report
