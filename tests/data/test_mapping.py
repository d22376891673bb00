"""Mapping files: words stay the text that stands in the data, and a kept one is found again."""

import pytest

from data.importers.mapping import SourceMapping, parse_mapping, read_mapping
from data.importers.mapping_files import find_saved_mapping, mapping_text, save_mapping
from geo.errors import UsageError

FULL = SourceMapping(
    source="Полиция, бөлім № 1",
    noun="incidents",
    register="kui",
    kind_of_file="book",
    crs="EPSG:32639",
    coordinates="lon,lat",
    encoding="kz1048",
    sheet="Сәуір",
    date_order="dmy",
    decimal=",",
    time_zone="Asia/Oral",
    covers={"from": "2025-04-01", "to": "2025-04-30"},
    columns={"occurred_at": "күні", "x": "no", "y": "on", "external_id": " № п/п: "},
    offence_groups={"0990": "violence", "null": None, "да: нет": "disorder"},
    constants={"place_type": "street"},
    values={"working": {"yes": "no", "12-1": "yes", "#": "no"}},
)


def test_written_mapping_reads_back_as_it_was(tmp_path):
    assert parse_mapping(mapping_text(FULL), "x.yaml") == FULL


def test_written_mapping_explains_every_key():
    lines = mapping_text(FULL).splitlines()
    for key in FULL.declared():
        place = next(i for i, line in enumerate(lines) if line.startswith(f"{key}:"))
        assert lines[place - 1].startswith("# "), key


@pytest.mark.parametrize("word", ["no", "yes", "on", "off", "2025-04-03", "0990", "1e3", "12:30"])
def test_bare_word_is_the_text_that_stands_in_the_data(word):
    mapping = parse_mapping(
        f"columns: {{x: {word}}}\nvalues: {{working: {{{word}: {word}}}}}\n", "x.yaml"
    )
    assert mapping.columns == {"x": word}
    assert mapping.values == {"working": {word: word}}


def test_word_that_is_not_counted_is_null():
    mapping = parse_mapping("offence_groups: {FRAUD: null, NOISE: ~, LOST: }", "x.yaml")
    assert mapping.offence_groups == {"FRAUD": None, "NOISE": None, "LOST": None}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("- a\n- b", "key: value"),
        ("sauce: x", "'sauce'"),
        ("source: [a]", "'source'"),
        ("columns: text", "'columns'"),
        ("columns: {x: {y: z}}", "'columns'"),
        ("values: {working: yes}", "'values'"),
        ("values: {working: {a: [b]}}", "'values'"),
        ("offence_groups: {A: burglary}", "'burglary'"),
        ("noun: crimes", "noun"),
        ("register: book", "register"),
        ("coordinates: north", "coordinates"),
        ("date_order: ydm", "date_order"),
        ("decimal: ;", "decimal"),
        ("time_zone: Mars", "time_zone"),
        ("covers: {from: 01.04.2025}", "2025-04-03"),
        ("covers: {from: 2025-04-02, to: 2025-04-01}", "before they begin"),
        ("covers: {begin: 2025-04-02}", "'from' and 'to'"),
        ("columns: {x: a, x: b}", "stands twice"),
        ("source: a\nsource: b", "stands twice"),
        ("a: &a [x]\nb: *a", "references"),
        ("source: !!python/object:os.system x", "line 1"),
        ("[" * 3000, "YAML"),
        ("source: 'open", "line"),
    ],
)
def test_wrong_form_is_refused_and_named(text, named):
    with pytest.raises(UsageError, match=r"x\.yaml") as refused:
        parse_mapping(text, "x.yaml")
    assert refused.value.code == "mapping_invalid"
    assert named in str(refused.value)


def test_file_that_is_not_utf8_is_refused(tmp_path):
    file = tmp_path / "m.yaml"
    file.write_bytes("source: орал".encode("cp1251"))
    with pytest.raises(UsageError, match="UTF-8"):
        read_mapping(file)


def kept(tmp_path, source, noun="incidents", **columns):
    return save_mapping(tmp_path, SourceMapping(source=source, noun=noun, columns=columns))


def test_kept_mapping_is_found_by_noun_and_heads(tmp_path):
    file = kept(tmp_path, "kui", occurred_at="күні", article="бап")
    kept(tmp_path, "lamps", noun="lighting", lat="күні")

    found = find_saved_mapping(tmp_path, "incidents", ["№", "күні", "бап"])
    assert found.file == file
    assert found.mapping.source == "kui"
    assert find_saved_mapping(tmp_path, "incidents", ["күні"]) is None
    assert find_saved_mapping(tmp_path / "none", "incidents", ["күні"]) is None


def test_two_fitting_mappings_are_refused_by_name_unless_the_source_is_named(tmp_path):
    kept(tmp_path, "kui", occurred_at="күні")
    kept(tmp_path, "erdr", occurred_at="күні")
    with pytest.raises(UsageError, match=r"erdr\.yaml, kui\.yaml") as refused:
        find_saved_mapping(tmp_path, "incidents", ["күні"])
    assert refused.value.code == "mapping_ambiguous"
    assert find_saved_mapping(tmp_path, "incidents", ["күні"], "kui").mapping.source == "kui"


def test_two_nouns_of_a_source_have_each_their_file(tmp_path):
    one = kept(tmp_path, "akimat", noun="lighting", lat="a")
    other = kept(tmp_path, "akimat", noun="cameras", lat="a")
    assert (one.name, other.name) == ("akimat.yaml", "akimat-cameras.yaml")


def test_edited_mapping_that_is_replaced_stays_beside_the_new_one(tmp_path):
    file = kept(tmp_path, "kui", occurred_at="күні")
    file.write_text(file.read_text("utf-8") + "# my own note\n", "utf-8")
    kept(tmp_path, "kui", occurred_at="дата")
    assert read_mapping(file).columns == {"occurred_at": "дата"}
    assert "my own note" in (tmp_path / "kui.yaml.before").read_text("utf-8")
    assert len(list(tmp_path.glob("*.yaml"))) == 1


@pytest.mark.parametrize("source", ["../x", "a/b", "..", ".", "Полиция № 1", "x" * 200, "\x00"])
def test_any_name_of_a_source_stays_in_its_folder(tmp_path, source):
    file = kept(tmp_path, source, occurred_at="d")
    assert file.parent == tmp_path
    assert find_saved_mapping(tmp_path, "incidents", ["d"]).mapping.source == source


def test_sources_of_like_names_have_each_their_file(tmp_path):
    files = {kept(tmp_path, source, occurred_at="d") for source in ("a b", "a/b", "a-b")}
    assert len(files) == 3


def test_mapping_without_a_source_is_not_kept(tmp_path):
    with pytest.raises(UsageError, match="--source"):
        save_mapping(tmp_path, SourceMapping(noun="incidents"))
