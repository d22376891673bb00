"""The command ``backtest``: any file of events, and the workspace's own quarters."""

import json
import re
import shutil
import sqlite3
from contextlib import chdir

import pytest

from tests.demo_town import run_command, run_inside
from tests.outside_calls import HEAD, calls, write_area, write_calls, write_geojson
from tests.shared_data import shared_path

MEASURES = {
    "n", "hit1", "hit5", "hit10", "pai_025", "pai_072", "pei_072", "hits_072", "gain", "ece10",
    "jaccard", "seconds",
}  # fmt: skip
MODELS = {
    "safe_region", "count_365", "count_all", "kde_200_365", "kde_400_365", "kde_200_all",
    "kde_400_all", "kde_800_all", "promap", "steb",
}  # fmt: skip
TABLE = ("--date", "day", "--x", "lon", "--y", "lat", "--crs", "EPSG:4326")
SHORT = ("--horizon", "31d", "--origins", "3")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("calls")
    write_area(made / "town.geojson")
    write_calls(made / "calls.csv", calls())
    write_geojson(made / "calls.geojson", calls())
    return made


def backtest(folder, *words, code=0, events="calls.csv", area="town.geojson"):
    place = area if area == "hull" else folder / area
    ended = run_inside(
        "backtest", "--events", folder / events, "--study-area", place, *words, "--json",
        check=False,
    )  # fmt: skip
    assert ended.returncode == code, ended.stderr
    return json.loads(ended.stdout, parse_constant=pytest.fail)


@pytest.fixture(scope="module")
def found(folder):
    with chdir(folder):  # where a workspace would be made
        return backtest(folder, *TABLE, *SHORT, "--category", "kind=theft")


def test_every_model_of_the_contract_is_told_with_every_measure(found):
    assert set(found["models"]) == MODELS
    for name, measures in found["models"].items():
        assert set(measures) >= MEASURES, name
        assert 0 <= measures["hit1"] <= measures["hit5"] <= measures["hit10"] <= 1, name
    protocol = found["protocol"]
    assert (protocol["category"], protocol["horizon_days"]) == ("theft", 31)
    assert protocol["groups"] == ["theft"]
    assert len(protocol["origins"]) == 3
    assert protocol["test_to"] == max(row[0] for row in calls())


def test_number_of_tested_events_is_counted_from_the_file(found):
    first, last = found["protocol"]["test_from"], found["protocol"]["test_to"]
    expected = sum(first <= day <= last and kind == "theft" for day, kind, *_ in calls())
    assert found["protocol"]["events_test"] == expected
    assert {one["n"] for one in found["models"].values()} == {expected}
    recorded = sum(part["observed"] for part in found["calibration"])
    assert recorded == expected


def test_hot_corners_are_found_and_the_verdict_names_the_best_simple_map(found):
    # Half of the calls lie round three corners that fill far less than a tenth of the town.
    assert found["models"]["safe_region"]["hit10"] > 0.4
    verdict = found["verdict"]
    gains = {name: found["models"][name]["gain"] for name in MODELS - {"safe_region", "steb"}}
    assert verdict["best_baseline"] == max(gains, key=gains.get)
    lost = found["models"]["safe_region"]["gain"] <= max(gains.values())
    assert ("gain_lower" in verdict["reasons"]) == lost


def test_nothing_is_stored(folder, found):
    assert {path.name for path in folder.iterdir()} == {
        "town.geojson",
        "calls.csv",
        "calls.geojson",
    }


def test_features_with_hours_tell_the_windows_of_the_day(folder):
    told = backtest(folder, "--date", "when", *SHORT, events="calls.geojson")
    assert told["hours"]["evening"] == pytest.approx(1)
    assert sum(told["hours"].values()) == pytest.approx(1)
    assert told["peak_window"] == "evening"
    assert told["protocol"]["category"] is None


def test_squares_hull_thinning_and_first_day_are_taken(folder):
    told = backtest(
        folder, *TABLE, "--grid", "square:250ft", "--test-from", "2024-11-01", "--horizon", "30d",
        "--thin", "0.5", "--seed", "3", area="hull",
    )  # fmt: skip
    protocol = told["protocol"]
    assert (protocol["grid"], protocol["test_from"]) == ("square:250ft", "2024-11-01")
    assert (protocol["thin"], protocol["seed"]) == (0.5, 3)
    assert told["input"]["study_area"].startswith("convex hull")
    all_of_them = sum("2024-11-01" <= day <= protocol["test_to"] for day, *_ in calls())
    assert 0.3 * all_of_them < protocol["events_test"] < 0.7 * all_of_them


def test_the_same_call_gives_the_same_numbers(folder, found):
    again = backtest(folder, *TABLE, *SHORT, "--category", "kind=theft")
    for told in (found, again):
        for one in told["models"].values():
            one.pop("seconds", None)
    assert again == found


def test_table_for_a_person_names_file_models_and_verdict(folder):
    ended = run_command(
        "backtest", "--events", folder / "calls.csv", *TABLE, *SHORT,
        "--study-area", folder / "town.geojson",
    )  # fmt: skip
    lines = ended.stdout.splitlines()
    assert re.fullmatch(r"calls.csv: 1500 rows, 1\d\d\d used, 0 refused", lines[0])
    assert {line.split()[0] for line in lines if line[:1].islower()} >= MODELS
    assert any(line.startswith(("USE", "DO NOT USE", "TOO FEW")) for line in lines)
    assert ended.stderr == ""


def test_rare_kinds_share_one_group_where_there_are_very_many(tmp_path):
    rows = [(day, f"kind {place % 25}", *at) for place, (day, _, *at) in enumerate(calls())]
    write_calls(tmp_path / "calls.csv", rows)
    write_area(tmp_path / "town.geojson")
    told = backtest(tmp_path, *TABLE, "--category", "kind=kind 24", "--origins", "1")
    assert told["protocol"]["groups"] == ["kind 24"]
    first, last = told["protocol"]["test_from"], told["protocol"]["test_to"]
    expected = sum(first <= day <= last and kind == "kind 24" for day, kind, *_ in rows)
    assert told["models"]["safe_region"]["n"] == expected > 0


def test_refused_rows_are_told_and_end_with_their_exit_code(folder, tmp_path):
    lines = (folder / "calls.csv").read_text().splitlines()
    lines[10] = "2023-02-30,theft,51.38,51.21"
    (tmp_path / "calls.csv").write_text("\n".join(lines) + "\n")
    write_area(tmp_path / "town.geojson")
    told = backtest(tmp_path, *TABLE, *SHORT, code=3)
    assert told["input"]["refused_rows"] == [{"row": 11, "column": "day", "code": "time_invalid"}]
    assert told["models"]["safe_region"]["n"] > 0


@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        ((*TABLE, "--category", "kind"), 2, "category_invalid"),
        ((*TABLE, "--category", "kind=arson"), 2, "category_unknown"),
        ((*TABLE, "--horizon", "month"), 2, "horizon_invalid"),
        ((*TABLE, "--horizon", "0d"), 2, "horizon_invalid"),
        ((*TABLE, "--grid", "hexagons"), 2, "grid_invalid"),
        ((*TABLE, "--thin", "2"), 2, "thin_invalid"),
        ((*TABLE, "--origins", "0"), 2, "origins_invalid"),
        ((*TABLE, "--origins", "3", "--test-from", "2024-11-01"), 2, "option_surplus"),
        ((*TABLE, "--test-from", "2030-01-01"), 2, "test_from_invalid"),
        ((*TABLE, "--origins", "20"), 4, "history_short"),
        (("--x", "lon", "--y", "lat"), 2, "option_missing"),
        (("--date", "when", "--x", "lon", "--y", "lat"), 3, "column_missing"),
    ],
)
def test_what_cannot_be_meant_ends_with_one_line_and_its_code(folder, words, exit_code, code):
    assert backtest(folder, *words, code=exit_code)["error"]["code"] == code


def test_options_of_a_file_are_refused_without_one(tmp_path):
    ended = run_command("backtest", "--thin", "0.1", "--json", directory=tmp_path, check=False)
    assert ended.returncode == 2
    assert "--thin" in json.loads(ended.stdout)["error"]["message"]


def test_file_without_rows_is_no_data(folder, tmp_path):
    (tmp_path / "calls.csv").write_text(HEAD)
    write_area(tmp_path / "town.geojson")
    assert backtest(tmp_path, *TABLE, code=3)["error"]["code"] == "no_rows"


# -------------------------------------------------------------------------------------------


def test_workspace_is_checked_by_quarter_kept_and_not_checked_twice(demo_workspace, tmp_path):
    town = tmp_path / "town"
    shutil.copytree(demo_workspace, town)
    with sqlite3.connect(town / "safe_region.db") as store:
        ((made,),) = store.execute("SELECT check_id FROM forecast_checks").fetchall()
    told = json.loads(run_command("backtest", "--json", directory=town).stdout)
    assert told["check_id"] == made  # the demo has made it; equal inputs are not checked again
    assert [one["quarter"] for one in told["quarters"]] == ["2025Q4", "2026Q1", "2026Q2", "2026Q3"]
    assert told["period"] == ["2025-10-01", "2026-09-30"]
    counted = sum(one["n"] for one in told["quarters"])
    assert counted == told["pooled"]["protocol"]["events_test"] > 1000
    assert set(told["pooled"]["models"]) == MODELS
    assert set(told["groups"]) <= {"against_persons", "theft_robbery", "disorder"}
    assert 0 < told["stability"]["kendall_tau_min"] <= 1
    assert len(told["stability"]["members"]) == 20

    earlier = json.loads(
        run_command("backtest", "--as-of", "2026-07-15", "--json", directory=town).stdout
    )
    assert earlier["check_id"] != made
    assert [one["quarter"] for one in earlier["quarters"]][-1] == "2026Q2"
    text = run_inside("backtest", directory=town).stdout
    assert text.startswith(f"check {made} as of 2026-10-01")
    assert "2026Q3 · " in text


@pytest.mark.parametrize(("made", "code"), [(False, "workspace_missing"), (True, "no_map")])
def test_workspace_with_nothing_in_it_says_so(tmp_path, made, code):
    if made:
        run_inside(
            "init", "--name", "X", "--bbox", "51.3,51.2,51.4,51.26", directory=tmp_path / "x"
        )
    ended = run_inside("backtest", "--json", directory=tmp_path / "x", check=False)
    assert ended.returncode == 4
    assert json.loads(ended.stdout)["error"]["code"] == code


@pytest.mark.shared
@pytest.mark.full
def test_portland_reaches_the_bar_of_the_month_by_the_command_itself():
    portland = shared_path("portland")
    ended = run_command(
        "backtest", "--events", portland / "events_2012-03-01_2017-02-28.csv", "--date", "date",
        "--x", "x_ft", "--y", "y_ft", "--crs", "EPSG:2913", "--category", "cat=TOA",
        "--study-area", portland / "portland-police-districts.zip", "--horizon", "31d", "--json",
    )  # fmt: skip
    told = json.loads(ended.stdout)
    assert told["protocol"]["cells"] == pytest.approx(28_561, abs=15)
    assert told["protocol"]["area_sq_mi"] == pytest.approx(147.70, abs=0.01)
    ours = told["models"]["safe_region"]
    assert ours["hit5"] >= 0.29
    assert ours["gain"] >= 0.86
    assert told["verdict"]["word"] == "use"


def test_boosted_trees_are_one_more_rival_where_they_are_asked_for(folder):
    pytest.importorskip("sklearn", reason="scikit-learn is an extra")
    told = backtest(folder, *TABLE, "--origins", "1", "--boosting")
    assert told["models"]["gradient_boosting"]["n"] == told["models"]["safe_region"]["n"]


@pytest.mark.full
def test_workspace_may_be_judged_by_street_length_and_keeps_nothing(demo_workspace, tmp_path):
    town = tmp_path / "town"
    shutil.copytree(demo_workspace, town)

    told = json.loads(run_command("backtest", "--by-streets", "--json", directory=town).stdout)

    assert told["check_id"] is None
    assert told["pooled"]["protocol"]["budget"] == "street_length"
    # Where there is no street nothing can be flagged, and few offences lie there.
    assert 0.01 < told["pooled"]["models"]["safe_region"]["hit1"] < 0.5
    assert told["pooled"]["models"]["safe_region"]["pai_025"] is None
    with sqlite3.connect(town / "safe_region.db") as store:
        assert store.execute("SELECT count(*) FROM forecast_checks").fetchone() == (1,)
