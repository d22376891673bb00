"""The package's school calendar must be readable, and an office's own must go before it."""

from datetime import date

import numpy as np
import pytest

from data.codes.calendar_table import school_calendar
from geo.coverage.daylight import darkness
from geo.errors import UsageError

HEAD = "school_year,kind,from,to,source,verified\n"
ORAL = (51.2333, 51.3667)


def own(tmp_path, *rows, head=HEAD):
    (tmp_path / "school_calendar.csv").write_text(head + "\n".join(rows), encoding="utf-8")
    return tmp_path


def test_every_year_of_the_package_has_about_34_weeks_and_no_summer():
    calendar = school_calendar().calendar
    years = sorted({span.school_year for span in calendar.spans})
    assert years == ["2023-2024", "2024-2025", "2025-2026", "2026-2027"]
    for year in years:
        counted = calendar.days_by_month(year)
        assert 165 <= sum(counted.values()) <= 175
        assert [counted[month] for month in list(counted)[-3:]] == [0, 0, 0]


def test_no_row_of_the_package_claims_an_order_that_was_not_read():
    assert not any(span.verified for span in school_calendar().calendar.spans)


def test_the_shortest_day_is_a_school_day_and_new_year_is_not():
    calendar = school_calendar().calendar
    assert calendar.is_school_day(date(2026, 12, 21)) is True
    assert calendar.is_school_day(date(2027, 1, 1)) is False


def test_on_almost_half_of_the_school_days_at_oral_it_is_night_at_7_40():
    days = school_calendar().calendar.school_days(date(2025, 9, 1), date(2026, 5, 25))
    before_dawn = darkness(*ORAL, days + np.timedelta64(2 * 60 + 40, "m")) == 1  # UTC + 5
    assert (len(days), before_dawn.sum()) == (170, 80)


def test_an_office_s_own_school_year_replaces_the_package_s_alone(tmp_path):
    folder = own(tmp_path, "2025-2026,term,2025-09-02,2025-09-05,order No. 1,yes")
    table = school_calendar(folder)
    assert sum(table.calendar.days_by_month("2025-2026").values()) == 4
    assert sum(table.calendar.days_by_month("2024-2025").values()) == 170
    assert table.calendar.is_verified(date(2025, 10, 1))
    assert not table.calendar.is_verified(date(2024, 10, 1))
    assert table.digest != school_calendar().digest


def test_a_spreadsheet_s_semicolons_are_read(tmp_path):
    folder = own(tmp_path, "2030-2031;term;2030-09-02;2030-09-06;order;no",
                 head=HEAD.replace(",", ";"))  # fmt: skip
    assert school_calendar(folder).calendar.is_school_day(date(2030, 9, 3)) is True


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("2025,term,2025-09-01,2026-05-25,order,no", "school_year"),
        ("2025-2027,term,2025-09-01,2026-05-25,order,no", "school_year"),
        ("2025-2026,lesson,2025-09-01,2026-05-25,order,no", "kind"),
        ("2025-2026,term,01.09.2025,2026-05-25,order,no", "from"),
        ("2025-2026,term,,2026-05-25,order,no", "from"),
        ("2025-2026,term,2025-09-01,2026-09-01,order,no", "to"),
        ("2025-2026,term,2025-10-01,2025-09-01,order,no", "to"),
        ("2025-2026,term,2025-09-01,2026-05-25,,no", "source"),
        ("2025-2026,term,2025-09-01,2026-05-25,order,maybe", "verified"),
    ],
)
def test_a_row_that_cannot_be_read_names_file_row_and_field(tmp_path, row, field):
    with pytest.raises(UsageError, match=r"school_calendar\.csv, row 2") as refusal:
        school_calendar(own(tmp_path, row))
    assert refusal.value.code == "code_table_invalid"
    assert repr(field) in str(refusal.value)


def test_two_terms_that_share_a_day_are_refused(tmp_path):
    rows = ["2025-2026,term,2025-09-01,2025-10-26,order,no",
            "2025-2026,term,2025-10-26,2025-12-01,order,no"]  # fmt: skip
    with pytest.raises(UsageError, match="row 3"):
        school_calendar(own(tmp_path, *rows))
