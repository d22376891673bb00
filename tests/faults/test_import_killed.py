"""An import that is killed by kill -9 at any moment leaves nothing half, and the next one is whole.

With the real process: half of the kills fall anywhere between its start and its end, half while
it writes into the database.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from data.database import Database, open_database
from data.schema_version import upgrade_database
from data.store.imports import list_imports
from data.tables import Incident, table_of
from data.workspace import create_workspace, open_workspace, propose_region
from tests.conftest import BACK_ENDS
from tests.data.stored_rows import table_hash
from tests.demo_town import COMMAND
from tests.hand_made_town import AREA, degrees

ROWS = 3000
KILLS, QUICK = 20, 2
DRAWS = random.Random(7)
MOMENTS = [
    pytest.param(
        writing, share, id=f"{n}, {share:.0%} of {'writing' if writing else 'all'}",
        marks=[pytest.mark.full] * (n >= QUICK),
    )
    for n, (writing, share) in enumerate((n % 2 == 0, DRAWS.random()) for n in range(KILLS))
]  # fmt: skip
NOTHING = (0, 0, 0)
SOME_ROWS_REFUSED = 3


@dataclass(frozen=True)
class Town:
    """A workspace whose database may lie elsewhere, and the file that it takes."""

    folder: Path
    file: Path
    address: str

    @contextmanager
    def open(self) -> Iterator[Database]:
        database = open_database(self.address)
        yield database
        database.close()

    def start(self) -> subprocess.Popen:
        return subprocess.Popen(
            [*COMMAND, "import", "incidents", str(self.file), "--dir", str(self.folder)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "SAFE_REGION_DATABASE_URL": self.address},
        )  # fmt: skip

    def finish(self) -> None:
        process = self.start()
        _, words = process.communicate(timeout=300)
        assert process.returncode == SOME_ROWS_REFUSED, words

    def counts(self) -> tuple[int, int, int]:
        """Return how many imports, incidents and refused rows the store shows."""
        with self.open() as database, database.reading() as connection:
            return tuple(
                connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
                for table in ("imports", "incidents", "refused_rows")
            )

    def hash(self) -> str:
        with self.open() as database, database.reading() as connection:
            return table_hash(connection, table_of(Incident))


@dataclass(frozen=True)
class Undisturbed:
    """What the file leaves when nobody disturbs: hash, counts, and how long it took."""

    hash: str
    counts: tuple[int, int, int]
    before_writing_s: float
    writing_s: float


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A file with some rows that are refused, and the key under which its numbers are hashed."""
    folder = tmp_path_factory.mktemp("file")
    lines = ["id,occurred_at,offence_group,place_type,discovery,lat,lon"]
    for row in range(ROWS):
        lat, lon = degrees(row % 450, row // 450)
        lat = "" if row % 500 == 7 else lat
        day, hour = 1 + row % 28, row % 24
        lines.append(f"k{row},2025-03-{day:02} {hour:02}:15,violence,street,reported,{lat},{lon}")
    file = folder / "march.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file, bytes(range(32))


@contextmanager
def town_at(folder: Path, back_end: str, request: pytest.FixtureRequest, files) -> Iterator[Town]:
    file, key = files
    create_workspace(folder, propose_region("Town", AREA.boundary), AREA.boundary)
    (folder / "id.key").write_bytes(key)
    if back_end == "sqlite":
        address = f"sqlite:///{open_workspace(folder).path / 'safe_region.db'}"
        database = open_database(address)
        upgrade_database(database)
        database.close()
        yield Town(folder, file, address)
    else:
        server = request.getfixturevalue("postgis_server")
        with server.copy_of(server.upgraded) as address:
            yield Town(folder, file, address)


@pytest.fixture(scope="module", params=BACK_ENDS)
def back_end(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def undisturbed(
    back_end: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, files
) -> Undisturbed:
    folder = tmp_path_factory.mktemp("undisturbed") / "town"
    with town_at(folder, back_end, request, files) as town:
        started = time.monotonic()
        process = town.start()
        wait_until_writing(town, process)
        writing = time.monotonic()
        _, words = process.communicate(timeout=300)
        ended = time.monotonic()
        assert process.returncode == SOME_ROWS_REFUSED, words
        assert town.counts() == (1, ROWS - ROWS // 500, ROWS // 500)
        return Undisturbed(town.hash(), town.counts(), writing - started, ended - writing)


@pytest.fixture
def fresh_town(back_end: str, request: pytest.FixtureRequest, tmp_path: Path, files):
    with town_at(tmp_path / "town", back_end, request, files) as town:
        yield town


@pytest.mark.parametrize(("writing", "share"), MOMENTS)
def test_import_killed_at_any_moment(
    undisturbed: Undisturbed, fresh_town: Town, writing: bool, share: float
):
    town = fresh_town
    process = town.start()
    if writing:
        wait_until_writing(town, process)
        time.sleep(share * undisturbed.writing_s)
    else:
        time.sleep(share * (undisturbed.before_writing_s + undisturbed.writing_s))
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    assert town.counts() in (NOTHING, undisturbed.counts)

    stored = town.counts() != NOTHING
    town.finish()
    assert town.hash() == undisturbed.hash
    with town.open() as database, database.reading() as connection:
        ledger = list_imports(connection)
    accepted = [0, undisturbed.counts[1]] if stored else [undisturbed.counts[1]]
    assert ledger["accepted"].tolist() == accepted


def wait_until_writing(town: Town, process: subprocess.Popen) -> None:
    """Return once the process has a transaction open that writes."""
    with town.open() as database:
        while process.poll() is None and not is_writing(town, database):
            time.sleep(0.002)


def is_writing(town: Town, database: Database) -> bool:
    if town.address.startswith("sqlite"):
        log = Path(town.address.removeprefix("sqlite:///") + "-wal")
        return log.exists() and log.stat().st_size > 0
    with database.reading() as connection:
        held = connection.execute(
            text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted")
        )
        return bool(held.scalar_one())
