"""Hours of dimming as registers write them, in columns of their own or in words."""

from datetime import datetime

import numpy as np
import pytest

from data.importers.lighting import read_lighting_file
from data.importers.values.dimming_words import Dimming, DimmingError, clock_text, parse_dimming
from data.store.assets import read_lamps
from data.store.imports import ImportRecord, save_import
from data.store.works import read_lit_streets
from geo.coverage.dimming import light_left
from geo.parameters import WINDOWS, HazardParameters
from tests.data.asset_files import TOWN, codes, counts, read

HEAD = "lat;lon;номер опоры;"


def lamp_file(head, *cells):
    """A list of poles with these cells, and enough plain ones to bear a few faults."""
    rows = [f"51.22{n:02};51.36;{n};{cell}" for n, cell in enumerate(cells)]
    plain = ";" * head.count(";")
    rows += [f"51.23{n:02};51.36;p{n};{plain}" for n in range(20)]
    return "\n".join([HEAD + head, *rows])


def dimming_of(imported, count):
    """Return from, to and share of the first rows; None where missing."""
    frame = imported.frame.sort_values("source_row").head(count)
    columns = frame[["dimmed_from", "dimmed_to", "dimmed_share"]].astype(object)
    return [tuple(row) for row in columns.where(columns.notna(), None).to_numpy()]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("диммирование 01:00–05:00 50 %", ("01:00", "05:00", 0.5)),
        ("Диммирование с 01.00 до 05.00 до 50%", ("01:00", "05:00", 0.5)),
        ("01:00-05:00", ("01:00", "05:00", None)),
        ("01:00-ден 05:00-ге дейін 50 %", ("01:00", "05:00", 0.5)),
        ("50 %-ға дейін 00:00-06:00", ("00:00", "06:00", 0.5)),
        ("снижение на 30 % с 23:00 до 05:00", ("23:00", "05:00", 0.7)),
        ("30 %-ға азайту 23:00-06:00", ("23:00", "06:00", 0.7)),
        ("выкл. 01:00-05:00", ("01:00", "05:00", 0.0)),
        ("отключение с 1:00", ("01:00", None, 0.0)),
        ("01:00-05:00 өшіріледі", ("01:00", "05:00", 0.0)),
        ("жарық 01:00-ге дейін", ("01:00", None, 0.0)),
        ("сағат 1-ге дейін", ("01:00", None, 0.0)),
        ("до 01:00", ("01:00", None, 0.0)),
        ("горит до 24:00", ("00:00", None, 0.0)),
        ("горит 18:00–01:00, 05:00–08:00", ("01:00", "05:00", 0.0)),
        ("свет с 18:00 до 08:00", (None, None, None)),
        ("00:00–24:00 30 %", ("00:00", "24:00", 0.3)),
        ("dimming 23:00 to 05:00 40%", ("23:00", "05:00", 0.4)),
        ("70 %", (None, None, 0.7)),
        ("всю ночь", (None, None, None)),
        ("жоқ", (None, None, None)),
    ],
)
def test_words_are_understood(text, wanted):
    assert parse_dimming(text) == Dimming(*wanted)


def test_bare_hours_under_a_head_of_burning_are_those_of_light():
    assert parse_dimming("18:00-01:00", lit_hours=True) == Dimming("01:00", None, 0.0)
    assert parse_dimming("18:00-00:00 05-08", lit_hours=True) == Dimming("00:00", "05:00", 0.0)
    assert parse_dimming("выкл 01:00-05:00", lit_hours=True) == Dimming("01:00", "05:00", 0.0)


@pytest.mark.parametrize("text", ["реле ФР-2", "по заявке", "режим 1", "да"])
def test_what_is_not_clear_is_not_guessed(text):
    assert parse_dimming(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("25:00-05:00", "dimming_invalid"),
        ("до 01:75", "dimming_invalid"),
        ("05:00-05:00", "dimming_invalid"),
        ("отключение до 05:00", "dimming_invalid"),
        ("01:00-05:00 150 %", "number_out_of_range"),
        ("01:00-05:00, -5 %", "number_out_of_range"),
    ],
)
def test_what_cannot_be_has_its_code(text, code):
    with pytest.raises(DimmingError, match=code):
        parse_dimming(text)


def test_clocks_of_every_spelling():
    texts = ["1", "01.30", "1:30:00", "24:00", "24:30", "12:60", "", "noon"]
    assert [clock_text(text) for text in texts] == [
        "01:00", "01:30", "01:30", "00:00", None, None, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("head", "cell"),
    [
        ("диммирование", "01:00–05:00 50 %"),
        ("Ночной режим", "снижение до 50 % с 1 до 5"),
        ("күңгірттеу", "01:00-ден 05:00-ге дейін 50 пайыз"),
        ("Диммирование с;Диммирование до;Доля света ночью", "01:00;5.00;50 %"),
        ("dimmed_from;dimmed_to;dimmed_share", "01:00:00;05:00:00;0.5"),
        ("күңгірттеу басталуы;күңгірттеу аяқталуы;қалған жарық", "1:00;5:00;50%"),
        ("диммирование с;диммирование по;снижение %", "01:00;05:00;50 %"),
    ],
)
def test_heads_in_three_languages_lead_to_the_same_hours(tmp_path, head, cell):
    imported = read(read_lighting_file, lamp_file(head, cell), tmp_path)
    assert dimming_of(imported, 1) == [("01:00", "05:00", 0.5)]
    assert imported.report.accepted == 21
    left = light_left(imported.frame.sort_values("source_row"), HazardParameters())
    assert left[0, list(WINDOWS).index("night")] == 0.75
    assert (left[1:] == 1).all()


@pytest.mark.parametrize(
    ("head", "cell"),
    [
        ("режим горения", "до 01:00"), ("режим горения", "18:00-01:00"), ("горит до", "1:00"),
        ("Жану уақыты", "жарық 01:00-ге дейін"), ("жұмыс кестесі", "01:00-ге дейін"),
    ],
)  # fmt: skip
def test_light_until_an_hour_is_none_from_then_on(tmp_path, head, cell):
    imported = read(read_lighting_file, lamp_file(head, cell), tmp_path)
    assert dimming_of(imported, 1) == [("01:00", None, 0.0)]
    assert any(w.startswith("dimming_end_missing: 1 ") for w in imported.report.warnings)


def test_bad_hours_and_shares_are_named_and_the_rest_goes_on(tmp_path):
    rows = ["25:00;05:00;50", "01:00;05:00;150", "01:00;05:00;half", ";05:00;50", "01:00;01:00;50",
            "01:00;05:00;50"]  # fmt: skip
    text = lamp_file("диммирование с;диммирование до;доля света", *rows)
    imported = read(read_lighting_file, text, tmp_path, allowed_bad_share=0.5)
    assert codes(imported) == [
        (2, "диммирование с", "time_invalid"),
        (3, "доля света", "number_out_of_range"),
        (4, "доля света", "not_number"),
        (5, "диммирование с", "dimming_invalid"),
        (6, "диммирование до", "dimming_invalid"),
    ]
    assert counts(imported) == (26, 21, 5, 0)
    assert imported.report.inferred["dimmed_share_unit"] == "per cent"
    words = lamp_file("диммирование", "25:00-05:00", "01:00-05:00 150 %", "01:00-05:00 50 %")
    imported = read(read_lighting_file, words, tmp_path)
    assert codes(imported) == [
        (2, "диммирование", "dimming_invalid"),
        (3, "диммирование", "number_out_of_range"),
    ]


def test_what_is_missing_is_told_and_not_made_up(tmp_path):
    text = lamp_file("диммирование", "01:00-05:00", "50 %", "по расписанию АСУНО", "нет")
    imported = read(read_lighting_file, text, tmp_path)
    assert dimming_of(imported, 4) == [
        ("01:00", "05:00", None), (None, None, 0.5), (None, None, None), (None, None, None),
    ]  # fmt: skip
    told = {warning.split(":")[0] for warning in imported.report.warnings}
    assert {"dimming_share_missing", "dimming_hours_missing", "dimming_unclear"} <= told


def test_shares_without_a_sign_are_read_by_their_column(tmp_path):
    head = "dimmed_from;dimmed_to;dimmed_share"
    small = lamp_file(head, "01:00;05:00;0.3", "01:00;05:00;1")
    assert [row[2] for row in dimming_of(read(read_lighting_file, small, tmp_path), 2)] == [0.3, 1]
    large = lamp_file(head, "01:00;05:00;30", "01:00;05:00;1")
    shares = [row[2] for row in dimming_of(read(read_lighting_file, large, tmp_path), 2)]
    assert shares == [0.3, 0.01]


def test_a_file_without_dimming_has_empty_columns(tmp_path):
    imported = read(read_lighting_file, lamp_file("высота", "8"), tmp_path)
    assert imported.frame[["dimmed_from", "dimmed_to"]].isna().all(axis=None)
    assert np.isnan(imported.frame["dimmed_share"]).all()
    assert not imported.report.warnings


STREETS = (
    "улица;от;до;освещена;диммирование\n"
    "ул. Абая;д. 1;д. 21;да;01:00–05:00 50 %\n"
    "пр-т Достык;ул. Курмангазы;ул. Сарайшык;да, до 01:00;\n"
    "Құрманғазы көшесі;;;жоқ;\n"
    "Сарайшық көшесі;;;жарық 01:00-ге дейін;\n"
)


def test_lists_of_streets_say_it_too_and_the_store_keeps_it(tmp_path, database):
    imported = read(read_lighting_file, STREETS, tmp_path, places=TOWN)
    assert imported.refused.empty
    assert imported.frame.sort_values("source_row")["lit"].tolist() == ["yes", "yes", "no", "yes"]
    lamps = lamp_file("диммирование", "01:00–05:00 50 %")
    poles = read(read_lighting_file, lamps, tmp_path)
    with database.writing() as connection:
        for one in (imported, poles):
            record = ImportRecord(
                noun="lighting", source="s", file_name="f", file_sha256="0" * 64,
                imported_at=datetime(2025, 9, 1), rows_read=one.report.rows_read,
                rows_are=one.rows_are,
            )  # fmt: skip
            save_import(connection, record, one.blocks, one.refused)
        streets, standing = read_lit_streets(connection), read_lamps(connection)
    told = streets.set_index("street")[["dimmed_from", "dimmed_to", "dimmed_share"]]
    assert told.loc["ул. Абая"].tolist() == ["01:00", "05:00", 0.5]
    for street in ("пр-т Достык", "Сарайшық көшесі"):
        assert told.loc[street].tolist() == ["01:00", None, 0.0]
    assert told.loc["Құрманғазы көшесі"].isna().all()
    assert standing["dimmed_share"].dropna().tolist() == [0.5]


def test_a_word_for_light_that_names_no_hour_is_read_as_before(tmp_path):
    text = STREETS.replace("жарық 01:00-ге дейін", "до утра 7")
    imported = read(read_lighting_file, text, tmp_path, places=TOWN, allowed_bad_share=0.5)
    assert codes(imported) == [(5, "освещена", "word_unknown")]
