"""Copies of this process that work beside it.

Python computes on one core at a time. A copy costs next to nothing, for its memory is shared
until one of the two writes to it; what it changes in memory is lost with it.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from tempfile import TemporaryFile
from time import monotonic, sleep
from typing import NoReturn, TypeVar

Made = TypeVar("Made")

CAN_COPY = hasattr(os, "fork")

PATIENCE = 300.0
"""Seconds that a copy is waited for before its work is done here instead."""

_LOOK_EVERY = 0.01
_END_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


@contextmanager
def computed_beside(compute: Callable[[], Made]) -> Iterator[Callable[[], Made]]:
    """Begin to compute in a copy of this process; yield what waits for the result.

    Where the copy fails or cannot be made, the result is computed when it is asked for, so that
    it is there or its own error is raised.

    Examples
    --------
    >>> with computed_beside(lambda: sum(range(5))) as total:
    ...     total()
    10
    """
    if not CAN_COPY:
        yield compute
        return
    with TemporaryFile() as file:

        def keep() -> None:
            pickle.dump(compute(), file, protocol=pickle.HIGHEST_PROTOCOL)
            file.flush()

        def result() -> Made:
            if not copy.done():
                return compute()
            file.seek(0)
            made: Made = pickle.load(file)
            return made

        copy = Copy(keep)
        try:
            yield result
        finally:
            copy.end()


class Copy:
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


# -------------------------------------------------------------------------------------------


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
