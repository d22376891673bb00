"""What repeats, corrections, withdrawals and splits of files leave in the store."""

import datetime as dt
from multiprocessing.context import ForkServerContext
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from data.database import Database, open_database
from data.store.imports import SavedImport, list_imports, list_refused_rows, save_import
from data.store.incidents import read_incidents
from data.store.versions import read_history
from data.store.withdrawal import withdraw_import
from data.tables import DwellingIncident, Incident, UnplacedIncident, table_of
from geo.errors import FrameError, NotFoundError, UsageError
from tests.data.stored_rows import (
    FRAMES,
    MOMENT,
    NO_FAULTS,
    incidents,
    record,
    save,
    table_hash,
)

INCIDENTS = table_of(Incident)
FULL = 200
QUICK = 25


@pytest.fixture
def connection(database: Database):
    with database.writing() as connection:
        yield connection


def counts(saved: SavedImport) -> tuple[int, int, int, int]:
    return saved.accepted, saved.quarantined, saved.duplicate, saved.versions


def day(number: int) -> dt.datetime:
    return MOMENT + dt.timedelta(days=number)


def status_of(connection, row: int = 0) -> list[str]:
    found = read_incidents(connection)
    return found[found["incident_id"] == FRAMES["incidents"]["identity"][row][:16]][
        "status"
    ].tolist()


@pytest.mark.bad_input("B43")
def test_a_file_again_and_an_overlapping_one_add_only_what_is_new(connection):
    frame = incidents(6)
    assert counts(save(connection, frame.iloc[:4], file_name="a")) == (4, 0, 0, 0)
    assert counts(save(connection, frame.iloc[[3, 1, 0, 2]], file_name="a")) == (0, 0, 4, 0)
    assert counts(save(connection, frame.iloc[2:], file_name="b")) == (2, 0, 2, 0)


def test_a_changed_record_is_a_version_and_counts_as_accepted(connection):
    frame = incidents(4)
    save(connection, frame, file_name="a")
    frame.loc[0, "status"] = "discontinued"
    saved = save(connection, frame, file_name="b", imported_at=day(1))
    assert counts(saved) == (1, 0, 3, 1)
    assert status_of(connection) == ["discontinued"]
    history = read_history(connection, INCIDENTS, frame["identity"][0])
    assert history["status"].tolist() == ["active", "discontinued"]
    assert history["valid_to"].tolist() == [day(1), None]


def test_an_old_file_that_comes_again_does_not_undo_a_correction(connection):
    frame = incidents(4)
    save(connection, frame, file_name="a")
    save(connection, frame.assign(status="discontinued"), file_name="b", imported_at=day(1))
    assert counts(save(connection, frame, file_name="a", imported_at=day(2))) == (0, 0, 4, 0)
    assert status_of(connection) == ["discontinued"]
    # Another file that says so is news.
    assert counts(save(connection, frame, file_name="c", imported_at=day(3))) == (4, 0, 0, 4)


def test_a_clock_set_back_ends_no_version_before_its_start(connection):
    frame = incidents(2)
    save(connection, frame, file_name="a", imported_at=day(5))
    save(connection, frame.assign(status="discontinued"), file_name="b", imported_at=day(1))
    history = read_history(connection, INCIDENTS, frame["identity"][0])
    assert history["valid_to"].tolist() == [day(5), None]


def test_rows_come_in_blocks_and_counts_add_up(connection):
    frame = incidents(100).sort_values("identity")
    faults = pd.DataFrame(
        {
            "row": [7, 7, 7],
            "sheet": ["март", "март", "апрель"],  # row 7 of two sheets
            "column": ["lat", "lon", "lat"],
            "code": "coord_missing",
        }
    )
    blocks = (frame.iloc[start : start + 30] for start in range(0, 100, 30))
    saved = save_import(connection, record(105), blocks, faults)
    assert counts(saved) == (100, 2, 3, 0)
    assert list_refused_rows(connection, saved.import_id)["sheet"].tolist()[0] == "март"
    again = save_import(connection, record(105), iter([frame]), faults)
    assert counts(again) == (0, 2, 103, 0)


def test_one_identity_in_two_blocks_is_refused(connection):
    frame = incidents(3)
    with pytest.raises(FrameError, match="incidents"), connection.begin_nested():
        save_import(connection, record(6), [frame, frame], NO_FAULTS)


# Withdrawing ------------------------------------------------------------------------------


def test_rows_that_another_import_has_seen_stay_and_become_its_own(connection):
    frame = incidents(6)
    first = save(connection, frame.iloc[:4], file_name="a").import_id
    second = save(connection, frame.iloc[2:], file_name="b").import_id
    assert withdraw_import(connection, first, day(1)) == {"withdrawn": 2, "kept": 2, "restored": 0}
    assert len(read_incidents(connection)) == 4
    kept = read_history(connection, INCIDENTS, frame["identity"][2])
    assert (kept["import_id"][0], kept["source_row"][0]) == (second, None)

    listed = list_imports(connection).set_index("import_id")
    assert listed["withdrawn_at"].tolist() == [None, day(1)]
    # Nobody else has seen these: they go with the second import.
    assert withdraw_import(connection, second, day(2)) == {"withdrawn": 4, "kept": 0, "restored": 0}
    assert read_incidents(connection).empty
    # Both files again: everything again.
    assert save(connection, frame, file_name="c", imported_at=day(3)).accepted == 6


def test_a_correction_withdrawn_gives_the_former_version_back(connection):
    frame = incidents(4)
    save(connection, frame, file_name="a")
    changed = frame.iloc[:2].assign(status="discontinued")
    second = save(connection, changed, file_name="b", imported_at=day(1)).import_id
    before = status_of(connection)
    result = withdraw_import(connection, second, day(2))
    assert (before, result) == (["discontinued"], {"withdrawn": 2, "kept": 0, "restored": 2})
    assert status_of(connection) == ["active"]


def test_a_version_whose_import_was_withdrawn_does_not_come_back(connection):
    frame = incidents(1)
    first = save(connection, frame, file_name="a").import_id
    changed = frame.assign(status="discontinued")
    second = save(connection, changed, file_name="b", imported_at=day(1)).import_id
    # The closed version goes; what stands is the second import's and stays.
    assert withdraw_import(connection, first, day(2)) == {"withdrawn": 1, "kept": 0, "restored": 0}
    assert status_of(connection) == ["discontinued"]
    assert withdraw_import(connection, second, day(3))["restored"] == 0
    assert read_incidents(connection).empty


def test_a_former_version_that_another_import_has_seen_comes_back(connection):
    frame = incidents(1)
    first = save(connection, frame, file_name="a").import_id
    save(connection, frame, file_name="b")
    changed = frame.assign(status="discontinued")
    third = save(connection, changed, file_name="c", imported_at=day(1)).import_id
    assert withdraw_import(connection, first, day(2))["kept"] == 1
    assert withdraw_import(connection, third, day(3))["restored"] == 1
    assert status_of(connection) == ["active"]


def test_only_an_import_that_stands_can_be_withdrawn(connection):
    first = save(connection, incidents(1)).import_id
    withdraw_import(connection, first, day(1))
    with pytest.raises(UsageError) as caught:
        withdraw_import(connection, first, day(2))
    assert caught.value.code == "import_withdrawn"
    with pytest.raises(NotFoundError) as caught_unknown:
        withdraw_import(connection, 99, day(2))
    assert caught_unknown.value.code == "import_unknown"
    town = save_import(connection, record(3, noun="osm"), None, None).import_id
    with pytest.raises(UsageError) as caught_map:
        withdraw_import(connection, town, day(2))
    assert caught_map.value.code == "import_is_map"


# Offences without a place and inside dwellings --------------------------------------------


def unplaced(frame: pd.DataFrame) -> pd.DataFrame:
    without = ["lat", "lon", "h3_cell", "address_key", "geo_accuracy_m"]
    return frame.drop(columns=without).assign(reason="address_unknown")


def dwellings(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "identity": frame["identity"],
            "source_row": frame["source_row"],
            "district": "",
            "month": pd.Timestamp("2026-03-01"),
            "offence_group": frame["offence_group"],
        }
    )


def faults_of(frame: pd.DataFrame) -> pd.DataFrame:
    rows = frame["source_row"].to_numpy()
    return pd.DataFrame({"row": rows, "column": None, "code": "address_unknown"})


def save_aside(connection, frame: pd.DataFrame, **changes: Any) -> SavedImport:
    """Rows 0 and 1 with a place, 2 and 3 without, 4 and 5 in a dwelling."""
    aside = {"unplaced": unplaced(frame.iloc[2:4]), "dwellings": dwellings(frame.iloc[4:6])}
    return save_import(
        connection, record(6, **changes), frame.iloc[:2], faults_of(frame.iloc[2:4]), aside=aside
    )


def standing(connection) -> tuple[int, int, int]:
    tables = (table_of(model) for model in (Incident, UnplacedIncident, DwellingIncident))
    return tuple(
        connection.execute(
            text(f"SELECT count(*) FROM {table.name} WHERE valid_to IS NULL")
        ).scalar_one()
        for table in tables
    )


def test_rows_aside_are_counted_and_known_again(connection):
    frame = incidents(6)
    assert counts(save_aside(connection, frame, file_name="a")) == (4, 2, 0, 0)
    assert standing(connection) == (2, 2, 2)
    assert counts(save_aside(connection, frame, file_name="b")) == (0, 2, 4, 0)
    assert standing(connection) == (2, 2, 2)


def test_rows_aside_leave_with_their_import_unless_seen_again(connection):
    frame = incidents(6)
    first = save_aside(connection, frame, file_name="a").import_id
    second = save_aside(connection, frame, file_name="b").import_id
    assert withdraw_import(connection, first, day(1)) == {"withdrawn": 0, "kept": 6, "restored": 0}
    assert standing(connection) == (2, 2, 2)
    assert withdraw_import(connection, second, day(2))["withdrawn"] == 6
    assert standing(connection) == (0, 0, 0)


def test_a_row_that_gets_its_place_later_stands_once(connection):
    frame = incidents(6)
    save_aside(connection, frame, file_name="a")
    placed = save(connection, frame.iloc[2:4], file_name="b", imported_at=day(1))
    assert counts(placed) == (2, 0, 0, 0)
    assert standing(connection) == (4, 0, 2)
    # Without a place again: it is known already and skipped.
    assert counts(save_aside(connection, frame, file_name="c", imported_at=day(2)))[0] == 0
    assert standing(connection) == (4, 0, 2)
    # The third import has seen all of it: the place stays known.
    result = withdraw_import(connection, placed.import_id, day(3))
    assert (result["kept"], standing(connection)) == (2, (4, 0, 2))


def test_a_place_withdrawn_lets_the_row_wait_again(connection):
    frame = incidents(6)
    save_aside(connection, frame, file_name="a")
    placed = save(connection, frame.iloc[2:4], file_name="b", imported_at=day(1)).import_id
    assert withdraw_import(connection, placed, day(2)) == {
        "withdrawn": 2,
        "kept": 0,
        "restored": 2,
    }
    assert standing(connection) == (2, 2, 2)


def test_a_record_that_turns_out_to_lie_inside_a_dwelling_leaves_no_place_behind(connection):
    frame = incidents(6)
    save(connection, frame.iloc[:2], file_name="a")
    aside = {"dwellings": dwellings(frame.iloc[:2])}
    nothing = frame.iloc[:0]
    saved = save_import(
        connection, record(2, file_name="b", imported_at=day(1)), nothing, NO_FAULTS, aside=aside
    )
    assert counts(saved) == (2, 0, 0, 2)
    assert standing(connection) == (0, 0, 2)
    assert connection.execute(text("SELECT count(*) FROM incidents")).scalar_one() == 0
    assert withdraw_import(connection, saved.import_id, day(2))["restored"] == 0
    assert standing(connection) == (0, 0, 0)


# Any order, any repeats, any split --------------------------------------------------------

ROWS = incidents(24)
_SPLITS = st.lists(
    st.lists(st.integers(0, len(ROWS) - 1), min_size=1, max_size=40), min_size=1, max_size=5
)


@pytest.mark.parametrize(
    "examples", [pytest.param(QUICK, id="quick"), pytest.param(FULL, marks=pytest.mark.full)]
)
def test_any_permutation_repeat_and_split_leaves_the_same_table(database: Database, examples):
    with database.writing() as connection:
        save(connection, ROWS)
        undisturbed = table_hash(connection, INCIDENTS)

    @settings(max_examples=examples, deadline=None, database=None, derandomize=True,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(parts=_SPLITS, order=st.permutations(range(len(ROWS))), blocks=st.integers(1, 9))
    def kept(parts: list[list[int]], order: list[int], blocks: int) -> None:
        with database.writing() as connection:
            for table in ("sightings", "incidents", "imports"):
                connection.execute(text(f"DELETE FROM {table}"))
            accepted = 0
            for number, part in enumerate([*parts, order]):
                rows = ROWS.iloc[list(dict.fromkeys(part))]
                frames = np.array_split(np.arange(len(rows)), blocks)
                made = record(len(part), file_name=str(number), imported_at=day(number))
                saved = save_import(
                    connection, made, [rows.iloc[block] for block in frames], NO_FAULTS
                )
                assert saved.accepted + saved.duplicate == len(part)
                accepted += saved.accepted
            assert accepted == len(ROWS)
            assert table_hash(connection, INCIDENTS) == undisturbed

    kept()


# Two at once ------------------------------------------------------------------------------


def _save_in_another_process(url: str, ready: Any, results: Any) -> None:
    database = open_database(url)
    frame = incidents(3000).sort_values("identity")
    ready.wait()
    with database.writing() as connection:
        results.put(counts(save(connection, frame)))
    database.close()


@pytest.mark.parametrize("before", [0, 500], ids=["empty table", "filled table"])
def test_two_imports_of_one_file_at_once_store_it_once(
    database: Database, database_url: str, processes: ForkServerContext, before: int
) -> None:
    with database.writing() as connection:
        save(connection, incidents(before, "other"), file_name="before")
    ready, results = processes.Barrier(2), processes.Queue()
    both = [
        processes.Process(target=_save_in_another_process, args=(database_url, ready, results))
        for _ in range(2)
    ]
    for process in both:
        process.start()
    found = sorted(results.get(timeout=60) for _ in both)
    for process in both:
        process.join()
    assert found == [(0, 0, 3000, 0), (3000, 0, 0, 0)]
    with database.reading() as connection:
        assert len(read_incidents(connection)) == 3000 + before
