"""Run the HTTP service in one or several processes on one socket."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial

import uvicorn
from uvicorn.supervisors import Multiprocess

from api.app import create_app
from api.opening import opened_workspace
from api.settings import ServiceSettings, check_listening
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
    if settings.workers == 1:
        uvicorn.Server(config).run(sockets=[listener])
    else:
        Multiprocess(config, sockets=[listener]).run()


# -------------------------------------------------------------------------------------------


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
