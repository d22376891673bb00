"""Equal inputs give equal bytes, nothing is built twice, and earlier runs come back."""

import asyncio
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.build import build_run
from api.settings import ServiceSettings
from data.database import open_database
from data.importers.tabular import ReadOptions
from data.intake import take_extract, take_files
from data.schema_version import upgrade_database
from data.settings import StoreSettings
from data.snapshots import diff_runs, find_current_run, list_runs, rollback_to
from data.workspace import create_workspace, open_workspace, propose_region
from geo.errors import NoDataError, UsageError
from tests.hand_made_town import (
    AREA,
    FIRST_DAY,
    LAST_DAY,
    degrees,
    incident_lines,
    lamp_lines,
    school_lines,
    visit_lines,
    write_incidents,
    write_lamps,
    write_map,
    write_schools,
    write_visits,
)

WRITERS = {
    "incidents": write_incidents,
    "lighting": write_lamps,
    "patrols": write_visits,
    "schools": write_schools,
}
LINES = {
    "incidents": incident_lines(),
    "lighting": lamp_lines(),
    "patrols": visit_lines(),
    "schools": school_lines(),
}
COVERED = ReadOptions(covers_from=FIRST_DAY, covers_to=LAST_DAY)


class Town:
    """A workspace with its database, filled and built within this process."""

    def __init__(self, folder: Path):
        if not (folder / "region.toml").exists():
            region = propose_region("Town", AREA.boundary)
            create_workspace(folder, region, AREA.boundary)
        self.workspace = open_workspace(folder)
        self.database = open_database(self.workspace.database_url(StoreSettings()))
        upgrade_database(self.database)

    def take(self, noun, *parts):
        folder = self.workspace.path / "incoming"
        folder.mkdir(exist_ok=True)
        files = [
            WRITERS[noun](folder / f"{noun}-{number}.csv", part)
            for number, part in enumerate(parts)
        ]
        options = COVERED if noun == "incidents" else ReadOptions()
        return take_files(noun, files, options, workspace=self.workspace, database=self.database)

    def take_map(self):
        file = write_map(self.workspace.path / "town.osm")
        take_extract(file, workspace=self.workspace, database=self.database)

    def build(self, as_of=None, force=False):
        return build_run(
            self.workspace, self.database, as_of=as_of, force=force, progress=lambda stage: None
        )

    def hashes(self, run_id):
        folder = self.workspace.snapshots / run_id
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.iterdir())
        }


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Return a town imported in the plain order, with the result of its build."""
    town = Town(tmp_path_factory.mktemp("plain") / "town")
    town.take_map()
    for noun, lines in LINES.items():
        town.take(noun, lines)
    return town, town.build()


@pytest.fixture
def town(built, tmp_path):
    """Return a copy of the built town that a test may change."""
    original, result = built
    folder = tmp_path / "town"
    original.database.close()
    shutil.copytree(original.workspace.path, folder)
    return Town(folder), result


@pytest.fixture(scope="module")
def after_more(built, tmp_path_factory):
    """Return a copy of the town with forty more incidents at one crossing, built again."""
    original, result = built
    folder = tmp_path_factory.mktemp("more") / "town"
    original.database.close()
    shutil.copytree(original.workspace.path, folder)
    town = Town(folder)
    # Within a few metres of the crossing; one and the same point would be a geocoder's default.
    places = [degrees(150 + number % 7, 300 + number // 7) for number in range(40)]
    lines = [
        f"2025-03-{1 + number % 28:02} {8 + number % 12:02}:{number:02},violence,street,reported,"
        f"{lat},{lon}"
        for number, (lat, lon) in enumerate(places)
    ]
    assert town.take("incidents", lines).accepted == 40
    return town, result, town.build()


def test_other_order_of_rows_nouns_and_files_gives_the_same_bytes(built, tmp_path):
    plain, result = built
    draw = random.Random(3)
    other = Town(tmp_path / "town")
    for noun in reversed(LINES):
        lines = draw.sample(LINES[noun], len(LINES[noun]))
        half = len(lines) // 2
        other.take(noun, lines[:half], lines[half:])
    other.take_map()
    again = other.build()
    assert again["run_id"] == result["run_id"]
    assert again["inputs"] == result["inputs"]
    assert other.hashes(again["run_id"]) == plain.hashes(result["run_id"])
    assert len(plain.hashes(result["run_id"])) >= 15


def test_files_cut_by_their_days_cover_what_the_whole_file_covers(built, tmp_path):
    _, result = built
    other = Town(tmp_path / "town")
    other.take_map()
    for noun in ("lighting", "patrols", "schools"):
        other.take(noun, LINES[noun])
    middle = ("2024-03-31", "2024-04-01")
    early = [line for line in LINES["incidents"] if line[:10] <= middle[0]]
    late = [line for line in LINES["incidents"] if line[:10] >= middle[1]]
    days = [date.fromisoformat(day) for day in middle]
    for part, first, last in ((late, days[1], LAST_DAY), (early, FIRST_DAY, days[0])):
        file = write_incidents(tmp_path / f"{first}.csv", part)
        options = ReadOptions(covers_from=first, covers_to=last)
        take_files("incidents", [file], options, workspace=other.workspace, database=other.database)
    assert other.build()["run_id"] == result["run_id"]


def test_second_build_without_change_publishes_nothing(town):
    again, result = town
    second = again.build()
    assert result["published"] is True
    assert second["published"] is False
    assert second["run_id"] == result["run_id"]
    assert len(list_runs(again.database)) == 1
    assert [path.name for path in again.workspace.snapshots.iterdir()] == [result["run_id"]]


def test_same_rows_again_change_nothing(town):
    again, _ = town
    report = again.take("incidents", LINES["incidents"])
    assert (report.accepted, report.duplicate) == (0, len(LINES["incidents"]))
    assert again.build()["published"] is False


@pytest.mark.parametrize("change", ["days covered", "clock"])
def test_what_changes_the_result_changes_the_run(town, change):
    again, result = town
    if change == "days covered":
        lat, lon = degrees(0, 0)
        file = write_incidents(
            again.workspace.path / "one.csv",
            [f"2022-01-05 10:00,violence,street,reported,{lat},{lon}"],
        )
        options = ReadOptions(covers_from=date(2022, 1, 1), covers_to=date(2022, 3, 31))
        take_files("incidents", [file], options, workspace=again.workspace, database=again.database)
    else:
        card = again.workspace.path / "region.toml"
        text = card.read_text(encoding="utf-8")
        card.write_text(text.replace("Asia/Oral", "Asia/Almaty"), encoding="utf-8")
        again = Town(again.workspace.path)
    assert again.build()["run_id"] != result["run_id"]


def test_another_batch_makes_another_run_and_the_difference_is_told(after_more):
    town, first, second = after_more
    assert second["published"] is True
    assert second["run_id"] != first["run_id"]
    assert second["counts"]["incidents"] == first["counts"]["incidents"] + 40
    changes = diff_runs(town.workspace.snapshots, first["run_id"], second["run_id"])
    assert len(changes)
    # Forty incidents at one crossing: a section there is the first now and was not before.
    top = changes.iloc[0]
    assert top["rank_after"] == 1
    assert top["rank_before"] > 1
    assert diff_runs(town.workspace.snapshots, first["run_id"], first["run_id"]).empty


def test_rollback_makes_the_earlier_run_answer_and_a_build_the_later_one(after_more):
    town, first, second = after_more
    service = create_app(ServiceSettings(dir=town.workspace.path))
    assert _answered(service) == (second["run_id"], second["counts"]["incidents"])
    rollback_to(town.database, town.workspace.snapshots, first["run_id"])
    assert _answered(service) == (first["run_id"], first["counts"]["incidents"])
    again = town.build()
    assert (again["run_id"], again["published"]) == (second["run_id"], True)
    assert _answered(service) == (second["run_id"], second["counts"]["incidents"])
    assert len(list_runs(town.database)) == 2


def test_older_day_needs_force(town):
    again, result = town
    with pytest.raises(UsageError) as refused:
        again.build(as_of=date(2024, 11, 1))
    assert refused.value.code == "run_older"
    assert [path.name for path in again.workspace.snapshots.iterdir()] == [result["run_id"]]
    assert find_current_run(again.database).run_id == result["run_id"]
    older = again.build(as_of=date(2024, 11, 1), force=True)
    assert older["as_of"] == "2024-11-01"
    assert find_current_run(again.database).run_id == older["run_id"]
    known = sum(line[:10] < "2024-11-01" for line in LINES["incidents"])
    assert older["counts"]["incidents"] == known


def test_nothing_is_built_without_a_map_or_without_a_day_covered(tmp_path):
    town = Town(tmp_path / "town")
    with pytest.raises(NoDataError) as refused:
        town.build()
    assert refused.value.code == "no_map"
    town.take_map()
    for day in (None, date(2025, 1, 1)):
        with pytest.raises(NoDataError) as refused:
            town.build(as_of=day)
        assert refused.value.code == "no_incidents"
    assert not town.workspace.snapshots.exists()


@pytest.mark.full
@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_seed_of_hashes_and_number_of_threads_change_no_byte(built, tmp_path, seed):
    plain, result = built
    folder = tmp_path / "town"
    plain.database.close()
    shutil.copytree(plain.workspace.path, folder)
    shutil.rmtree(folder / "snapshots")
    town = Town(folder)
    with town.database.writing() as connection:
        connection.exec_driver_sql("UPDATE current_run SET run_id = NULL")
        connection.exec_driver_sql("DELETE FROM runs")
    town.database.close()
    ended = subprocess.run(
        [sys.executable, "-c", "from api.commands import main; main()", "build", "--json",
         "--dir", str(folder)],
        env={**os.environ, "PYTHONHASHSEED": seed, "OMP_NUM_THREADS": "1" if seed == "0" else "2"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(ended.stdout)["run_id"] == result["run_id"]
    assert town.hashes(result["run_id"]) == plain.hashes(result["run_id"])


# -------------------------------------------------------------------------------------------


def _answered(service):
    """Ask the service which run it stands on, through two of its doors."""

    async def ask():
        doors = httpx.ASGITransport(app=service)
        async with httpx.AsyncClient(transport=doors, base_url="http://127.0.0.1") as client:
            return [(await client.get(path)).json() for path in ("/runs/current", "/readyz")]

    run, ready = asyncio.run(ask())
    assert ready["run_id"] == run["run_id"]
    return run["run_id"], run["incidents"]
