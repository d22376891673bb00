"""A PostGIS server of the tests' own: made in a temporary folder, gone at the end."""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url, text

from data.database import open_database
from data.schema_version import upgrade_database


@dataclass(frozen=True)
class Server:
    """A running server and the names of its two templates."""

    url: URL
    empty: str
    upgraded: str

    def database(self, name: str) -> str:
        return self.url.set(database=name).render_as_string(hide_password=False)

    def run(self, statement: str) -> None:
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    @contextmanager
    def copy_of(self, template: str) -> Iterator[str]:
        """Yield the address of a fresh database made from a template."""
        name = f"t_{secrets.token_hex(6)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.database(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")


def find_binaries() -> Path | None:
    """Return the newest PostgreSQL here that has PostGIS."""
    found = [
        folder / "bin"
        for folder in Path("/usr/lib/postgresql").glob("*")
        if Path(f"/usr/share/postgresql/{folder.name}/extension/postgis.control").exists()
        and (folder / "bin" / "initdb").exists()
    ]
    return max(found, key=lambda path: int(path.parent.name), default=None)


@contextmanager
def own_cluster(binaries: Path) -> Iterator[URL]:
    """Start a server that listens on a socket in its own folder only."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    # PostgreSQL refuses to run as root.
    user = {"user": "postgres", "group": "postgres", "extra_groups": []} if not os.getuid() else {}
    if user:
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    flags = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses=''"

    def call(program: str, *arguments: str) -> None:
        subprocess.run(
            [str(binaries / program), *arguments],
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            **user,
        )

    try:
        call("initdb", "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8",
             "--locale=C.UTF-8", "-D", str(data))  # fmt: skip
        log = str(folder / "log")
        call("pg_ctl", "start", "-w", "-D", str(data), "-l", log, "-o", f"{flags} -k {folder}")
        yield URL.create(
            "postgresql+psycopg",
            username="postgres",
            database="postgres",
            query={"host": str(folder)},
        )
    finally:
        if (data / "postmaster.pid").exists():
            call("pg_ctl", "stop", "-m", "immediate", "-D", str(data))
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def prepared(url: str | URL) -> Iterator[Server]:
    """Make the templates: one with the extension alone, one with the schema too."""
    stem = f"tmpl_{secrets.token_hex(4)}"
    server = Server(make_url(url), f"{stem}_empty", f"{stem}_upgraded")
    try:
        server.run(f"CREATE DATABASE {server.empty}")
        engine = create_engine(server.database(server.empty))
        with engine.begin() as connection:
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
        engine.dispose()
        server.run(f"CREATE DATABASE {server.upgraded} TEMPLATE {server.empty}")
        database = open_database(server.database(server.upgraded))
        upgrade_database(database)
        database.close()
        yield server
    finally:
        for name in (server.upgraded, server.empty):
            server.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
