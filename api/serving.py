"""Run the HTTP service in one or several processes on one socket."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from types import FrameType

import uvicorn
from uvicorn.supervisors import Multiprocess

from api.app import create_app
from api.job_loop import jobs_beside
from api.opening import opened_workspace
from api.settings import ServiceSettings, check_listening
from data.database import Database
from data.snapshots import find_current_run
from geo.errors import SafeRegionError


def serve_forever(settings: ServiceSettings, *, announce: Callable[[str], None]) -> None:
    """Listen until interrupted.

    Parameters
    ----------
    settings
        Address, port and number of processes.
    announce
        Receives the lines for the person who started it.

    Raises
    ------
    UsageError
        ``host_not_loopback``.
    SafeRegionError
        ``port_taken``.
    """
    check_listening(settings)
    workspace, database = opened_workspace(settings.dir)
    if find_current_run(database) is None:
        announce("Nothing is published yet: import data and run 'safe-region build'.")
    listener = _listening_socket(settings)
    port = listener.getsockname()[1]
    announce(f"Safe Region · {workspace.region.name}: http://{_shown(settings.host)}:{port}/")
    if not settings.allow_remote:
        announce("It has no accounts yet and answers this computer only. Ctrl-C ends it.")

    config = uvicorn.Config(
        partial(create_app, settings),
        factory=True,
        workers=settings.workers,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=10,
    )
    # The server hands a signal on once it has ended; by itself SIGTERM would end it at once and
    # leave the running job behind.
    signal.signal(signal.SIGTERM, _leave)
    with jobs_beside(workspace) if _runs_jobs(settings, database) else nullcontext():
        if settings.workers == 1:
            uvicorn.Server(config).run(sockets=[listener])
        else:
            Multiprocess(config, sockets=[listener]).run()


# -------------------------------------------------------------------------------------------


def _runs_jobs(settings: ServiceSettings, database: Database) -> bool:
    """Tell whether jobs are run here: as set, else where the database is the workspace's file."""
    if settings.run_jobs is not None:
        return settings.run_jobs
    return database.engine.dialect.name == "sqlite"


def _leave(signal_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + signal_number)


def _listening_socket(settings: ServiceSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise SafeRegionError(
            f"Port {settings.port} on {settings.host} cannot be used ({error.strerror}); choose "
            "another with --port.",
            code="port_taken",
        ) from error
    listener.set_inheritable(True)
    return listener


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
