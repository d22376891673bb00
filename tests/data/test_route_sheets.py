"""Route sheets: what is told in words is found on the map, or put aside."""

import pytest

from data.importers.patrols import read_patrols_file
from data.importers.route_sheets import parse_clock, parse_route
from tests.data.asset_files import TOWN, codes, counts, metres, read

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


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("от ул. Абая по пр. Достык до моста", ("пр. Достык", "ул. Абая", "моста")),
        ("ул. Абая от д. 1 до д. 20", ("ул. Абая", "д. 1", "д. 20")),
        ("патрулирует рынок", None),
        ("от рынка", None),
    ],
)
def test_words_of_a_route(text, route):
    assert parse_route(text) == route


@pytest.mark.parametrize("text", ["25", "8:60", "24:30", "утро", ""])
def test_a_time_of_day_that_is_none(text):
    assert parse_clock(text) is None
