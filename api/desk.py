"""Files of a run that are written beside it, in copies of its process.

Python computes on one core at a time. A copy costs next to nothing, for its memory is shared
until one of the two writes to it; what it changes in memory is lost with it, so it only writes
files, on a desk that is cleared at the end.
"""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from typing import NoReturn, Self

from data.sealed_folders import new_folder

Writer = Callable[[Path], object]

PATIENCE = 300.0
"""Seconds that a copy is waited for before the file is written here instead."""

_LOOK_EVERY = 0.01
_END_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


class Desk:
    """Folder in which copies of this process write while it goes on.

    Parameters
    ----------
    parent
        Where the folder is made; what a killed run leaves there is removed by the next one.
    """

    def __init__(self, parent: Path) -> None:
        self._parent = parent
        self._stack = ExitStack()
        self._copies: list[_Copy] = []
        self._folder: Path | None = None

    def __enter__(self) -> Self:
        """Make the folder."""
        self._folder = self._stack.enter_context(new_folder(self._parent))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End what still writes, and clear the folder."""
        for copy in self._copies:
            copy.end()
        self._stack.__exit__(kind, error, trace)

    def begin(self, writers: Mapping[str, Writer]) -> dict[str, Writer]:
        """Begin to write files; return what waits for each and puts it where it belongs.

        Where a copy fails or cannot be made, a file is written when it is waited for, so that it
        is there or its own error is raised.

        Parameters
        ----------
        writers
            By the files' names; one copy writes them all.
        """
        assert self._folder is not None, "the desk is used in a with block"
        folder = self._folder
        if not hasattr(os, "fork"):
            return dict(writers)

        def write_all() -> None:
            for name, write in writers.items():
                write(folder / name)

        copy = _Copy(write_all)
        self._copies.append(copy)
        return {name: _handing_over(copy, folder / name, write) for name, write in writers.items()}


# -------------------------------------------------------------------------------------------


class _Copy:
    """A copy of this process that does one thing and is gone.

    It is forked bare: whatever tidies up in a new process would close streams whose locks other
    threads of this one hold, and wait for ever.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        run = os.getpid()
        self._pid = os.fork()
        self._done: bool | None = None
        if self._pid == 0:
            _work_as_copy(work, run)

    def done(self) -> bool:
        """Wait until it is gone; tell whether it did its work."""
        until = monotonic() + PATIENCE
        while self._done is None:
            if not self._look(os.WNOHANG):
                if monotonic() > until:
                    self.end()
                else:
                    sleep(_LOOK_EVERY)
        return self._done

    def end(self) -> None:
        """End it wherever it is."""
        if self._done is None:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            self._look(0)

    def _look(self, options: int) -> bool:
        pid, status = os.waitpid(self._pid, options)
        if pid:
            self._done = status == 0
        return bool(pid)


def _work_as_copy(work: Callable[[], None], run: int) -> NoReturn:
    """Work and leave without a word: who waits does it again and tells the error."""
    failed = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # who is interrupted ends its copies itself
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        prctl = getattr(ctypes.CDLL(None), "prctl", None)
        if prctl is not None:
            prctl(_END_WITH_PARENT, signal.SIGKILL)
        if os.getppid() == run:
            work()
            failed = 0
    finally:
        os._exit(failed)


def _handing_over(copy: _Copy, made: Path, write: Writer) -> Writer:
    def hand_over(path: Path) -> None:
        if copy.done():
            made.replace(path)
        else:
            write(path)

    return hand_over
