"""Run a parser of a file from outside in a confined child process.

The child has no network, limited time, memory and files, a folder of its own and one thread
(`data.importers.parsing.confinement`). What it finds comes back as Arrow tables and JSON facts.
However it ends, the parent lives: a death becomes an `InputRefusedError` with the code
``parser_time``, ``parser_memory`` or ``parser_crashed``.
"""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from data.importers.mapped_columns import MappedColumns
from data.importers.parsing.parser_server import OUTCOME, REQUEST
from geo import errors
from geo.errors import InputRefusedError, NotFoundError, SafeRegionError

MIB = 1 << 20
LARGE_FILE_BYTES = 50 * MIB
LARGE_PACKED_BYTES = 4 * MIB


@dataclass(frozen=True)
class Limits:
    """What a parser may use up before it is stopped."""

    cpu_seconds: int = 30
    memory_bytes: int = 1024 * MIB
    wall_seconds: int = 90
    file_bytes: int = 1024 * MIB
    open_files: int = 64


LARGE = Limits(cpu_seconds=120, memory_bytes=2048 * MIB, wall_seconds=300)
"""For OSM extracts and files over 50 MB."""


class Parsed(NamedTuple):
    """What a parser hands back.

    Attributes
    ----------
    tables
        Arrow tables by name.
    facts
        What was counted or inferred, as JSON.
    columns
        Holds the tables, which lie on disk.
    """

    tables: dict[str, pa.Table]
    facts: dict[str, Any]
    columns: MappedColumns


Parser = Callable[
    [Path, dict[str, Any]], tuple[Mapping[str, pa.Table | pa.RecordBatchReader], dict[str, Any]]
]


def run_isolated(
    function: Parser, path: Path, options: dict[str, Any], limits: Limits | None = None
) -> Parsed:
    """Call ``function(path, options)`` in a confined child and return what it found.

    Parameters
    ----------
    function
        A public function at the top of an importable module; it returns a dict of Arrow tables,
        or of readers whose batches are made as they are written, and a dict of JSON facts, which
        may grow until the last batch is taken. It is named to the child, not sent.
    path
        The file to parse.
    options
        JSON values only.
    limits
        `limits_for` of the path when not given.

    Raises
    ------
    InputRefusedError
        ``parser_time``, ``parser_memory``, ``parser_crashed``, ``too_deep``, or what the function
        itself refuses.
    NotFoundError
        ``file_not_found``.
    SafeRegionError
        ``parser_not_confined`` where the system cannot keep a child from the network,
        ``parser_unavailable`` where no child can be started.
    """
    check_file(path)
    with tempfile.TemporaryDirectory(prefix="safe-region-") as folder:
        job = Path(folder)
        request = {
            "module": function.__module__,
            "function": function.__qualname__,
            "path": str(path.resolve()),
            "options": options,
            "limits": asdict(limits or limits_for(path)),
        }
        (job / REQUEST).write_text(json.dumps(request), encoding="utf-8")
        ended = _server().ask(job)
        outcome = _read_outcome(job, ended, path)
        columns = MappedColumns()
        tables = {
            name: _read_table(job / f"{number}.arrow", path, columns)
            for number, name in enumerate(outcome["tables"])
        }
    return Parsed(tables, outcome["facts"], columns)


def limits_for(path: Path) -> Limits:
    """Return the limits that fit a file: more time and memory for extracts and large files."""
    name = path.name.lower()
    extract = name.endswith((".pbf", ".osm", ".osm.xml"))
    packed = name.endswith((".xlsx", ".xlsm", ".zip"))  # eight to twelve times as much inside
    most = LARGE_PACKED_BYTES if packed else LARGE_FILE_BYTES
    return LARGE if extract or path.stat().st_size > most else Limits()


def start_parsers() -> None:
    """Start the process that forks parsers, so that it loads while the caller does other work."""
    _server().start()


def check_file(path: Path) -> None:
    """Raise unless the path is a file that is there."""
    if not path.is_file():
        what = "is a folder; name one file" if path.is_dir() else "is not there; check its name"
        raise NotFoundError(f"{path} {what}.", code="file_not_found")


# -------------------------------------------------------------------------------------------


class _Server:
    """The one server process of this process; requests from several threads may run at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._door: socket.socket | None = None

    def start(self) -> socket.socket:
        """Start the server unless it runs, and return the socket that takes requests."""
        with self._lock:
            if self._door is None or self._process is None or self._process.poll() is not None:
                self._process, self._door = _launch()
                weakref.finalize(self, _stop, self._process, self._door)
            return self._door

    def ask(self, job: Path) -> dict[str, Any] | None:
        """Have the job's request run; how its parser ended, or None where no server answered."""
        mine, theirs = socket.socketpair()
        with mine:
            with theirs:
                socket.send_fds(self.start(), [str(job).encode()], [theirs.fileno()])
            answer = mine.recv(4096)
        return json.loads(answer) if answer else None


@cache
def _server() -> _Server:
    return _Server()


def _launch() -> tuple[subprocess.Popen[bytes], socket.socket]:
    mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    start = (
        "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
        "from data.importers.parsing.parser_server import serve; serve(int(sys.argv[2]))"
    )
    path = [entry or str(Path.cwd()) for entry in sys.path]
    one_thread = dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "GDAL_NUM_THREADS", "OSMIUM_POOL_THREADS"), "1"
    )
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-c", start, json.dumps(path), str(theirs.fileno())],
            # A whole new environment: what the parent keeps secret stays with the parent. The
            # memory settings keep address space, which is limited, close to what is used.
            env=one_thread
            | {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "1", "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(theirs.fileno(),),
            start_new_session=True,  # an interrupt from the keyboard is the parent's to handle
        )
    return process, mine


def _stop(process: subprocess.Popen[bytes], door: socket.socket) -> None:
    door.close()
    try:
        process.wait(timeout=2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _read_outcome(job: Path, ended: dict[str, Any] | None, path: Path) -> dict[str, Any]:
    if ended is None:
        raise SafeRegionError(
            f"No parser could be started for {path.name}; run 'safe-region doctor'.",
            code="parser_unavailable",
        )
    if ended["late"] or ended["signal"] == signal.SIGXCPU:
        raise _refusal("parser_time", "", path)
    if ended["signal"] == signal.SIGKILL:
        raise _refusal("parser_memory", "", path)
    try:
        outcome: dict[str, Any] = json.loads((job / OUTCOME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        outcome = {"error": "InputRefusedError", "code": "parser_crashed", "message": ""}
        if ended["signal"]:
            outcome["message"] = f"signal {ended['signal']}"
    if "error" in outcome:
        raise _refusal(outcome["code"], outcome["message"], path, outcome)
    return outcome


def _refusal(
    code: str, detail: str, path: Path, outcome: dict[str, Any] | None = None
) -> SafeRegionError:
    ways = {
        "parser_time": "took too long to read; split it into smaller files.",
        "parser_memory": "needs more memory to read than a file may; split it into smaller files.",
        "parser_crashed": f"could not be read: its parser stopped ({detail}); "
        "save the file again with the program that made it.",
        "too_deep": "is nested too deeply to be data of this kind.",
        "parser_not_confined": "was not read: this system cannot keep a parser from the network. "
        "Use Linux on x86_64 or aarch64.",
    }
    message = f"{path.name} {ways[code]}" if code in ways else detail
    kind = getattr(errors, (outcome or {}).get("error", ""), InputRefusedError)
    return kind(message, code=code, facts=(outcome or {}).get("facts"))


def _read_table(file: Path, path: Path, columns: MappedColumns) -> pa.Table:
    try:
        # Mapped, not read: the pages come in as they are used and can be dropped again. The child
        # has ended, so nobody writes to them, and they outlive the folder they came from.
        reader = pa.ipc.open_file(pa.BufferReader(pa.py_buffer(columns.open(file))))
        batches = [reader.get_batch(n) for n in range(reader.num_record_batches)]
        for batch in batches:
            batch.validate(full=True)
            columns.release()
        return pa.Table.from_batches(batches, reader.schema)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _refusal("parser_crashed", "its result is broken", path) from error
