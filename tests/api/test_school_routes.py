"""The walk to a school at an hour: dark by the sun, light by metres, no house to be found."""

import json
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString

from api.dependencies import OpenedSnapshot
from api.school_walk import school_walk
from data.workspace import Region
from geo.errors import NotFoundError, UsageError
from geo.parameters import WINDOWS
from tests.demo_town import run_inside

SHORTEST_DAY = "2026-12-21T07:40"
LIGHT = ("lit_m", "unlit_m", "unknown_light_m")

SCHOOLS = pd.DataFrame(
    {
        "school_id": ["aa", "bb", "cc"],
        "name": ["№ 1 мектеп", "Гимназия", "Гимназия"],
        "name_kk": None,
        "name_ru": None,
        "lat": [51.2333, 51.24, 51.25],
        "lon": [51.3667, 51.37, 51.38],
        "shift_times": "08:00-13:00",
        "shift_times_assumed": [True, False, False],
        "pupils": [60.0, 4.0, np.nan],
    }
)
# School aa: 60 pupils on s1 (100 m), 48 of them on s2 before (200 m), 4 on s3 (50 m).
ROUTES = pd.DataFrame(
    {
        "section_id": ["s1", "s2", "s3", "s3"],
        "school_id": ["aa", "aa", "aa", "bb"],
        "pupils": [60.0, 48.0, 4.0, 4.0],
        "metres": [100.0, 200.0, 50.0, 50.0],
    }
)
SECTIONS = gpd.GeoDataFrame(
    {
        "section_id": ["s1", "s2", "s3"],
        "label_kind": "from",
        "label_name": "Абай",
        "label_from": ["А", "Б", "В"],
        "light": ["lit", "unlit", "unknown"],
        "lit_m": [100.0, 50.0, 0.0],
        "unlit_m": [0.0, 150.0, 0.0],
        "unknown_light_m": [0.0, 0.0, 80.0],
        "hazard_class": [1, 2, 3],
    },
    geometry=[LineString([(51.36, 51.23 + at / 1000), (51.37, 51.23)]) for at in range(3)],
    crs="EPSG:4326",
)
MEANS = {"homes": 30, "pupils": 60.0, "detoured_pupils": 20.0, "metres": 280.0, "lit_m": 250.0,
         "unlit_m": 30.0, "unknown_light_m": 0.0, "hazard": 2.0, "shortest_metres": 260.0,
         "shortest_lit_m": 140.0, "shortest_unlit_m": 120.0, "shortest_unknown_light_m": 0.0,
         "shortest_hazard": 4.0}  # fmt: skip


def opened(*, calm=True):
    frames = {"schools": SCHOOLS, "routes": ROUTES, "sections": SECTIONS}
    if calm:
        frames["school_walks"] = pd.DataFrame(
            [{"school_id": "aa", "dark": dark, **MEANS} for dark in (False, True)]
        )
        frames["calm_routes"] = pd.DataFrame(
            {"section_id": ["s1", "s2", "s3"], "school_id": "aa", "dark": [True, True, False],
             "pupils": [60.0, 9.0, 60.0], "metres": 10.0}
        )  # fmt: skip
    facts = {"origins_basis": "homes", "unreachable_schools": ["bb"], "unreachable_homes": 7}
    card = {"as_of": "2026-10-01", "streets": {"routes": facts}}
    manifest = {"files": {f"{name}.parquet": {} for name in frames}}
    snapshot = SimpleNamespace(
        run_id="0" * 16, run_card=card, manifest=manifest, read_frame=frames.__getitem__
    )
    return OpenedSnapshot(snapshot)


@pytest.fixture
def workspace(tmp_path):
    region = Region(name="Oral", metric_crs="EPSG:32639", time_zone="Asia/Oral")
    return SimpleNamespace(path=tmp_path, region=region)


def walk(workspace, school="aa", *, at=SHORTEST_DAY, role="prosecutor", calm=True, lang="en"):
    moment = None if at is None else pd.Timestamp(at).to_pydatetime()
    return school_walk(workspace, opened(calm=calm), school, at=moment, role=role, lang=lang)


def rows_of(told):
    return {
        one["properties"]["section_id"]: one["properties"] for one in told["sections"]["features"]
    }


def test_the_walk_of_the_shortest_day_is_dark_and_its_metres_add_up(workspace):
    told = walk(workspace)
    assert (told["dark"], told["darkness"], told["window"]) == (True, 1.0, "school_am")
    assert told["sun"]["sunrise"] == "09:36"
    assert told["school_day"] is True
    # 60 · 100 + 48 · 200 + 4 · 50 = 15 800 pupil-metres; s1 is lit, s2 to a quarter, s3 unknown.
    assert told["walk"]["mean_walk_m"] == {
        "metres": 263.3, "lit_m": 140.0, "unlit_m": 120.0, "unknown_light_m": 3.3,
    }  # fmt: skip
    assert told["walk"]["street_m"] == {"lit_m": 150, "unlit_m": 150, "unknown_light_m": 80}
    # 15 800 m at 1.2 m/s, there at 07:45 and back at 13:15.
    minutes = 15_800 / 1.2 / 60
    assert told["walk"]["child_minutes_in_window"] == pytest.approx(minutes, rel=1e-9)
    assert told["walk"]["child_minutes_a_day"] == pytest.approx(2 * minutes, rel=1e-9)
    assert told["walk"]["child_minutes_a_month"] == pytest.approx(2 * minutes * 18, rel=1e-9)
    assert "dark" in told["sentences"][0]


def test_streets_of_few_pupils_and_small_schools_are_not_told(workspace):
    rows = rows_of(walk(workspace))
    assert set(rows) == {"s1", "s2"}
    assert (rows["s2"]["pupils"], rows["s2"]["metres"], rows["s2"]["light"]) == (48, 200, "unlit")
    assert rows["s1"]["child_minutes"] == pytest.approx(60 * 100 / 72, abs=0.06)
    small = walk(workspace, "bb")
    assert (small["walk"], small["alternative"], rows_of(small)) == (None, None, {})
    assert small["school_unreachable"] is True
    assert small["unreachable_homes"] == 7


def test_the_calm_way_is_that_of_the_hour_and_its_hazard_is_the_prosecutor_s(workspace):
    told = walk(workspace)
    assert (told["alternative"]["detour_m"], told["alternative"]["detour_share"]) == (20, 0.0769)
    assert told["alternative"]["hazard_change_share"] == -0.5
    ids = [one["properties"] for one in told["recommended"]["features"]]
    assert ids == [{"section_id": "s1"}, {"section_id": "s2"}]
    by_day = walk(workspace, at="2026-12-21T12:45")
    assert [one["properties"]["section_id"] for one in by_day["recommended"]["features"]] == ["s3"]
    planner = walk(workspace, role="planner")
    assert planner["alternative"]["hazard_change_share"] is None
    assert planner["alternative"]["calm"] == told["alternative"]["calm"]


def test_the_public_sees_the_recommended_lines_and_the_hour_alone(workspace):
    told = walk(workspace, role="public")
    assert (told["walk"], told["alternative"], told["unreachable_homes"]) == (None, None, None)
    assert told["sections"]["features"] == []
    ids = [one["properties"] for one in told["recommended"]["features"]]
    assert ids == [{"section_id": "s1"}]
    assert "60" not in " ".join(told["sentences"]).replace("2026", "")


def test_a_run_without_calm_ways_recommends_the_shortest_and_says_nothing_of_another(workspace):
    told = walk(workspace, calm=False)
    assert told["alternative"] is None
    assert len(told["recommended"]["features"]) == 2
    assert told["walk"]["pupils"] == 60


def test_on_a_day_without_school_the_minutes_are_hidden_not_zero(workspace):
    told = walk(workspace, at="2026-07-15T07:40")
    assert told["school_day"] is False
    assert told["walk"]["child_minutes_in_window"] is None
    assert told["walk"]["child_minutes_a_month"] is None
    assert {row["child_minutes"] for row in rows_of(told).values()} == {None}
    assert any("no school" in sentence for sentence in told["sentences"])


def test_a_school_year_that_nobody_has_entered_is_not_guessed_at(workspace):
    told = walk(workspace, at="2031-01-15T07:40")
    assert told["school_day"] is None
    assert told["school_days_in_month"] == pytest.approx(191 / 12)


def test_an_office_s_own_calendar_decides(workspace):
    (workspace.path / "codes").mkdir()
    (workspace.path / "codes" / "school_calendar.csv").write_text(
        "school_year,kind,from,to,source,verified\n"
        "2026-2027,term,2026-09-01,2026-12-18,order No. 1,yes\n",
        encoding="utf-8",
    )
    told = walk(workspace)
    assert (told["school_day"], told["calendar_verified"]) == (False, True)


def test_without_an_hour_it_is_the_next_way_to_the_first_shift(workspace):
    assert walk(workspace, at=None)["at"] == "2026-10-01T07:45"


@pytest.mark.parametrize("name", ["1", "№1", "Школа № 1", "aa"])
def test_a_school_is_found_by_number_name_or_id(workspace, name):
    assert walk(workspace, name)["school_id"] == "aa"


def test_an_unknown_and_an_ambiguous_school_are_refused(workspace):
    with pytest.raises(NotFoundError) as unknown:
        walk(workspace, "99")
    assert unknown.value.code == "school_unknown"
    with pytest.raises(UsageError, match="2 schools") as twice:
        walk(workspace, "Гимназия")
    assert twice.value.code == "school_ambiguous"


def test_a_time_that_the_clocks_leave_out_is_refused(tmp_path):
    region = Region(name="London", metric_crs="EPSG:27700", time_zone="Europe/London")
    there = SimpleNamespace(path=tmp_path, region=region)
    with pytest.raises(UsageError) as refusal:
        walk(there, at="2026-03-29T01:30")
    assert refusal.value.code == "time_invalid"


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_every_language_says_how_much_is_lit(workspace, lang):
    told = walk(workspace, lang=lang)
    assert any("250" in sentence for sentence in told["sentences"])


class TestDemoTown:
    def test_school_1_at_7_40_on_21_december_walks_in_the_dark(self, client):
        answer = client.get("/schools/1/routes", params={"at": SHORTEST_DAY, "lang": "en"})
        told = answer.json()
        assert answer.status_code == 200, told
        assert (told["label"], told["dark"], told["window"]) == ("School No. 1", True, "school_am")
        assert told["sun"]["civil_dawn"] > "08:50"
        mean = told["walk"]["mean_walk_m"]
        assert 300 < mean["metres"] < 1500
        assert sum(mean[name] for name in LIGHT) == pytest.approx(mean["metres"], abs=0.2)
        assert all(told["walk"]["street_m"][name] > 0 for name in ("lit_m", "unlit_m"))
        minutes = mean["metres"] * told["walk"]["pupils"] / 72
        assert told["walk"]["child_minutes_a_day"] == pytest.approx(2 * minutes, rel=1e-3)
        assert len(told["recommended"]["features"]) > 10
        assert set(told["walk"]["child_minutes_by_window"]) == set(WINDOWS)

    def test_no_role_is_told_of_a_street_of_fewer_than_five_pupils(self, client):
        for role in ("public", "planner", "dispatcher", "prosecutor"):
            told = client.get("/schools/1/routes", params={"role": role}).json()
            counts = [one["properties"]["pupils"] for one in told["sections"]["features"]]
            assert min(counts, default=5) >= 5
            assert bool(counts) == (role != "public")

    @pytest.mark.parametrize(
        ("path", "status"),
        [("/schools/nowhere/routes", 404), ("/schools/1/routes?at=morning", 422),
         ("/schools/1/routes?at=2026-12-21T07:40Z", 422), ("/schools/1/routes?colour=red", 422),
         ("/schools/1/routes?at=1850-12-21T07:40", 422)],
    )  # fmt: skip
    def test_what_cannot_be_meant_is_refused(self, client, path, status):
        assert client.get(path).status_code == status

    def test_the_command_says_the_same_as_the_service(self, client, demo_workspace):
        ended = run_inside("routes", "1", "--at", "2026-12-21 07:40", "--json",
                            directory=demo_workspace)  # fmt: skip
        told = json.loads(ended.stdout)
        answer = client.get("/schools/1/routes", params={"at": SHORTEST_DAY, "lang": "en"}).json()
        assert told == answer

    def test_the_command_refuses_a_time_it_cannot_read(self, demo_workspace):
        ended = run_inside("routes", "1", "--at", "morning", directory=demo_workspace, check=False)
        assert ended.returncode == 2
        assert "local time" in ended.stderr
