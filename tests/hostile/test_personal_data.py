"""No file with personal data comes in, and no value of it is shown."""

import numpy as np
import pytest

from data.importers.homes import read_homes_file
from data.importers.known_places import KnownPlaces
from data.importers.parsing.personal import is_personal_number
from data.importers.tabular import ReadOptions
from tests.hostile.rows import HEAD, ORAL, features, file_with, geojson, line, point, read, refused


def personal_number(day="900101", century="3", serial="0012"):
    """Make a number with a valid control digit, by the rule as written down by the state."""
    digits = [int(digit) for digit in day + century + serial]
    control = sum(weight * digit for weight, digit in enumerate(digits, start=1)) % 11
    assert control < 10
    return "".join(map(str, digits)) + str(control)


@pytest.mark.parametrize(
    "head",
    [
        "ИИН",
        "жсн",
        "ФИО",
        "Аты-жөні",
        "Телефон",
        "phone number",
        "E-mail",
        "Дата рождения",
        "suspect",
    ],
)  # fmt: skip
@pytest.mark.bad_input("B46")
def test_a_personal_column_is_refused_by_its_head(tmp_path, head):
    path = tmp_path / "rows.csv"
    path.write_text(HEAD.replace("note", head) + line(1, note="canary"), encoding="utf-8")
    error = refused(path)
    assert error.code == "personal_data"
    assert repr(head) in str(error)
    assert "canary" not in str(error)


@pytest.mark.parametrize(
    "value",
    [
        personal_number(),
        f"иск к {personal_number()}",
        "+7 (701) 123-45-67",
        "87011234567",
        "a.b@example.kz",
        "Иванов Иван Иванович",
        "Серік Нұрлан Асанұлы",
    ],
)
@pytest.mark.bad_input("B46")
def test_a_column_of_personal_values_is_refused_and_one_value_is_a_row_put_aside(tmp_path, value):
    many = file_with(tmp_path, *(line(30 + n, note=value) for n in range(5)), good=10)
    error = refused(many)
    assert error.code == "personal_data"
    assert "'note'" in str(error)
    assert value not in str(error)
    one = read(file_with(tmp_path, line(30, note=value)))
    assert one.refused.to_dict("records") == [{"row": 21, "column": "note", "code": "pii_in_text"}]


@pytest.mark.parametrize(
    ("digits", "personal"),
    [
        (personal_number(), True),
        (personal_number()[:-1] + str((int(personal_number()[-1]) + 1) % 10), False),
        ("991340000012", False),  # month 13
        ("990240000123", False),  # a БИН: fifth digit 4
        ("900101912345", False),  # seventh digit 9
    ],
)
@pytest.mark.bad_input("B46")
def test_only_numbers_that_keep_the_whole_rule_are_personal(digits, personal):
    assert is_personal_number(digits) is personal


@pytest.mark.bad_input("B46")
def test_random_numbers_of_twelve_digits_are_no_personal_column(tmp_path):
    rng = np.random.default_rng(7)
    text = "home_id,lat,lon,dwellings\n" + "".join(
        f"{rng.integers(10**11, 10**12)},51.2{n:03},51.3{n:03},4\n" for n in range(200)
    )
    path = tmp_path / "homes.csv"
    path.write_text(text)
    report = read_homes_file(path, ReadOptions(), KnownPlaces(ORAL)).report
    assert report.accepted >= 190


@pytest.mark.bad_input("B46")
def test_json_is_searched_too(tmp_path):
    text = features(*(point(51.36 + n / 1000, 51.22) for n in range(4)))
    text = text.replace('"article"', f'"remark": "{personal_number()}", "article"')
    assert refused(geojson(tmp_path, text)).code == "personal_data"
