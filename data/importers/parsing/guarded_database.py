"""Open a SQLite database that a stranger made, with almost everything forbidden to it.

Its views, triggers and functions would run here. So it is opened as a file that never changes (a
journal beside it is not read), an authorizer lets through plain reads of plain tables only, and no
step may take more than two seconds of the processor.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from data.importers.parsing.raw_columns import BLOCK_ROWS, refusal
from geo.errors import InputRefusedError

_STEP_SECONDS = 2.0
_INSTRUCTIONS = 10_000  # between two looks at the clock
_LONGEST_CELL = 16 << 20
_LONGEST_STATEMENT = 100_000
_MOST_COLUMNS = 1000


class GuardedDatabase:
    """A connection that may do nothing but read plain tables."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._clock = _Clock()
        uri = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
        self._connection = sqlite3.connect(uri, uri=True, cached_statements=0)
        for what, most in (
            (sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_CELL),
            (sqlite3.SQLITE_LIMIT_SQL_LENGTH, _LONGEST_STATEMENT),
            (sqlite3.SQLITE_LIMIT_COLUMN, _MOST_COLUMNS),
            (sqlite3.SQLITE_LIMIT_ATTACHED, 0),
            (sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, 0),
            (sqlite3.SQLITE_LIMIT_WORKER_THREADS, 0),
        ):
            self._connection.setlimit(what, most)
        # Text that is not UTF-8 must not stop the file: it becomes signs that no reader takes.
        self._connection.text_factory = lambda content: content.decode("utf-8", "replace")
        for setting in ("trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0"):
            self._connection.execute(f"PRAGMA {setting}").close()
        self._connection.set_progress_handler(self._clock.is_over, _INSTRUCTIONS)
        self._connection.set_authorizer(_authorize)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def read(self, statement: str, values: tuple[Any, ...] = ()) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the answer in blocks of rows."""
        try:
            self._clock.wind()
            with closing(self._connection.execute(statement, values)) as cursor:
                while rows := cursor.fetchmany(BLOCK_ROWS):
                    yield rows
                    self._clock.wind()
        except (sqlite3.Error, UnicodeError) as error:  # its messages quote the file's bytes
            raise self._refusal(error) from error

    def read_all(self, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Return the whole of a short answer."""
        return [row for rows in self.read(statement, values) for row in rows]

    def _refusal(self, error: Exception) -> InputRefusedError:
        if self._clock.stopped:
            return refusal(
                "database_unsafe", f"{self._path.name} takes too long to read; export it again."
            )
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_AUTH:
            return refusal(
                "database_unsafe",
                f"{self._path.name} needs more than plain tables to be read; export it again.",
            )
        return damaged(self._path)


def open_guarded(path: Path) -> GuardedDatabase:
    """Open a database file.

    Raises
    ------
    InputRefusedError
        ``file_damaged``; the reads raise ``database_unsafe`` too.
    """
    try:
        return GuardedDatabase(path)
    except sqlite3.Error as error:
        raise damaged(path) from error


def damaged(path: Path) -> InputRefusedError:
    """Return the error that refuses a broken database."""
    return refusal("file_damaged", f"{path.name} is a broken GeoPackage; export it again.")


# -------------------------------------------------------------------------------------------


class _Clock:
    """Stops a step that takes too long; SQLite asks it every few thousand instructions."""

    def __init__(self) -> None:
        self._end = 0.0
        self.stopped = False

    def wind(self) -> None:
        """Give the next step its time."""
        self._end = time.process_time() + _STEP_SECONDS

    def is_over(self) -> bool:
        """Tell SQLite whether to stop."""
        self.stopped = time.process_time() > self._end
        return self.stopped


def _authorize(
    action: int, first: str | None, second: str | None, database: str | None, source: str | None
) -> int:
    # `source` names the view or trigger from which a read comes.
    plain = action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ) and source is None
    columns = action == sqlite3.SQLITE_PRAGMA and first == "table_info"
    return sqlite3.SQLITE_OK if plain or columns else sqlite3.SQLITE_DENY
