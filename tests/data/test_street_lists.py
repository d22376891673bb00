"""Lists of lit streets: each stretch is found on the map, or put aside by name."""

from datetime import datetime

import pytest

from data.importers.lighting import read_lighting_file
from data.importers.places.street_lines import read_end
from data.importers.places.street_parts import StreetEnd
from data.store.imports import ImportRecord, save_import
from data.store.works import read_lit_streets
from geo.errors import InputRefusedError, UsageError
from tests.data.asset_files import TOWN, codes, counts, metres, read

LIST = (
    "улица;от;до;км;освещена;год;балансодержатель;сумма\n"
    "ул. Абая;д. 1;д. 21;0,9;да;2024;ЖКХ;12 500 000 ₸\n"
    "пр-т Достык;ул. Курмангазы;ул. Сарайшык;1,0;частично;;;\n"
    "Құрманғазы көшесі;;;;жоқ;2025;;1,5 млн тг\n"
)
DECIMAL = 'decimal: ","'


def test_a_stretch_lies_on_its_street(tmp_path):
    imported = read(read_lighting_file, LIST, tmp_path, places=TOWN, mapping=DECIMAL)
    frame = imported.frame.sort_values("source_row").reset_index(drop=True)
    assert imported.rows_are == "lit_streets"
    assert imported.report.inferred["kind_of_file"].startswith("street_list")
    assert frame["lit"].tolist() == ["yes", "partly", "no"]
    assert frame["length_m"].tolist()[:2] == [900, 1000]
    assert frame["length_m"].tolist()[2] == pytest.approx(1000, rel=0.1)  # the map's
    assert frame["cost_kzt"].tolist()[0] == 12_500_000
    assert frame["cost_kzt"].tolist()[2] == 1_500_000
    assert frame["match_score"].min() >= 85
    # Middles of Abai, Dostyq and Qurmangazy, in metres from the corner.
    for (east, north), wanted in zip(
        metres(frame["lat"], frame["lon"]), [(500, 0), (500, 1000), (0, 500)], strict=True
    ):
        assert abs(east - wanted[0]) <= 30
        assert abs(north - wanted[1]) <= 30
    assert all(line.geom_type == "LineString" for line in frame["line"])


def test_stretches_go_into_the_store_with_their_lines(tmp_path, database):
    imported = read(read_lighting_file, LIST, tmp_path, places=TOWN, mapping=DECIMAL)
    record = ImportRecord(
        noun="lighting",
        source="s",
        file_name="f",
        file_sha256="0" * 64,
        imported_at=datetime(2025, 9, 1),
        rows_read=3,
        rows_are=imported.rows_are,
    )
    with database.writing() as connection:
        first = save_import(connection, record, imported.blocks, imported.refused)
        again = save_import(connection, record, imported.blocks, imported.refused)
        stored = read_lit_streets(connection)
    assert (first.accepted, again.accepted, again.duplicate) == (3, 0, 3)
    assert sorted(stored["lit"]) == ["no", "partly", "yes"]
    assert stored["line"].map(lambda line: line.geom_type).tolist() == ["LineString"] * 3


def test_a_street_that_the_map_has_not_is_put_aside(tmp_path):
    rows = LIST + "ул. Небывалая;1;5;0,2;да;;;\n" + "ул. Абая;1;5;;светло;;;\n" + ";1;2;;да;;;\n"
    rows += "".join(f"ул. Абая;{n};{n + 12};;да;;;\n" for n in range(1, 10))
    imported = read(read_lighting_file, rows, tmp_path, places=TOWN, mapping=DECIMAL)
    assert codes(imported) == [
        (5, "улица", "address_unknown"),
        (6, "освещена", "word_unknown"),
        (7, "улица", "street_missing"),
    ]
    assert counts(imported) == (15, 12, 3, 0)


def test_light_that_is_not_said_is_not_guessed(tmp_path):
    rows = "street,from,to,lit\n" + "".join(f"Абай,{n},{n + 12},yes\n" for n in range(1, 10))
    imported = read(read_lighting_file, rows + "Абай,5,21,\n", tmp_path, places=TOWN)
    assert codes(imported) == [(11, "lit", "lit_missing")]


@pytest.mark.bad_input("B43", "B44")
def test_the_same_stretch_is_known_again_when_it_is_lit_since(tmp_path):
    before = read(read_lighting_file, LIST, tmp_path, places=TOWN, mapping=DECIMAL).frame
    head, *rows = LIST.replace("жоқ", "иә").splitlines()
    mixed = "\n".join([head, *reversed(rows)])
    after = read(read_lighting_file, mixed, tmp_path, places=TOWN, mapping=DECIMAL).frame
    assert before["identity"].equals(after["identity"])
    assert sorted(after["lit"]) == ["partly", "yes", "yes"]


def test_two_words_on_one_stretch_are_both_put_aside(tmp_path):
    rows = "street,from,to,lit\n" + "".join(f"Абай,{n},{n + 12},yes\n" for n in range(1, 10))
    imported = read(read_lighting_file, rows + "Абай,1,13,no\n", tmp_path, places=TOWN,
                    allowed_bad_share=0.3)  # fmt: skip
    assert codes(imported) == [
        (2, "street", "conflicting_duplicate"),
        (11, "street", "conflicting_duplicate"),
    ]
    again = read(read_lighting_file, rows + "Абай,1,13,yes\n", tmp_path, places=TOWN)
    assert counts(again) == (10, 9, 0, 1)


def test_without_a_map_no_stretch_can_be_placed(tmp_path):
    with pytest.raises(InputRefusedError, match="map_missing 3"):
        read(read_lighting_file, LIST, tmp_path, mapping=DECIMAL)


def test_the_form_of_a_file_can_be_declared(tmp_path):
    text = "street,broken_from\nАбай,2025-01-01\n"
    imported = read(read_lighting_file, text, tmp_path, mapping="kind_of_file: outage_log")
    assert imported.rows_are == "outages"
    assert "kind_of_file" not in imported.report.inferred
    with pytest.raises(UsageError, match="street_list, outage_log, pole_list") as refusal:
        read(read_lighting_file, text, tmp_path, mapping="kind_of_file: list")
    assert refusal.value.code == "kind_of_file_unknown"


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("12", StreetEnd(house="12")),
        ("д. 12А", StreetEnd(house="12А")),
        ("дом 7/1", StreetEnd(house="7/1")),
        ("№ 5", StreetEnd(house="5")),
        ("8 марта", StreetEnd(crossing="8 марта")),
        ("ул. Курмангазы", StreetEnd(crossing="ул. Курмангазы")),
        ("конец", None),
        ("", None),
    ],
)
def test_an_end_is_a_house_or_a_crossing(text, end):
    assert read_end(text) == end
