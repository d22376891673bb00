"""One job in a process of its own: what it is asked on stdin, how it goes on stdout.

A process, not a thread: scoring and parsing would hold the interpreter that answers tiles, a
thread cannot be stopped when somebody cancels, and memory goes back when the process ends. It runs
at low priority. If the runner that started it dies, stdin ends and so does this process; what it
had begun to store is undone by the database.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

POLITE = 10
"""Added to the nice value: whoever serves maps on the same processors goes first."""

BUILD_STAGES = 8
"""Stages that `api.build.build_run` reports before the last."""

_GONE = 75


def main() -> None:
    """Read one job from stdin, do it, and write its outcome to stdout as the last line."""
    door = _own_stdout()
    os.nice(POLITE)
    asked = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_runner, daemon=True).start()

    from data.importers.parsing.isolation import start_parsers  # noqa: PLC0415 - slow, and

    start_parsers()  # its process loads while the rest is imported

    from data.jobs import JobCancelled, run_job  # noqa: PLC0415

    def cancel(_signal: int, _frame: FrameType | None) -> None:
        raise JobCancelled

    def progress(share: float | None, stage: str) -> None:
        _say(door, {"progress": share, "stage": stage})

    signal.signal(signal.SIGTERM, cancel)
    try:
        doers = _doers(Path(asked["dir"]), asked["kind"])
        outcome = run_job(asked["kind"], asked["job_id"], asked["request"], doers, progress)
    except JobCancelled:
        return
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _say(door, {"result": outcome.result, "error": outcome.error})


# -------------------------------------------------------------------------------------------


def _doers(directory: Path, kind: str) -> dict[str, Any]:
    """Put together what does jobs of a kind; this is the only place that knows all of it."""
    from api.opening import opened_workspace  # noqa: PLC0415
    from data.jobs import Intake  # noqa: PLC0415

    workspace, database = opened_workspace(directory)
    if kind in {"preview", "import"}:
        intake = Intake(workspace, database)
        return {"preview": intake.preview, "import": intake.bring_in}

    def build(_job_id: str, _request: dict[str, Any], progress: Any) -> dict[str, Any]:
        from api.build import build_run  # noqa: PLC0415

        begun: list[str] = []

        def next_stage(stage: str) -> None:
            begun.append(stage)
            progress(min((len(begun) - 1) / BUILD_STAGES, 1.0), stage)

        return build_run(workspace, database, as_of=None, force=False, progress=next_stage)

    def layer(_job_id: str, _request: dict[str, Any], progress: Any) -> dict[str, Any]:
        from data.importers.tabular import ReadOptions  # noqa: PLC0415
        from data.intake import take_layer  # noqa: PLC0415

        taken = take_layer(
            ReadOptions(),
            workspace=workspace,
            database=database,
            progress=lambda line: progress(0.5, line),
        )
        return taken.to_json()

    def forecast(_job_id: str, _request: dict[str, Any], progress: Any) -> dict[str, Any]:
        from api.forecast_checks import check_forecast  # noqa: PLC0415

        found = check_forecast(workspace, database, as_of=None, progress=progress)
        return {"check_id": found["check_id"], "verdict": found["pooled"]["verdict"]}

    return {"build": build, "layer": layer, "forecast": forecast}


def _own_stdout() -> TextIO:
    """Keep stdout for the outcome; whatever a library prints goes to stderr."""
    door = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return door


def _say(door: TextIO, told: dict[str, Any]) -> None:
    door.write(json.dumps(told, ensure_ascii=False, default=str) + "\n")
    door.flush()


def _end_with_runner() -> None:
    sys.stdin.read()
    os._exit(_GONE)


if __name__ == "__main__":
    main()
