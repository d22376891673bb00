"""A table of any size comes out of a file block by block, each cell as it was written."""

import json

import pyarrow as pa
import pytest

from data.importers.parsing.isolation import run_isolated
from data.importers.parsing.raw_columns import BLOCK_ROWS, FAULT, LINE, RAW, ROW, SHEET
from data.importers.parsing.table_parsers import parse_table
from geo.errors import InputRefusedError


@pytest.fixture
def parse(tmp_path):
    def parsed(content, name="rows.csv", **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        accepted = ["csv", "geojson", "arcgis"]
        tables, facts, _ = run_isolated(
            parse_table, path, {"accepted": accepted, "encoding": None, **options}
        )
        return tables["rows"], facts

    return parsed


def test_a_table_longer_than_a_block_is_whole_and_in_order(parse):
    count = 2 * BLOCK_ROWS + 7
    rows, facts = parse("күні;саны\n" + "".join(f"x{n};{n}\n" for n in range(count)))
    assert rows["саны"].to_pylist() == [str(n) for n in range(count)]
    assert rows[ROW].to_pylist() == list(range(2, count + 2))
    assert len(set(rows[RAW].to_pylist())) == count
    assert rows[RAW].type == pa.binary(32)
    assert rows[SHEET].null_count == count
    assert rows.column("күні").num_chunks == 3
    assert facts["encoding"] == "utf-8"


@pytest.mark.parametrize(
    ("content", "delimiter"),
    [
        ("id;lat;note\n1;51,23;a\n2;51,24;b\n", ";"),
        ("id|lat\n1|51.2\n", "|"),
        ("id\tlat\n1\t51.2\n", "\t"),
        ('id,note\n1,"a;b;c"\n2,"d;e;f"\n', ","),
        ("sep=;\nid;lat\n1;2\n", ";"),
        ("Отчёт, краткий, за год\n\nid;дата;статья;lat\n1;2;3;4\n5;6;7;8\n", ";"),
        ("мекенжай\nАбай 5\nАбай 7\n", ","),
    ],
)
@pytest.mark.bad_input("B41")
def test_the_delimiter_is_the_one_that_parts_the_lines(parse, content, delimiter):
    rows, facts = parse(content)
    assert facts["delimiter"] == delimiter
    assert rows[FAULT].null_count == len(rows)


def test_lost_and_doubly_encoded_letters_are_counted(parse):
    double = "".join(bytes([b]).decode("cp1251") for b in "Қауіпсіз көше".encode())
    rows, facts = parse(f"күні;көше\n1;?ауіпсіз ??ір\n2;{double}\n3;так? да\n")
    assert rows["көше"].to_pylist()[1:] == ["Қауіпсіз көше", "так? да"]
    assert (facts["letters_lost"], facts["repaired_cells"]) == (1, 1)


def test_doubly_encoded_heads_are_read(parse):
    double = "".join(bytes([b]).decode("cp1251") for b in "Көше".encode())
    rows, _ = parse(f"id;{double}\n1;a\n")
    assert "Көше" in rows.column_names


@pytest.mark.parametrize(
    ("content", "code", "where"),
    [
        (
            ("күні;көше\n" + "1;Қауіпсіз\n" * 90).encode() + b"2;\xd0\xff\n",
            "encoding_unknown",
            "92",
        ),
        (b'a,b\n1,2\n3,"4\n', "csv_invalid", "near line 3"),
        (b"a,b\n" + b"1,2\n" * 5000 + b"1,\x002\n", "csv_invalid", "line 5002"),
        (b"a,b\n1," + b"x" * (5 << 20), "csv_invalid", "line 2"),
    ],
)
@pytest.mark.bad_input("B41")
def test_a_fault_far_down_is_told_with_its_place(parse, content, code, where):
    with pytest.raises(InputRefusedError, match=where) as refusal:
        parse(content)
    assert refusal.value.code == code


def test_personal_values_behind_the_first_block_refuse_the_file(parse):
    head = "id,note\n" + "".join(f"{n},\n" for n in range(BLOCK_ROWS))
    with pytest.raises(InputRefusedError, match="'note'") as refusal:
        parse(head + "".join(f"{n},+7 701 123 45 {n}\n" for n in range(10, 20)))
    assert refusal.value.code == "personal_data"


def test_half_a_character_in_json_is_a_named_refusal(parse):
    feature = {"type": "Feature", "properties": {"a": "\ud800"}, "geometry": None}
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    with pytest.raises(InputRefusedError) as refusal:
        parse(text, "rows.geojson")
    assert refusal.value.code == "text_invalid"


def test_a_line_of_json_is_handed_on_as_text(parse):
    line = {"type": "LineString", "coordinates": [[51.3, 51.2], [51.4, 51.25, 30]]}
    feature = {"type": "Feature", "properties": {"a": "x"}, "geometry": line}
    rows, _ = parse(json.dumps(feature), "rows.geojson")
    assert rows[LINE].to_pylist() == ["LINESTRING (51.3 51.2, 51.4 51.25)"]
