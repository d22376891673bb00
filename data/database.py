"""Open the database: SQLite by default, PostGIS where named.

Two engines a database. The writing one starts every SQLite transaction with BEGIN IMMEDIATE,
because with the default a read-modify-write from several processes loses updates without an
error. The reading one cannot write and is not held up by a writer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from geo.errors import DatabaseUnreachableError, UsageError


@dataclass(frozen=True)
class Patience:
    """How long to wait for the database, in seconds.

    Attributes
    ----------
    connect
        For the server to answer; libpq takes no less than 2.
    statement
        For one statement (PostgreSQL only).
    lock
        For another writer to finish.
    idle_reading, idle_writing
        For a transaction that does nothing before the server ends it (PostgreSQL only). An import
        prepares its rows between two statements, which takes as long as the file is.
    pool
        For a free connection of this process.
    """

    connect: int = 2
    statement: float = 30
    lock: float = 10
    idle_reading: float = 15
    idle_writing: float = 300
    pool: float = 0.5


@dataclass(frozen=True)
class Database:
    """An addressed database; nothing is connected before first use.

    Attributes
    ----------
    engine
        For transactions that write.
    reader
        For reading; the database itself refuses writes through it.
    """

    engine: Engine
    reader: Engine

    @property
    def place(self) -> str:
        """Where the database is, without user and password."""
        return _place(self.engine.url)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open one transaction that writes; it is committed at the end or undone by an error."""
        with _connected(self.engine, self.place) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open one transaction that only reads; it sees one state throughout on SQLite."""
        with _connected(self.reader, self.place) as connection:
            yield connection

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()
        self.reader.dispose()


def open_database(url: str, patience: Patience = Patience()) -> Database:
    """Address a database (``sqlite:///file`` or ``postgresql+psycopg://user@host/name``).

    Raises
    ------
    UsageError
        ``database_url_invalid``. A database that does not answer raises
        `DatabaseUnreachableError` at first use, within the patience.
    """
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise UsageError(_URL_HELP, code="database_url_invalid") from error
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")

    if address.drivername == "postgresql+psycopg":
        engines = [_postgresql(address, patience, read_only=flag) for flag in (False, True)]
    elif address.get_backend_name() == "sqlite" and address.database not in (None, "", ":memory:"):
        engines = [_sqlite(address, patience, read_only=flag) for flag in (False, True)]
    else:
        raise UsageError(_URL_HELP, code="database_url_invalid")
    for engine in engines:
        event.listen(engine, "handle_error", _say_unreachable, retval=True)
    return Database(*engines)


# -------------------------------------------------------------------------------------------

_LOCK_NOT_AVAILABLE = "55P03"
_URL_HELP = (
    "The database address cannot be read; write sqlite:///path/to/file.db or "
    "postgresql+psycopg://user:password@host:5432/name in SAFE_REGION_DATABASE_URL."
)


def _postgresql(url: URL, patience: Patience, *, read_only: bool) -> Engine:
    idle = patience.idle_reading if read_only else patience.idle_writing
    options = {
        "statement_timeout": int(patience.statement * 1000),
        "lock_timeout": int(patience.lock * 1000),
        "idle_in_transaction_session_timeout": int(idle * 1000),
        "default_transaction_read_only": "on" if read_only else "off",
    }
    return create_engine(
        url,
        connect_args={
            "connect_timeout": patience.connect,
            "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
        },
        pool_pre_ping=True,
        pool_timeout=patience.pool,
        hide_parameters=True,  # rows of incidents must not reach a log through an error
    )


def _sqlite(url: URL, patience: Patience, *, read_only: bool) -> Engine:
    engine = create_engine(
        url,
        connect_args={"isolation_level": None},
        pool_timeout=patience.pool,
        hide_parameters=True,
    )
    pragmas = [
        f"busy_timeout={int(patience.lock * 1000)}",  # first: the next one may have to wait
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
    ]
    pragmas += ["query_only=ON"] if read_only else []

    @event.listens_for(engine, "connect")
    def _prepare(raw: Any, _record: object) -> None:
        for pragma in pragmas:
            raw.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def _connected(engine: Engine, place: str) -> Iterator[Connection]:
    try:
        connection = engine.connect()
    except PoolTimeoutError as error:
        raise DatabaseUnreachableError(
            f"Every connection of this process to {place} is in use; try again in a moment.",
            code="database_busy",
        ) from error
    with connection, connection.begin():
        yield connection


def _place(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return f"the file {url.database}"
    host = url.host or url.query.get("host") or "localhost"
    return f"{host}:{url.port or 5432}/{url.database or ''}"


def _say_unreachable(context: ExceptionContext) -> Exception | None:
    """Turn a failed connection into our own error, without the password."""
    if context.is_pre_ping:
        return None  # the pool makes a new connection by itself
    dialect, error = context.dialect, context.original_exception
    words = " ".join(str(error).split())
    if "locked" in words or getattr(error, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
        return DatabaseUnreachableError(
            "Another process is writing to the database and did not finish in time; try again.",
            code="database_busy",
        )
    lost = context.is_disconnect or context.connection is None or "unable to open" in words
    if not lost or not isinstance(error, dialect.loaded_dbapi.Error):
        return None
    url = context.engine.url if context.engine is not None else None
    password = url.password if url is not None else None
    reason = words.replace(str(password), "***") if password else words
    return DatabaseUnreachableError(
        f"The database at {_place(url) if url else '?'} did not answer ({reason}); start it, or "
        "correct SAFE_REGION_DATABASE_URL."
    )
