"""The encoding of a text is declared, marked, proven or judged; never merely hoped for."""

import contextlib

import pytest

from data.importers.parsing.cell_repairs import repair_text
from data.importers.parsing.encodings import CANDIDATES, find_encoding
from geo.errors import InputRefusedError

RUSSIAN = "Дата;Статья;Улица\n01.04.2025;188;Вишневая\n"
CAPITALS = RUSSIAN.upper()
KAZAKH = "Күні;Бап;Мекенжай\n01.04.2025;188;Сырым Датұлы көшесі, Қауіпсіз өңір\n"


@pytest.fixture
def found(tmp_path):
    def find(content, declared=None):
        path = tmp_path / "rows.csv"
        path.write_bytes(content)
        return find_encoding(path, declared)

    return find


def written(encoding):
    """Return the texts that an encoding can hold: not every one has the Kazakh letters."""
    for text in (RUSSIAN, CAPITALS, KAZAKH):
        with contextlib.suppress(UnicodeEncodeError):
            yield text, text.encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", *CANDIDATES])
@pytest.mark.bad_input("B41")
def test_a_few_words_tell_the_encoding(found, encoding):
    for text, content in written(encoding):
        told = found(content)
        assert content.decode(told.name) == text
        assert told.evidence


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")],
)
def test_a_byte_order_mark_decides(found, mark, encoding):
    assert found(mark + b"a\0").name == encoding


def test_kazakh_windows_is_not_taken_for_cyrillic_windows(found):
    content = "Қауіпсіз өңір, Ұлы Жеңіс көшесі".encode("kz1048")
    assert content.decode("cp1251").startswith("Ќауіпсіз ґѕір")
    assert found(content * 3).name == "kz1048"


@pytest.mark.parametrize("content", ["дом,1\n".encode("cp1251"), "№ 5\n".encode("cp1251")])
def test_too_few_letters_are_refused_and_the_likely_encodings_named(found, content):
    with pytest.raises(InputRefusedError, match=r"perhaps .*cp1251") as refusal:
        found(content)
    assert refusal.value.code == "encoding_unknown"


@pytest.mark.parametrize("declared", ["cp9999", "hex", "rot13"])
def test_a_declared_encoding_must_exist(found, declared):
    with pytest.raises(InputRefusedError) as refusal:
        found(b"a,b\n", declared)
    assert refusal.value.code == "encoding_unknown"


def test_a_broken_byte_makes_no_other_encoding_of_a_file(found):
    assert found((KAZAKH * 20).encode() + b"\xd0 broken\n").name == "utf-8"
    assert found((KAZAKH * 40_000).encode() + b"\xd0 broken\n").name == "utf-8"


@pytest.mark.parametrize("text", ["Қауіпсіз өңір", "ИИН И", "Көше 5, № 7", "ШЫҒЫС"])
def test_what_was_encoded_twice_is_repaired_and_nothing_else_is(text):
    spoiled = "".join(
        "\x98" if byte == 0x98 else bytes([byte]).decode("cp1251") for byte in text.encode()
    )
    assert repair_text(spoiled) == text
    assert repair_text(text) == text
