"""Snapshots: the same bytes from the same rows, sealed, published in one step, undone in one."""

import datetime as dt
import json
from dataclasses import replace
from multiprocessing.context import ForkServerContext
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from sqlalchemy import text

from data.database import Database, open_database
from data.snapshots import (
    RunRow,
    diff_runs,
    find_current_run,
    list_runs,
    open_snapshot,
    publish_run,
    rollback_to,
    tiles_file,
    write_snapshot,
)
from data.store.runs import lock_current_run, move_current_run
from data.tile_archive import write_tiles
from geo.errors import NotFoundError, SafeRegionError, UsageError

FIRST, SECOND = "a" * 16, "b" * 16
CARD = {"name": "Орал", "counts": {"incidents": 4}}


def sections(hazards: list[float], classes: list[int]) -> gpd.GeoDataFrame:
    lines = [shapely.LineString([(51 + n, 51), (51 + n, 52)]) for n in range(len(hazards))]
    return gpd.GeoDataFrame(
        {
            "section_id": [f"s{n:012x}" for n in range(len(hazards))],
            "hazard": hazards,
            "hazard_class": classes,
        },
        geometry=lines,
        crs="EPSG:4326",
    )


def flows() -> pd.DataFrame:
    """No single column of it tells the rows apart."""
    rows = np.arange(60)
    return pd.DataFrame(
        {"section": rows // 6, "school": rows % 3, "pupils": rows % 2, "note": [None, "x"] * 30}
    )


def write(folder: Path, run_id: str, town: gpd.GeoDataFrame, walks: pd.DataFrame) -> str:
    tiles = [("cells", 9, 1, y, b"tile %d" % y) for y in range(3)]
    return write_snapshot(
        folder,
        run_id,
        {"sections": town, "flows": walks},
        {tiles_file("public"): lambda path: write_tiles(path, tiles)},
        CARD,
    )


def row(run_id: str, manifest_sha256: str = "0" * 64, day: int = 1) -> RunRow:
    return RunRow(
        run_id=run_id,
        as_of=dt.date(2026, 4, day),
        parameters_version="1",
        parameters_hash="0" * 64,
        code_version="0.1.0",
        manifest_sha256=manifest_sha256,
        published_at=dt.datetime(2026, 4, 2, 3, 4, 5),
        seconds=12.5,
        peak_memory_mb=300.0,
        facts={"inputs": {"incidents": "1f"}},
    )


TOWN = sections([5.0, 3.0, 9.0, 1.0], [4, 3, 5, 1])


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_bytes_do_not_depend_on_the_order_of_rows(tmp_path: Path) -> None:
    first = write(tmp_path / "1", FIRST, TOWN, flows())
    second = write(
        tmp_path / "2",
        FIRST,
        TOWN.sample(frac=1, random_state=5),
        flows().sample(frac=1, random_state=5),
    )
    assert first == second
    assert contents(tmp_path / "1" / FIRST) == contents(tmp_path / "2" / FIRST)
    assert list(TOWN["hazard"]) == [5.0, 3.0, 9.0, 1.0]  # the argument is not changed


def test_one_changed_number_changes_the_manifest(tmp_path: Path) -> None:
    other = TOWN.assign(hazard=[5.0, 3.0, 9.0, np.nextafter(1.0, 2)])
    assert write(tmp_path / "1", FIRST, TOWN, flows()) != write(
        tmp_path / "2", FIRST, other, flows()
    )


def test_a_snapshot_reads_back_what_was_written(tmp_path: Path) -> None:
    write(tmp_path, FIRST, TOWN, flows())
    snapshot = open_snapshot(tmp_path, FIRST)
    assert snapshot.run_card == CARD
    town = snapshot.read_frame("sections")
    assert isinstance(town, gpd.GeoDataFrame)
    assert town.crs == "EPSG:4326"
    assert town["hazard"].tolist() == TOWN["hazard"].tolist()
    assert town.geometry.geom_equals(TOWN.geometry).all()
    walks = snapshot.read_frame("flows")
    assert walks["pupils"].sum() == 30
    found = snapshot.tile_archive("public").get("cells", 9, 1, 2)
    assert found is not None
    assert found[0] == b"tile 2"
    assert found[1].startswith(FIRST)
    assert snapshot.manifest["files"]["sections.parquet"]["rows"] == 4
    assert "shapely" in snapshot.manifest["libraries"]


def test_an_empty_frame_is_kept_with_its_columns(tmp_path: Path) -> None:
    write(tmp_path, FIRST, TOWN.iloc[:0], flows().iloc[:0])
    snapshot = open_snapshot(tmp_path, FIRST)
    assert list(snapshot.read_frame("flows")) == ["section", "school", "pupils", "note"]
    assert len(snapshot.read_frame("sections")) == 0


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    write(tmp_path, FIRST, TOWN, flows())
    snapshot = open_snapshot(tmp_path, FIRST)
    for action, code in (
        (lambda: open_snapshot(tmp_path, SECOND), "snapshot_missing"),
        (lambda: snapshot.read_frame("lamps"), "frame_missing"),
        (lambda: snapshot.tile_archive("planner"), "tiles_missing"),
    ):
        with pytest.raises(NotFoundError) as caught:
            action()
        assert caught.value.code == code
    with pytest.raises(UsageError):
        open_snapshot(tmp_path, "../../etc")


@pytest.mark.parametrize("file", ["sections.parquet", "run_card.json", "manifest.json"])
def test_a_damaged_file_is_named_and_the_next_build_replaces_it(tmp_path: Path, file: str) -> None:
    write(tmp_path, FIRST, TOWN, flows())
    path = tmp_path / FIRST / file
    sound = path.read_bytes()
    path.write_bytes(sound[:-3] + b"xyz")
    with pytest.raises(SafeRegionError) as caught:
        open_snapshot(tmp_path, FIRST).read_frame("sections")
    assert caught.value.code == "folder_damaged"

    write(tmp_path, FIRST, TOWN, flows())
    assert path.read_bytes() == sound
    assert [path.name for path in tmp_path.iterdir()] == [FIRST]


def test_the_same_run_with_other_bytes_is_refused(tmp_path: Path) -> None:
    write(tmp_path, FIRST, TOWN, flows())
    before = contents(tmp_path / FIRST)
    with pytest.raises(SafeRegionError) as caught:
        write(tmp_path, FIRST, TOWN.assign(hazard=0.0), flows())
    assert caught.value.code == "folder_differs"
    assert contents(tmp_path / FIRST) == before
    assert [path.name for path in tmp_path.iterdir()] == [FIRST]


def test_a_writer_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def full(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(SafeRegionError) as caught:
        write_snapshot(tmp_path, FIRST, {"flows": flows()}, {"a.zip": full}, CARD)
    assert caught.value.code == "disk_full"
    assert list(tmp_path.iterdir()) == []


def test_not_a_number_in_the_run_card_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_snapshot(tmp_path, FIRST, {}, {}, {"share": float("nan")})
    assert list(tmp_path.iterdir()) == []


def test_publishing_lists_the_run_and_makes_it_current(database: Database) -> None:
    assert find_current_run(database) is None
    assert list_runs(database) == []
    publish_run(database, row(FIRST))
    publish_run(database, row(SECOND))
    assert find_current_run(database) == row(SECOND)
    assert list_runs(database) == [row(SECOND), row(FIRST)]


def test_publishing_the_same_run_again_only_points_to_it(database: Database) -> None:
    publish_run(database, row(FIRST))
    publish_run(database, row(SECOND))
    publish_run(database, replace(row(FIRST), seconds=99.0))
    assert find_current_run(database) == row(FIRST)
    assert len(list_runs(database)) == 2


@pytest.mark.parametrize(("day", "refused"), [(1, True), (2, False), (3, False)])
def test_an_earlier_day_is_refused_unless_forced(
    database: Database, day: int, refused: bool
) -> None:
    publish_run(database, row(FIRST, day=2))
    if refused:
        with pytest.raises(UsageError, match="--force") as caught:
            publish_run(database, row(SECOND, day=day))
        assert caught.value.code == "run_older"
        assert list_runs(database) == [row(FIRST, day=2)]
        publish_run(database, row(SECOND, day=day), force=True)
    else:
        publish_run(database, row(SECOND, day=day))
    assert find_current_run(database) == row(SECOND, day=day)


def test_rollback_goes_to_a_kept_run_only(database: Database, tmp_path: Path) -> None:
    publish_run(database, row(FIRST, write(tmp_path, FIRST, TOWN, flows())))
    publish_run(database, row(SECOND, "0" * 64))  # its folder was never kept
    rollback_to(database, tmp_path, FIRST)
    current = find_current_run(database)
    assert current is not None
    assert current.run_id == FIRST
    assert len(list_runs(database)) == 2

    for wanted, code in ((SECOND, "snapshot_missing"), ("c" * 16, "run_unknown")):
        with pytest.raises(NotFoundError) as caught:
            rollback_to(database, tmp_path, wanted)
        assert caught.value.code == code
    assert find_current_run(database) == current


def test_rollback_refuses_a_folder_that_is_not_the_published_one(
    sqlite_database: Database, tmp_path: Path
) -> None:
    write(tmp_path, FIRST, TOWN, flows())
    publish_run(sqlite_database, row(FIRST, "0" * 64))
    with pytest.raises(SafeRegionError) as caught:
        rollback_to(sqlite_database, tmp_path, FIRST)
    assert caught.value.code == "folder_damaged"


def test_diff_names_the_sections_whose_class_or_rank_changed(tmp_path: Path) -> None:
    # hazards 5 3 9 1 rank 2 3 1 4; afterwards section 1 rises to 6: ranks 3 2 1 4, and section 3
    # changes its class alone. A fifth section is new, at rank 5.
    write(tmp_path, FIRST, TOWN, flows())
    write(tmp_path, SECOND, sections([5.0, 6.0, 9.0, 1.0, 0.5], [4, 4, 5, 2, 1]), flows())
    changes = diff_runs(tmp_path, FIRST, SECOND)
    assert changes.to_dict("split")["data"] == [
        ["s000000000001", 3, 4, 3, 2],
        ["s000000000000", 4, 4, 2, 3],
        ["s000000000003", 1, 2, 4, 4],
        ["s000000000004", None, 1, None, 5],
    ]
    assert json.dumps(changes.to_dict("records"))
    assert diff_runs(tmp_path, FIRST, FIRST).empty


def _move_pointer(url: str, ready, times: int) -> None:
    database = open_database(url)
    ready.wait()
    for _ in range(times):
        with database.writing() as connection:
            lock_current_run(connection)
            move_current_run(connection, FIRST)
    database.close()


def test_no_move_of_the_pointer_is_lost_between_three_processes(
    database: Database, database_url: str, processes: ForkServerContext
) -> None:
    publish_run(database, row(FIRST))  # move 1
    ready = processes.Barrier(3)
    movers = [
        processes.Process(target=_move_pointer, args=(database_url, ready, 60)) for _ in range(3)
    ]
    for mover in movers:
        mover.start()
    for mover in movers:
        mover.join(60)
        assert mover.exitcode == 0
    with database.reading() as connection:
        moves = connection.execute(text("SELECT moves FROM current_run")).scalar_one()
    assert moves == 1 + 3 * 60
