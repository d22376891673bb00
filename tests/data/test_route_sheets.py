"""Route sheets: what is told in words is found on the map, or put aside."""

import pytest
import shapely

from data.importers.patrols import read_patrols_file
from data.importers.route_hours import parse_clock
from data.importers.route_sheets import parse_route
from data.importers.values.weekdays import names_holidays, parse_weekdays, split_weekdays
from data.store.works import read_plans
from tests.data.asset_files import TOWN, codes, counts, degrees, metres, read
from tests.data.stored_rows import save

SHEET = (
    "№ маршрута;вид;смена;время с;время до;описание маршрута;состав\n"
    "1;пеший;1;07.30;15.30;от ул. Курмангазы по ул. Абая до ул. Сарайшык;2 чел.\n"
    "2;авто;2;20:00;24:00;по пр. Достык от ул. Курмангазы до ул. Сарайшык;3\n"
    "3;конный;1;8;16;Абай көшесінен Құрманғазы көшесі бойымен Достық даңғылына дейін;\n"
)


def test_a_route_lies_where_its_words_say(tmp_path):
    imported = read(read_patrols_file, SHEET, tmp_path, places=TOWN)
    frame = imported.frame.sort_values("source_row").reset_index(drop=True)
    assert imported.rows_are == "patrol_plans"
    assert imported.report.inferred["kind_of_file"].startswith("route_sheet")
    assert frame["kind"].tolist() == ["foot", "car", "horse"]
    assert frame["starts_at"].tolist() == ["07:30", "20:00", "08:00"]
    assert frame["ends_at"].tolist() == ["15:30", "00:00", "16:00"]
    assert frame["staff"].tolist()[:2] == [2, 3]
    found = metres(frame["lat"], frame["lon"])
    for (east, north), wanted in zip(found, [(500, 0), (500, 1000), (0, 500)], strict=True):
        assert abs(east - wanted[0]) <= 60
        assert abs(north - wanted[1]) <= 60
    assert frame["match_score"].min() >= 85


def test_own_columns_go_before_words_and_a_pair_of_hours_is_read(tmp_path):
    text = (
        "номер маршрута,вид патруля,время с-до,улица,от,до улицы,численность\n"
        "7,вело,с 20.00 до 02.00,Абая,Курмангазы,Сарайшык,4\n"
    )
    frame = read(read_patrols_file, text, tmp_path, places=TOWN).frame
    assert frame[["kind", "starts_at", "ends_at", "staff"]].iloc[0].tolist() == [
        "bike", "20:00", "02:00", 4,
    ]  # fmt: skip


def test_a_post_with_coordinates_needs_no_words(tmp_path):
    text = "№ поста,вид,смена,lat,lon\n1,пост,1,51.23,51.38\n"
    imported = read(read_patrols_file, text, tmp_path)
    assert imported.frame["match_score"].isna().all()
    assert imported.frame["lat"].tolist() == [51.23]


def test_what_is_not_on_the_map_is_put_aside_by_row(tmp_path):
    good = "".join(f"{n};пеший;1;8;16;от Курмангазы по Абая до Сарайшык;2\n" for n in range(10, 20))
    text = (
        SHEET + good + "20;пеший;1;8;16;от Небывалой по Абая до Сарайшык;2\n"
        "21;пеший;1;25;16;от Курмангазы по Абая до Сарайшык;2\n"
        "22;пеший;1;8;16;от Курмангазы по Абая до Сарайшык;Петров, Ким\n"
    )
    imported = read(read_patrols_file, text, tmp_path, places=TOWN)
    assert codes(imported) == [
        (15, "street", "address_unknown"),
        (16, "время с", "time_invalid"),
        (17, "состав", "not_number"),
    ]
    assert counts(imported) == (16, 13, 3, 0)
    assert "Петров" not in repr(imported.report.to_json())


def test_a_plan_is_the_same_plan_with_other_hours(tmp_path):
    first = read(read_patrols_file, SHEET, tmp_path, places=TOWN).frame
    again = read(read_patrols_file, SHEET.replace("15.30", "14.30"), tmp_path, places=TOWN).frame
    assert first["identity"].equals(again["identity"])


def ends_of(line):
    lon, lat = shapely.get_coordinates(line).T
    return metres(lat, lon)[0], metres(lat, lon)[-1]


def test_a_route_keeps_its_line_and_a_post_has_none(tmp_path):
    text = SHEET + "4;пост;1;08:00;16:00;уг. Абая и Сарайшык;1\n"
    frame = read(read_patrols_file, text, tmp_path, places=TOWN).frame
    lines = frame.sort_values("source_row")["line"].tolist()
    # Along Абай, along Достық, along Құрманғазы from Абай to Достық.
    assert [ends_of(line) for line in lines[:3]] == [
        ((0, 0), (1000, 0)), ((0, 1000), (1000, 1000)), ((0, 0), (0, 1000)),
    ]  # fmt: skip
    assert lines[3] is None


def test_from_house_to_house_is_a_part_of_the_street(tmp_path):
    text = "номер маршрута,вид,смена,улица,от дома,до дома\n5,пеший,1,Абая,3,11\n"
    line = read(read_patrols_file, text, tmp_path, places=TOWN).frame["line"][0]
    (west, _), (east, _) = sorted(ends_of(line))
    assert abs(west - 100) <= 60  # houses 3 and 11 stand 100 and 500 m along Абай
    assert abs(east - 500) <= 60


def test_a_line_is_kept_beside_coordinates_unless_it_leads_elsewhere(tmp_path):
    (near_lat, far_lat), (near_lon, far_lon) = degrees([500, 500], [250, 301])
    words = "от ул. Курмангазы по ул. Абая до ул. Сарайшык"
    text = (
        "№ маршрута;вид;смена;lat;lon;описание маршрута\n"
        f"1;пеший;1;{near_lat};{near_lon};{words}\n"
        f"2;пеший;1;{far_lat};{far_lon};{words}\n"
        f"3;пеший;1;{far_lat};{far_lon};от Небывалой по Абая до Сарайшык\n"
    )
    imported = read(read_patrols_file, text, tmp_path, places=TOWN)
    assert counts(imported) == (3, 3, 0, 0)
    frame = imported.frame.sort_values("source_row")
    assert [line is None for line in frame["line"]] == [False, True, True]
    assert metres(frame["lat"], frame["lon"])[0] == (500, 250)
    assert [w for w in imported.report.warnings if w.startswith("line_elsewhere: 1 ")]
    assert "rows 3)" in "".join(imported.report.warnings)


def test_a_messy_sheet_names_row_and_field_and_the_rest_goes_on(tmp_path):
    head = "№ маршрута;вид;смена;время с;время до;дни недели;описание маршрута\n"
    words = "от ул. Курмангазы по ул. Абая до ул. Сарайшык"
    text = head + "".join(
        f"{number};пеший;{shift};{hours};{days};{words}\n"
        for number, shift, hours, days in [
            (1, 1, "08:00;16:00", "будни"),
            (1, 2, "15:00;23:00", "пн-пт"),  # overlaps the first by an hour
            (2, 1, "08:00;16:00", "будни"),
            (2, 1, "08:00;16:00", "будни"),  # the same row twice
            (3, 1, "08:00;16:00", "выходные и праздничные дни"),
            (3, 2, "15:00;23:00", "дс-жм"),  # other days: no overlap
            (4, 2, "20:00;02:00", "ежедневно"),
            (5, 1, "16:00;08:00", "будни"),  # sixteen hours: turned round
            (6, 1, "08:00;16:00", "по чётным"),
            (7, 2, "17:00;08:00", "пт"),  # fifteen hours past midnight
            (8, 1, "08:00;08:00", ""),
            (9, 1, "07:00;09:00", "кроме вс"),
        ]
    )
    imported = read(read_patrols_file, text, tmp_path, places=TOWN)
    assert codes(imported) == [
        (9, "время до", "ends_before_start"), (10, "дни недели", "weekdays_unknown"),
    ]  # fmt: skip
    assert counts(imported) == (12, 9, 2, 1)
    frame = imported.frame.sort_values("source_row")
    assert frame["weekdays"].tolist() == [
        "12345", "12345", "12345", "67", "12345", "1234567", "5", None, "123456",
    ]  # fmt: skip
    warnings = "\n".join(imported.report.warnings)
    assert "plans_overlap: 2 plans overlap with another of their route in 'смена' (rows 2, 3)" in (
        warnings
    )
    assert "holidays_left_out: 1 plans" in warnings


def test_nights_overlap_past_midnight_and_past_the_end_of_the_week(tmp_path):
    head = "№ маршрута;вид;смена;время с;время до;дни недели;описание маршрута\n"
    words = "от ул. Курмангазы по ул. Абая до ул. Сарайшык"
    rows = [(1, "22:00;06:00", "вс"), (2, "05:00;07:00", "пн"), (3, "05:00;07:00", "вс")]
    text = head + "".join(f"1;авто;{shift};{hours};{days};{words}\n" for shift, hours, days in rows)
    warnings = read(read_patrols_file, text, tmp_path, places=TOWN).report.warnings
    assert "(rows 2, 3)" in "".join(warnings)


def test_weekdays_may_stand_beside_the_hours(tmp_path):
    text = "номер маршрута;время с-до;описание маршрута;вид\n" + "".join(
        f"{number};{hours};от ул. Курмангазы по ул. Абая до ул. Сарайшык;пеший\n"
        for number, hours in enumerate(
            ["будни с 07.30 до 09.00", "20:00-02:00 (пт-сб)", "с 8 до 16"], start=1
        )
    )
    frame = read(read_patrols_file, text, tmp_path, places=TOWN).frame.sort_values("source_row")
    assert frame["weekdays"].tolist() == ["12345", "56", None]
    assert frame["starts_at"].tolist() == ["07:30", "20:00", "08:00"]
    assert frame["ends_at"].tolist() == ["09:00", "02:00", "16:00"]


def test_line_and_weekdays_come_back_from_the_store(tmp_path, sqlite_database):
    text = SHEET.replace("состав", "дни недели").replace("2 чел.", "пн-пт").replace("3\n", "сб\n")
    imported = read(read_patrols_file, text, tmp_path, places=TOWN)
    with sqlite_database.writing() as connection:
        save(connection, imported.frame, noun="patrols", rows_are="patrol_plans")
        plans = read_plans(connection)
    plans = plans.sort_values("number", ignore_index=True)
    assert plans["weekdays"].tolist() == ["12345", "6", None]
    assert ends_of(plans["line"][0]) == ((0, 0), (1000, 0))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("будни", "12345"), ("Выходные", "67"), ("ежедневно", "1234567"), ("дс–жм", "12345"),
        ("күн сайын", "1234567"), ("жұмыс күндері", "12345"), ("демалыс күндері", "67"),
        ("дүйсенбіден жұмаға дейін", "12345"), ("с понедельника по пятницу", "12345"),
        ("пн, ср, пт", "135"), ("1,3,5", "135"), ("1-5", "12345"), ("пт-пн", "1567"),
        ("cб и вc", "67"),  # Latin c
        ("пн.-пт.", "12345"), ("Mon-Fri", "12345"), ("жексенбіден басқа", "123456"),
        ("ежедневно, кроме сб", "123457"), ("праздничные дни", None), ("5/2", None), ("8", None),
        ("0-5", None), ("через день", None), ("-", None), ("пн" * 200, None),
    ],
)  # fmt: skip
def test_words_for_weekdays(text, days):
    assert parse_weekdays(text) == days


def test_hours_without_weekdays_and_holidays():
    assert split_weekdays("с 20.00 до 02.00") is None
    assert split_weekdays("08:00-20:00, через день") is None
    assert names_holidays("выходные и мереке күндері")
    assert not names_holidays("выходные")


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("ул. Абая между ул. Курмангазы и ул. Сарайшык",
         ("ул. Абая", "ул. Курмангазы", "ул. Сарайшык")),
        ("между А и Б по В", ("В", "А", "Б")),
        ("Абай көшесі бойымен Құрманғазы мен Сарайшық көшелері аралығында",
         ("Абай көшесі", "Құрманғазы", "Сарайшық көшелері")),
        ("between A and B along C", ("C", "A", "B")),
        ("ул. Абая, от д. 1 до д. 20", ("ул. Абая", "д. 1", "д. 20")),
        ("от ул. Абая по пр. Достык до моста", ("пр. Достык", "ул. Абая", "моста")),
        ("ул. Абая от д. 1 до д. 20", ("ул. Абая", "д. 1", "д. 20")),
        ("патрулирует рынок", None),
        ("от рынка", None),
    ],
)  # fmt: skip
def test_words_of_a_route(text, route):
    assert parse_route(text) == route


@pytest.mark.parametrize("text", ["25", "8:60", "24:30", "утро", ""])
def test_a_time_of_day_that_is_none(text):
    assert parse_clock(text) is None
