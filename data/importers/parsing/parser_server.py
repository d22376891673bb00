"""The process that forks a parser for each file from outside.

It is started once by `data.importers.parsing.isolation`, with an environment of its own (no secret
of the parent is in it), loads the parser libraries and then only forks::

    parent ── request ──> server ── fork ──> keeper ── fork ──> parser (confined)
       ^                                       |                  |
       └────────────── how it ended ───────────┘                  └── Arrow files in a folder

The keeper waits for its parser, kills it when the time is over or the parent is gone, and tells
the parent how it ended. Nothing is unpickled anywhere: requests are JSON, results are Arrow.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import socket
import tempfile
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa

from data.importers.parsing.confinement import confine
from geo.errors import SafeRegionError

ALWAYS_LOADED = ("numpy", "pyarrow.ipc", "osmium")
PARSERS = "data.importers.parsing.table_parsers"
LOADED_WHEN_IDLE = (PARSERS, "shapely", "pandas", "data.importers.street_map.osm")
OUTCOME = "outcome.json"
REQUEST = "request.json"

_LARGEST_MESSAGE = 2000


def serve(descriptor: int) -> None:
    """Fork a parser for every request until the parent closes its end.

    Parameters
    ----------
    descriptor
        This process' end of a socket of whole messages. A request is the path of a job's folder
        and one descriptor to answer on.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers are not waited for
    for name in ALWAYS_LOADED:
        importlib.import_module(name)
    waiting = list(LOADED_WHEN_IDLE)

    with socket.socket(fileno=descriptor) as door:
        while True:
            # A request never waits for a library that it may not need.
            if waiting and not select.select([door], [], [], 0)[0]:
                _load(waiting.pop(0))
                continue
            message, descriptors, _, _ = socket.recv_fds(door, 4096, 1)
            if not message:
                return
            if os.fork() == 0:
                _keep(Path(message.decode()), descriptors[0], door)
            os.close(descriptors[0])


# -------------------------------------------------------------------------------------------


def _load(name: str) -> None:
    try:
        module = importlib.import_module(name)
    except ImportError:
        return  # the parser that needs it will say so, in its own answer
    if name == PARSERS:
        module.prepare()
    gc.freeze()  # pages stay shared with the children


def _keep(job: Path, descriptor: int, door: socket.socket) -> NoReturn:
    door.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    request = json.loads((job / REQUEST).read_text(encoding="utf-8"))
    answer = socket.socket(fileno=descriptor)
    alive, held = os.pipe()
    parser = os.fork()
    if parser == 0:
        os.dup2(held, 3)
        os.closerange(4, 1 << 16)
        _parse(job, request)

    os.close(held)
    watched = [alive, answer.fileno()]
    ready, _, _ = select.select(watched, [], [], request["limits"]["wall_seconds"])
    if alive not in ready:
        os.kill(parser, signal.SIGKILL)
    _, status = os.waitpid(parser, 0)
    ended = {"signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, "late": not ready}
    if answer.fileno() not in ready:
        answer.sendall(json.dumps(ended).encode())
    os._exit(0)


def _parse(job: Path, request: dict[str, Any]) -> NoReturn:
    limits = request["limits"]
    os.chdir(job)
    tempfile.tempdir = str(job)
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    try:
        network = confine(
            limits["cpu_seconds"],
            limits["memory_bytes"],
            limits["file_bytes"],
            limits["open_files"],
        )
        if network == "none":
            outcome = _failure("SafeRegionError", "parser_not_confined", "")
        else:
            outcome = _run(request) | {"network": network}
    except MemoryError:
        outcome = _failure("InputRefusedError", "parser_memory", "")
    except RecursionError:
        outcome = _failure("InputRefusedError", "too_deep", "It is nested too deeply.")
    except SafeRegionError as error:
        outcome = _failure(type(error).__name__, error.code, str(error)) | {"facts": error.facts}
    except BaseException as error:
        # Its text may quote the file, so only its kind and its place leave the child.
        outcome = _failure("InputRefusedError", "parser_crashed", _where(error))
    Path(OUTCOME).write_text(json.dumps(outcome), encoding="utf-8")
    os._exit(0)


def _run(request: dict[str, Any]) -> dict[str, Any]:
    function = getattr(importlib.import_module(request["module"]), request["function"])
    tables, facts = function(Path(request["path"]), request["options"])
    for number, table in enumerate(tables.values()):
        batches = table.to_batches() if isinstance(table, pa.Table) else table
        with pa.OSFile(f"{number}.arrow", "wb") as sink, pa.ipc.new_file(sink, table.schema) as out:
            for batch in batches:
                out.write_batch(batch)
    # Only now: a parser may count while its batches are taken.
    return {"tables": list(tables), "facts": facts}


def _failure(kind: str, code: str, message: str) -> dict[str, Any]:
    return {"error": kind, "code": code, "message": message[:_LARGEST_MESSAGE]}


def _where(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "" if trace is None else f" at {Path(trace.tb_frame.f_code.co_filename).name}"
    return f"{type(error).__name__}{place}" + ("" if trace is None else f":{trace.tb_lineno}")
