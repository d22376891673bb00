"""Every form in which a clerk writes a moment, read by hand and by chance."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.importers.values.moments import clock_spikes, hide_false_midnight, read_moments
from geo.errors import InputRefusedError
from tests.data.tables_by_hand import ORAL, faults_of, table_of_texts

EVENING = datetime(2025, 4, 3, 20, 30)
LATER = datetime(2025, 4, 3, 22, 30)


def read(*texts, clock=None, **options):
    columns = {"occurred_at": list(texts)}
    if clock is not None:
        columns["occurred_time"] = clock
    table = table_of_texts(**columns, **{"date_order": "dmy", **options})
    moments = read_moments(table, "occurred_at", ORAL, required=False, clock="occurred_time")
    return table, moments


@pytest.mark.parametrize(
    ("text", "precision"),
    [
        ("2025-04-03 20:30", "minute"),
        ("2025-04-03T20:30:00", "minute"),
        ("2025/4/3 20:30:00.123", "minute"),
        ("03.04.2025 20:30", "minute"),
        ("3.4.2025, 20.30", "minute"),
        ("03/04/2025 20:30:00", "minute"),
        ("03-04-25 20:30", "minute"),
        ("03.04.2025г. 20:30", "minute"),
        ("03.04.2025 в 20 ч. 30 мин.", "minute"),
        ("03.04.2025 сағат 20.30-да", "minute"),
        ("03.04.2025 8:30 PM", "minute"),
        ("20:30 03.04.2025", "minute"),
        ("в 20.30 3 апреля 2025 года", "minute"),
        ("«3» апреля 2025 г. 20:30", "minute"),
        ("3-апр-2025 20:30", "minute"),
        ("April 3, 2025 8:30 p.m.", "minute"),
        ("3-Apr-25 20:30", "minute"),
        ("2025 жылғы 3 сәуір 20:30", "minute"),
        ("2025 ж. 3 сәуірде сағат 20:30", "minute"),
        ("3 c\u04d9уip 2025 20:30", "minute"),  # Latin c, i and p
        ("3 сауир 2025 20:30", "minute"),
        ("45750.854166666664", "minute"),
        ("45750,8541666667", "minute"),
        ("2025-04-03 15:30:00Z", "minute"),
        ("2025-04-03T21:30:00+06:00", "minute"),
        ("03.04.2025\u00a020:30", "minute"),
    ],
)
def test_one_evening_in_every_form(text, precision):
    table, moments = read(text)
    assert faults_of(table) == []
    assert moments.at.tolist() == [EVENING]
    assert moments.precision.tolist() == [precision]
    assert moments.until is None


@pytest.mark.parametrize(
    ("text", "at", "precision"),
    [
        ("03.04.2025", datetime(2025, 4, 3), "day"),
        ("3 сәуір 2025 ж.", datetime(2025, 4, 3), "day"),
        ("45750", datetime(2025, 4, 3), "day"),
        ("03.04.2025 20", datetime(2025, 4, 3, 20), "hour"),
        ("03.04.2025 около 20 ч.", datetime(2025, 4, 3, 20), "hour"),
        ("03.04.2025 шамамен 20:30", EVENING, "hour"),
        ("03.04.2025 сағат 20-лар шамасында", datetime(2025, 4, 3, 20), "hour"),
        ("03.04.2025 24:00", datetime(2025, 4, 4), "minute"),
        ("03.04.1999 20:30", datetime(1999, 4, 3, 20, 30), "minute"),
        ("29.02.2024", datetime(2024, 2, 29), "day"),
    ],
)
def test_what_was_not_said_is_not_known(text, at, precision):
    _, moments = read(text)
    assert moments.at.tolist() == [at]
    assert moments.precision.tolist() == [precision]


@pytest.mark.parametrize(
    "text",
    [
        "03.04.2025 с 20.30 до 22.30",
        "с 20.30 до 22.30 03.04.2025",
        "03.04.2025 20:30-22:30",
        "03.04.2025 20.30–22.30 аралығында",
        "03.04.2025 20.30-дан 22.30-ға дейін",
        "03.04.2025 сағат 20.30 мен 22.30 аралығында",
        "3 апреля 2025 г. с 20 ч. 30 мин. до 22 ч. 30 мин.",
        "03.04.2025 20:30 - 03.04.2025 22:30",
        "с 20.30 03.04.2025 до 22.30 03.04.2025",
        "2025-04-03 20:30 - 2025-04-03 22:30",
    ],
)
def test_an_interval_keeps_both_ends(text):
    table, moments = read(text)
    assert faults_of(table) == []
    assert moments.at.tolist() == [EVENING]
    assert moments.until.tolist() == [LATER]
    assert moments.precision.tolist() == ["interval"]
    assert table.inferred["occurred_at_intervals"].startswith("1 rows ")


def test_an_interval_over_midnight_ends_the_next_day_and_one_of_days_at_its_last_midnight():
    _, moments = read("03.04.2025 22:00-02:00", "с 03.04.2025 по 04.04.2025", "03.04.2025 20:30")
    assert moments.until.tolist()[:2] == [datetime(2025, 4, 4, 2), datetime(2025, 4, 5)]
    assert moments.until.isna().tolist() == [False, False, True]


@pytest.mark.parametrize(
    "text",
    [
        "вчера", "30.02.2025", "29.02.2025", "03.13.2025", "03.04.2025 25:00", "03.04.2025 24:30",
        "03.04.2025 20:60", "04.04.2025 20:00 - 03.04.2025 20:00", "2025", "20:30", "03.04.1989",
        "infinity", "0.5", "12345", "99999", "03.04.2025 13:30 PM", "٠٣.٠٤.٢٠٢٥", "3 мартобря 2025",
        "03.04.2025 20:30 и позже", "03.04.2025 " * 20,
    ],
)  # fmt: skip
@pytest.mark.bad_input("B29")
def test_what_cannot_be_is_a_coded_row(text):
    table, moments = read(text.strip())
    assert faults_of(table) == [(2, "occurred_at", "time_invalid")]
    assert moments.at.isna().all()
    assert moments.precision.tolist() == [None]


@pytest.mark.parametrize(
    ("day", "clock", "at", "precision"),
    [
        ("03.04.2025", "20:30", EVENING, "minute"),
        ("03.04.2025 00:00:00", "20:30", EVENING, "minute"),
        ("45750", "0.854166666666667", EVENING, "minute"),
        ("2025-04-03", "1899-12-30 20:30:00", EVENING, "minute"),
        ("03.04.2025", "20 ч 30 мин", EVENING, "minute"),
        ("03.04.2025", "с 20.30 до 22.30", EVENING, "interval"),
        ("03.04.2025", None, datetime(2025, 4, 3), "day"),
        ("03.04.2025", "не установлено", datetime(2025, 4, 3), "day"),
        ("03.04.2025 20:30", "09:00", EVENING, "minute"),
    ],
)
def test_a_clock_of_its_own_column_joins_the_day(day, clock, at, precision):
    table, moments = read(day, clock=[clock])
    assert faults_of(table) == []
    assert moments.at.tolist() == [at]
    assert moments.precision.tolist() == [precision]


def test_forms_may_be_mixed_and_are_told():
    table, moments = read("03.04.2025 20:30", "2025-04-03 20:30", "45750.8541667", "3 апреля 2025")
    assert moments.at.dt.date.nunique() == 1
    assert faults_of(table) == []
    assert table.inferred["occurred_at_forms"] == {
        "99.99.9999 99:99": 1, "9999-99-99 99:99": 1, "99999.9999999": 1, "9 апреля 9999": 1,
    }  # fmt: skip
    assert table.inferred["occurred_at_excel_serials"].startswith("1 rows ")


def test_a_year_of_two_digits_turns_at_69():
    table, moments = read("03.04.68", "03.04.90", "03.04.00")
    assert moments.at.dt.year.tolist() == [2068, 1990, 2000]
    assert "00–68 read as 2000–2068" in table.inferred["occurred_at_two_digit_years"]


@pytest.mark.bad_input("B32")
def test_a_row_that_fits_only_the_other_order_does_not_change_the_file_s():
    days = [f"{n + 10:02}.04.2025" for n in range(20)]
    table, moments = read("03.04.2025", *days, "04/15/2025", date_order=None)
    assert moments.at[0] == datetime(2025, 4, 3)
    assert faults_of(table) == [(23, "occurred_at", "time_invalid")]
    assert table.inferred["date_order"] == (
        "dmy: 17 rows allow no other, 1 rows allow only another and are put aside"
    )


@pytest.mark.bad_input("B32")
def test_two_orders_in_one_file_refuse_it():
    with pytest.raises(InputRefusedError, match="both orders occur") as refusal:
        read("13.04.2025", "04/15/2025", date_order=None)
    assert refusal.value.code == "date_order_ambiguous"


@pytest.mark.bad_input("B32")
def test_another_column_of_the_file_may_decide():
    table = table_of_texts(
        occurred_at=["03.04.2025", "05.04.2025"], registered_at=["03.04.2025", "25.04.2025"]
    )
    moments = read_moments(table, "occurred_at", ORAL, required=True)
    assert moments.at.dt.month.tolist() == [4, 4]
    assert table.inferred["date_order"] == "dmy: 1 rows allow no other"


@pytest.mark.bad_input("B32")
def test_two_digits_on_both_sides_leave_three_orders():
    for days in (["05-04-03"], ["31-12-24", "05-04-03"]):  # the last day of 2024, or Christmas 2031
        with pytest.raises(InputRefusedError):
            read(*days, date_order=None)
    assert read("31-12-24", "05-04-03")[1].at.tolist()[1] == datetime(2003, 4, 5)
    assert read("99-12-31", "05-04-03", date_order=None)[1].at.tolist()[1] == datetime(2005, 4, 3)
    assert read("05-04-03", date_order="ymd")[1].at.tolist() == [datetime(2005, 4, 3)]


@pytest.mark.bad_input("B32")
def test_a_day_that_is_its_month_needs_no_order():
    assert read("04.04.2025", date_order=None)[1].at.tolist() == [datetime(2025, 4, 4)]


@pytest.mark.parametrize(("clock", "hidden"), [("00:00", True), ("12:00", True), ("13:00", False)])
@pytest.mark.bad_input("B30")
def test_midnight_and_noon_in_a_third_of_the_rows_are_no_hours(clock, hidden):
    table, moments = read(*[f"03.04.2025 {clock}"] * 31, *["03.04.2025 18:05"] * 69)
    precision = hide_false_midnight(table, moments, "occurred_at").precision
    assert (precision == "day").sum() == (31 if hidden else 0)
    assert (precision == "minute").sum() == (69 if hidden else 100)
    assert bool(table.warnings) is hidden


def test_a_few_rows_at_noon_are_at_noon():
    table, moments = read(*["03.04.2025 12:00"] * 5)
    assert set(hide_false_midnight(table, moments, "occurred_at").precision) == {"minute"}


def test_clocks_that_stand_out_are_listed():
    clocks = ["00:00"] * 30 + ["12:00"] * 20 + [f"{n % 20 + 1:02}:{n:02}" for n in range(50)]
    _, moments = read(*[f"03.04.2025 {clock}" for clock in clocks])
    assert clock_spikes(moments) == [
        {"clock": "00:00", "rows": 30, "share": 0.3},
        {"clock": "12:00", "rows": 20, "share": 0.2},
    ]
    assert clock_spikes(read(*["03.04.2025"] * 9)[1]) == []
    assert clock_spikes(read(*["03.04.2025 12:00"] * 5)[1]) == []


MONTHS = {
    "kk": "қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "en": "January February March April May June July August September October November December",
    "latin": "qańtar aqpan naýryz sáýir mamyr maýsym shilde tamyz qyrkúıek qazan qarasha jeltoqsan",
}


@pytest.mark.parametrize("language", list(MONTHS))
def test_every_month_has_its_word(language):
    texts = [f"{number} {word} 2025" for number, word in enumerate(MONTHS[language].split(), 1)]
    _, moments = read(*texts)
    assert moments.at.dt.month.tolist() == list(range(1, 13))


@pytest.mark.parametrize("ending", ["да", "ы", "ында", "дың", "ға"])
def test_kazakh_months_take_endings(ending):
    words = [
        "қыркүйег" + ending if word == "қыркүйек" else word + ending
        for word in MONTHS["kk"].split()
    ]
    _, moments = read(*[f"2025 жылғы 5 {word}" for word in words])
    assert moments.at.dt.month.tolist() == list(range(1, 13))


def _forms(moment):
    ru, kk, en = (MONTHS[name].split()[moment.month - 1] for name in ("ru", "kk", "en"))
    serial = (moment - datetime(1899, 12, 30)) / timedelta(days=1)
    clock = f"{moment:%H:%M}"
    return [
        f"{moment:%Y-%m-%d} {clock}",
        f"{moment:%Y-%m-%dT%H:%M:%S}",
        f"{moment:%d.%m.%Y} {clock}",
        f"{moment:%d.%m.%y} {clock}",
        f"{moment.day}.{moment.month}.{moment.year} {moment:%H.%M}",
        f"{moment.day} {ru} {moment.year} г. в {moment.hour} ч. {moment.minute} мин.",
        f"{moment.year} жылғы {moment.day} {kk} сағат {clock}",
        f"{en} {moment.day}, {moment.year} {moment:%I:%M %p}",
        f"{clock} {moment:%d.%m.%Y}",
        f"{serial!r}",
        f"{moment - timedelta(hours=5):%Y-%m-%dT%H:%M:%S}Z",
    ]


@settings(max_examples=200, deadline=None)
@given(
    st.datetimes(datetime(2005, 1, 1, 5), datetime(2060, 12, 31)).map(
        lambda moment: moment.replace(second=0, microsecond=0)
    )
)
def test_any_moment_reads_back_from_every_form(moment):
    forms = _forms(moment)
    _, moments = read(*forms)
    assert dict(zip(forms, moments.at, strict=True)) == dict.fromkeys(forms, moment)
    assert set(moments.precision) == {"minute"}


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="0123456789.,-/: TZчсагд+сәуірмай", max_size=24))
def test_any_text_is_a_moment_or_a_coded_row(text):
    table, moments = read(text)
    if moments.at.isna()[0]:
        assert {code for _, _, code in faults_of(table)} <= {"time_invalid"}
    else:
        assert date(1990, 1, 1) <= moments.at[0].date() <= date(2101, 1, 1)
