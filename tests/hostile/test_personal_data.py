"""No file with personal data comes in, and no value of it is shown."""

import numpy as np
import pytest

from data.importers.homes import read_homes_file
from data.importers.parsing.personal_numbers import is_personal_number
from data.importers.places.known_places import KnownPlaces
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
        "фaмилия",  # a Latin letter in it
        "Ф И О",
        "Ф.И.О. потерпевшего",
        "Т.А.Ә.",
        "ЖСН/ИИН",
        "tel.",
        "FIO",
        "ученик",
        "оқушы",
        "пострадавший",
    ],
)
@pytest.mark.bad_input("B46")
def test_a_personal_column_is_refused_by_its_head(tmp_path, head):
    path = tmp_path / "rows.csv"
    path.write_text(HEAD.replace("note", head) + line(1, note="canary"), encoding="utf-8")
    error = refused(path)
    assert error.code == "personal_data"
    assert repr(head) in str(error)
    assert "canary" not in str(error)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (personal_number(), "personal number"),
        (f"иск к {personal_number()}", "personal number"),
        ("+7 (701) 123-45-67", "telephone"),
        ("87011234567", "telephone"),
        ("a.b@example.kz", "e-mail"),
        ("Иванов Иван Иванович", "name of a person"),
        ("обратился Иванов И.О. лично", "name of a person"),
        ("Серік Нұрлан Асанұлы", "name of a person"),
        ("Serik Nurlan Asanuly", "name of a person"),
    ],
)
@pytest.mark.bad_input("B46")
def test_a_column_of_personal_values_is_refused_and_one_value_is_a_row_put_aside(
    tmp_path, value, kind
):
    many = file_with(tmp_path, *(line(30 + n, note=value) for n in range(5)), good=10)
    error = refused(many)
    assert error.code == "personal_data"
    assert "'note'" in str(error)
    assert value not in str(error)
    one = read(file_with(tmp_path, line(30, note=value)))
    assert one.refused[["row", "column", "code"]].to_numpy().tolist() == [
        [21, f"note ({kind})", "pii_in_text"]
    ]


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


@pytest.mark.parametrize(
    "value", ["{A072D11C-BDA4-40CB-A9D3-D87154590349}", "0b51c3f2-11ab-4c0d-9aef-900101300017"]
)
@pytest.mark.bad_input("B46")
def test_an_id_that_a_machine_drew_is_no_telephone_and_no_number_of_a_person(tmp_path, value):
    assert not len(read(file_with(tmp_path, line(30, note=value))).refused)
    one = read(file_with(tmp_path, line(30, note=f"{value} тел. 87154590349"))).refused
    assert one["code"].tolist() == ["pii_in_text"]


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


@pytest.mark.bad_input("B46")
def test_a_personal_head_in_the_upper_of_two_rows_is_found(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(
        "күні;бап;ФИО;;ендік;бойлық\n;;бірінші;екінші;;\n01.04.2025;188;canary;x;51.22;51.36\n",
        encoding="utf-8",
    )
    error = refused(path)
    assert error.code == "personal_data"
    assert "'бірінші'" in str(error)


@pytest.mark.parametrize("head", ["Адрес", "мекенжай", "note"])
@pytest.mark.bad_input("B46")
def test_streets_and_schools_that_bear_a_name_are_no_people(tmp_path, head):
    addresses = [
        "ул. Иванова А.С. 12",
        "улица А.С. Иванова",
        "Орал қаласы Сырым Датұлы көшесі 5",
        "Махамбет Өтемісұлы к-сі 7",
        "Д.А. Қонаев көшесі 3",
        "СОШ №3 им. А.С. Пушкина",
        "А.С. Пушкин атындағы мектеп",
        "пр-т Абулхаир хана 21",
        "мкр. Кунаева Д.А.",
    ]
    path = tmp_path / "rows.csv"
    path.write_text(
        HEAD.replace("note", head)
        + "".join(line(n, note=addresses[n % len(addresses)]) for n in range(27)),
        encoding="utf-8",
    )
    report = read(path).report
    assert report.accepted == 27


@pytest.mark.bad_input("B46")
def test_numbers_that_begin_like_a_birth_day_by_chance_are_no_people(tmp_path):
    # Numbers of accounts, one after another: each begins like a birth day, and one in eleven ends
    # with what would be its control digit.
    path = tmp_path / "rows.csv"
    path.write_text(
        HEAD.replace("note", "есеп нөмірі")
        + "".join(line(n % 100, id=f"b{n}", note=str(900101300000 + n)) for n in range(400)),
        encoding="utf-8",
    )
    report = read(path).report
    assert report.reasons.get("pii_in_text", 0) <= 5
    assert report.accepted >= 390


@pytest.mark.bad_input("B46")
def test_true_personal_numbers_among_other_numbers_are_found_row_by_row(tmp_path):
    rng = np.random.default_rng(3)
    others = [f"{n % 100:02}0440{rng.integers(10**5, 10**6)}" for n in range(180)]  # БИН
    people = [personal_number(serial=f"00{n}") for n in range(10, 30) if n not in (12, 23)]
    numbers = [*others, *people]
    path = tmp_path / "rows.csv"
    path.write_text(
        HEAD.replace("note", "БИН")
        + "".join(
            line(n % 100, id=f"b{n}", note=number, occurred_at="2025-04-02")
            for n, number in enumerate(numbers)
        ),
        encoding="utf-8",
    )
    assert read(path).report.reasons["pii_in_text"] == len(numbers) - len(others)
