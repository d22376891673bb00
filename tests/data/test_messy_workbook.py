"""A workbook full of planted oddities: each is reported where it stands, and none moves a score."""

import pytest

from api.build import build_run
from data.database import open_database
from data.importers.tabular import ReadOptions
from data.inputs import frame_hash
from data.intake import ID_KEY_FILE, take_extract, take_files
from data.schema_version import upgrade_database
from data.store.incidents import read_incidents
from data.workspace import create_workspace, propose_region
from tests import hand_made_town as town
from tests.messy_workbook import (
    COLUMNS,
    LOWER_HEADS,
    PUT_ASIDE,
    READ_AS_THEY_ARE,
    ROWS_A_SHEET,
    SHEETS,
    UPPER_HEADS,
    write_twin,
    write_workbook,
)


@pytest.fixture(scope="module")
def messy(tmp_path_factory):
    """Return the workbook, what was planted, and both workspaces with their reports."""
    folder = tmp_path_factory.mktemp("messy")
    book = folder / "book.xlsx"
    planted = write_workbook(book)
    return (
        planted,
        imported(folder / "messy", book),
        imported(folder / "clean", write_twin(folder / "twin.csv", planted)),
    )


def imported(folder, file):
    """Import a file into a new workspace of the town drawn by hand."""
    region = propose_region(town.AREA.name, town.AREA.boundary)
    workspace = create_workspace(folder, region, town.AREA.boundary)
    database = open_database(f"sqlite:///{folder / 'safe_region.db'}")
    upgrade_database(database)
    (folder / ID_KEY_FILE).write_bytes(b"the key of both, so that their hashes are equal")
    map_file = town.write_map(folder / "town.osm")
    take_extract(map_file, workspace=workspace, database=database)
    options = ReadOptions(source="kui-book", date_order="dmy")
    report = take_files("incidents", [file], options, workspace=workspace, database=database)
    return workspace, database, report


def head_of(field):
    """Return the head under which a field stands in the workbook."""
    place = COLUMNS.index(field)
    return LOWER_HEADS[place] or UPPER_HEADS[place]


def test_enough_is_planted():
    assert len(READ_AS_THEY_ARE) + len(PUT_ASIDE) >= 40


def test_every_row_that_cannot_be_used_is_named_with_its_reason(messy):
    planted, (_, _, report), _ = messy
    told = {}
    for row in report.to_json()["refused_rows"]:
        reason = row["code"], (row["column"] or "").partition(" (")[0]
        told.setdefault((row["sheet"], row["row"]), set()).add(reason)
    wanted = {
        (one.sheet, one.row): (one.oddity.code, head_of(one.oddity.field))
        for one in planted
        if one.oddity.code
    }
    missed = {place: told.get(place) for place, reason in wanted.items()
              if reason not in told.get(place, ())}  # fmt: skip
    assert not missed
    totals = {place for place, found in told.items() if "totals_row" in dict(found)}
    assert len(totals) == len(SHEETS)
    assert set(told) == set(wanted) | totals


def test_the_form_of_the_workbook_is_told(messy):
    _, (_, _, report), _ = messy
    said = report.to_json()
    assert said["rows_read"] == 2 * ROWS_A_SHEET + len(SHEETS)
    assert said["accepted"] + said["quarantined"] + said["duplicate"] == said["rows_read"]
    told = said["inferred"]
    assert told["sheets"] == list(SHEETS)
    assert "Анықтама" in told["sheets_skipped"]
    assert told["hidden_sheets"] == ["ескі"]
    assert told["hidden_rows"] == 4
    assert told["head_rows"] == 2


def test_the_clean_twin_gives_the_same_records_and_the_same_scores(messy):
    _, (workspace, database, _), (clean_workspace, clean_database, clean) = messy
    assert clean.quarantined == 0
    frames = []
    for each in (database, clean_database):
        with each.reading() as connection:
            frames.append(read_incidents(connection))
    dirty, tidy = frames
    differs = dirty.compare(tidy) if dirty.shape == tidy.shape else (dirty.shape, tidy.shape)
    assert frame_hash(dirty) == frame_hash(tidy), differs
    runs = [
        build_run(*one, as_of=None, force=False, progress=lambda stage: None)
        for one in ((workspace, database), (clean_workspace, clean_database))
    ]
    assert runs[0]["run_id"] == runs[1]["run_id"]
