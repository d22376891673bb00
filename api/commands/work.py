"""``work``: run the jobs that wait, and the nightly schedule."""

from __future__ import annotations

from typing import Annotated

import typer

from api.commands.output import AsJson, Directory, print_note, print_result


def work(
    once: Annotated[bool, typer.Option("--once", help="End when no job waits.")] = False,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Run imports and builds that were asked for, one at a time, until interrupted.

    Example: safe-region work --once
    """
    import signal
    import threading

    from api.job_loop import job_loop
    from api.opening import opened_workspace

    workspace, database = opened_workspace(directory)
    database.close()
    stop, heard = threading.Event(), []

    def end(signal_number: int, _frame: object) -> None:
        heard.append(signal_number)
        stop.set()

    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, end)
    if not once:
        print_note(f"Running the jobs of {workspace.region.name}. Ctrl-C ends it.")
    with job_loop(workspace) as loop:
        done = loop.run(stop, once=once)
    print_result({"jobs": done}, as_json=as_json, lines=[f"{done} jobs run"])
    if signal.SIGINT in heard:
        raise KeyboardInterrupt
