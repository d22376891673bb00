"""An offence inside a dwelling leaves its district, month and kind, and nothing else."""

from datetime import date

import pytest
from shapely.geometry import box

from data.database import open_database
from data.importers.tabular import ReadOptions
from data.intake import take_files
from data.schema_version import upgrade_database
from data.store.dwellings import read_dwelling_counts
from data.store.incidents import read_incidents
from data.workspace import create_workspace, propose_region

OUTLINE = box(51.2, 51.1, 51.6, 51.4)
HEAD = "id,occurred_at,article,lat,lon,place_type,district,address"
ROWS = [
    "a1,2025-04-03 20:30,106,51.2281,51.3861,квартира,Северный,Абая 5",
    "a2,2025-04-20 08:00,106,51.2282,51.3862,квартира,Северный,Абая 7",
    "a3,2025-05-02 10:00,188,,,квартира,,",
    "a4,2025-05-02 10:00,188,51.2283,51.3863,улица,Северный,",
]


@pytest.fixture
def brought(tmp_path):
    workspace = create_workspace(tmp_path / "town", propose_region("Oral", OUTLINE), OUTLINE)
    database = open_database(f"sqlite:///{tmp_path / 'town' / 'safe_region.db'}")
    upgrade_database(database)
    file = tmp_path / "offences.csv"
    file.write_text("\n".join([HEAD, *ROWS]), encoding="utf-8")
    reports = [
        take_files("incidents", [file], ReadOptions(), workspace=workspace, database=database)
        for _ in range(2)
    ]
    yield reports, database
    database.close()


def test_dwellings_are_counts_per_district_month_and_kind(brought):
    (first, again), database = brought
    assert (first.rows_read, first.accepted, first.quarantined) == (4, 4, 0)
    assert (again.accepted, again.duplicate) == (0, 4)
    with database.reading() as connection:
        counts = read_dwelling_counts(connection)
        street = read_incidents(connection)
    assert list(counts.itertuples(index=False, name=None)) == [
        ("", date(2025, 5, 1), "theft_robbery", 1),
        ("Северный", date(2025, 4, 1), "violence", 2),
    ]
    assert list(counts) == ["district", "month", "offence_group", "offences"]
    assert len(street) == 1


def test_no_place_hour_or_address_of_a_dwelling_is_anywhere_in_the_file(brought, tmp_path):
    _, database = brought
    database.close()
    stored = b"".join(path.read_bytes() for path in (tmp_path / "town").glob("safe_region.db*"))
    assert b"theft_robbery" in stored
    for trace in ("51.2281", "51.3862", "20:30:00", "Абая"):
        assert trace.encode() not in stored
