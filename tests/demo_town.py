"""The demo town, built once for all test processes, and the real service over it."""

import fcntl
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from api.commands import main

COMMAND = [sys.executable, "-c", "from api.commands import main; main()"]


def run_command(*arguments, directory=None, env=None, check=True):
    """Run ``safe-region`` as a process of its own; return it finished."""
    where = ["--dir", str(directory)] if directory else []
    ended = subprocess.run(
        [*COMMAND, *map(str, arguments), *where],
        capture_output=True, text=True, check=False, timeout=300,
        env={**os.environ, **(env or {})},
    )  # fmt: skip
    assert not check or ended.returncode == 0, ended.stderr
    return ended


def run_inside(*arguments, directory=None, check=True):
    """Run ``safe-region`` in this process; return what a process of its own would have left.

    It saves the four seconds in which a new process reads the libraries.
    """
    where = ["--dir", directory] if directory else []
    said, told = io.StringIO(), io.StringIO()
    before, sys.argv = sys.argv, ["safe-region", *map(str, [*arguments, *where])]
    try:
        with redirect_stdout(said), redirect_stderr(told):
            main()
        code = 0
    except SystemExit as ended:
        code = ended.code or 0
    finally:
        sys.argv = before
    assert not check or code == 0, told.getvalue()
    return subprocess.CompletedProcess(arguments, code, said.getvalue(), told.getvalue())


@pytest.fixture(scope="session")
def demo_workspace(tmp_path_factory) -> Path:
    """Return the folder of the demo town of seed 1, made by the command itself."""
    session = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        session = session.parent  # the folder that all workers of this session share
    folder = session / "demo-town"
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            made = run_command("demo", "--no-serve", "--json", directory=folder)
            (folder / "done").write_text(made.stdout, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def demo_result(demo_workspace) -> dict:
    """Return what the command printed when it made the demo town."""
    return json.loads((demo_workspace / "done").read_text(encoding="utf-8"))


@contextmanager
def serving(directory, *options):
    """Start ``safe-region serve`` on a free port; yield its address; end it."""
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--dir", str(directory), *options],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        line = process.stderr.readline()
        if line.startswith("Nothing is published"):
            line = process.stderr.readline()
        address = re.search(r"http://[\d.]+:\d+", line)
        assert address, line
        _wait_until_answering(address.group(), process)
        yield address.group()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=15)


@pytest.fixture(scope="session")
def service_url(demo_workspace):
    """Return the address of the real service over the demo town."""
    with serving(demo_workspace) as address:
        yield address


def _wait_until_answering(address, process):
    import urllib.error
    import urllib.request

    until = time.monotonic() + 30
    while time.monotonic() < until:
        assert process.poll() is None, process.stderr.read()
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=1):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise AssertionError("the service did not answer within 30 s")
