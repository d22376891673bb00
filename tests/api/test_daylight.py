"""How dark a window is in a month: numbers by hand, times by NOAA's calculator, polar places."""

import datetime as dt
from types import SimpleNamespace

import httpx
import pytest
from shapely import Point

from api.daylight import month_daylight
from geo.errors import NoDataError
from geo.hazard.scenario_place import darkness_by_month
from geo.study_area import build_study_area
from tests.demo_town import run_inside

ORAL = ([51.2333, 51.3667], "Asia/Oral")
MURMANSK = ([68.97, 33.08], "Europe/Moscow")
# NOAA's solar calculator for 51.2333 N, 51.3667 E on the 15th, in local time (UTC+5).
NOAA = {
    1: ("08:54", "09:33", "17:55", "18:34"),
    6: ("04:31", "05:18", "21:52", "22:39"),
    12: ("08:52", "09:32", "17:27", "18:07"),
}
TIMES = ("civil_dawn", "sunrise", "sunset", "civil_dusk")


def opened(centre=ORAL[0], months=None):
    """Return a run of October 2026 with nothing but its card; `months` holds (month, darkness)."""
    model = {} if months is None else {"darkness_by_month": months}
    card = {"centre": centre, "as_of": "2026-10-01", "model": model}
    return SimpleNamespace(snapshot=SimpleNamespace(run_card=card, run_id="0123456789abcdef"))


def calendar(**darkness):
    """Return twelve months of 30 days from October on, of which January alone is dark."""
    windows = dict.fromkeys(("school_am", "midday", "school_pm", "evening", "night", "other"), 0.0)
    names = [f"{2026 + (n > 12)}-{(n - 1) % 12 + 1:02d}" for n in range(10, 22)]
    return [
        {"month": name, "days": 30, "darkness": windows | (darkness if name[-2:] == "01" else {})}
        for name in names
    ]


def asked(run, *, zone=ORAL[1], month=1, window="school_am"):
    return month_daylight(run, zone, month=month, window=window, lang="en")


def test_january_way_to_school_in_oral():
    told = asked(opened(months=calendar(school_am=0.93)))

    assert told["sentence"] == (
        "07:00–09:00, January: dark until about 09:33; 93 % of the window is dark, twilight"
        " counted in part."
    )
    assert (told["month"], told["dark_share"], told["polar"]) == ("2027-01", 0.93, None)
    assert (told["run_id"], told["as_of"]) == ("0123456789abcdef", "2026-10-01")


@pytest.mark.parametrize("month", NOAA)
def test_times_of_the_sun_are_those_of_the_almanac_on_the_fifteenth(month):
    told = asked(opened(months=calendar()), month=month)
    for name, almanac in zip(TIMES, NOAA[month], strict=True):
        apart = abs(minutes(told[name]) - minutes(almanac))
        assert apart <= 2, (name, told[name], almanac)
    assert told["sunrise"] == NOAA[month][1]


def test_day_is_the_mean_of_its_hours_and_the_year_that_of_its_days():
    # 2 h of 24 h at 0.9, 8 h at 1: (1.8 + 8) / 24 = 0.408; one month of twelve: 0.075 for 0.9.
    run = opened(months=calendar(school_am=0.9, night=1.0))

    assert asked(run, window="day")["dark_share"] == 0.408
    year = asked(run, month=None)
    assert year["dark_share"] == 0.075
    assert [year[name] for name in (*TIMES, "month", "polar")] == [None] * 6
    assert year["sentence"].startswith("07:00–09:00, whole year: 8 %")


@pytest.mark.parametrize(
    ("month", "polar", "share", "words"),
    [(12, "night", 1.0, "the sun does not rise"), (6, "day", 0.0, "the sun does not set")],
)
def test_polar_day_and_night_are_said_instead_of_a_time(month, polar, share, words):
    centre, zone = MURMANSK
    square = Point(centre[1], centre[0]).buffer(0.01)
    area = build_study_area("Murmansk", square, time_zone=zone)
    run = opened(centre, darkness_by_month(area, dt.date(2026, 10, 1)))
    told = asked(run, zone=zone, month=month, window="evening")

    assert told["polar"] == polar
    assert told["dark_share"] == share
    assert words in told["sentence"]
    assert told["sunrise"] is told["sunset"] is None
    assert not any(name in told["sentence"] for name in ("sunrise", "sunset", "about"))


def test_run_of_an_earlier_version_says_what_to_do():
    with pytest.raises(NoDataError, match="safe-region build") as refusal:
        asked(opened())
    assert refusal.value.code == "darkness_not_kept"


@pytest.mark.bad_input("B47")
@pytest.mark.parametrize(
    "query", ["month=0", "month=13", "month=x", "window=noon", "lang=de", "role=x", "day=school"]
)
def test_what_cannot_be_asked_is_refused(service_url, query):
    assert httpx.get(f"{service_url}/daylight?{query}").status_code == 422


@pytest.mark.parametrize("role", ["public", "planner", "dispatcher", "prosecutor"])
def test_service_tells_every_role_the_same(service_url, role):
    query = {"month": 1, "window": "school_am", "lang": "en", "role": role}
    told = httpx.get(f"{service_url}/daylight", params=query).json()

    assert told["sentence"].startswith("07:00–09:00, January: dark until about 09:33; 99 %")


def test_command_says_the_sentence(demo_workspace):
    ended = run_inside(
        "daylight", "--month", 6, "--window", "evening", "--lang", "ru", directory=demo_workspace
    )
    assert ended.stdout.startswith("19:30–22:00, июнь: темно примерно с 21:5")


def minutes(clock):
    """Return the minutes since midnight of a time such as 09:33."""
    return int(clock[:2]) * 60 + int(clock[3:])
