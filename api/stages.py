"""Name the stages of long work and time them."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

from data.process_memory import hand_back_memory


class Stages:
    """A running list of stages; starting one ends the one before.

    Parameters
    ----------
    progress
        Receives each stage's name when it starts.
    """

    def __init__(self, progress: Callable[[str], None]) -> None:
        self._progress = progress
        self._started: list[tuple[str, float]] = []

    def start(self, stage: str) -> None:
        """Begin a stage."""
        self._progress(stage)
        hand_back_memory()
        self._started.append((stage, perf_counter()))

    def seconds(self) -> dict[str, float]:
        """Return the seconds of each stage so far, and of all under ``total``."""
        if not self._started:
            return {"total": 0.0}
        ends = [at for _, at in self._started[1:]] + [perf_counter()]
        spent = {
            stage: round(end - at, 3) for (stage, at), end in zip(self._started, ends, strict=True)
        }
        return {**spent, "total": round(ends[-1] - self._started[0][1], 3)}


@contextmanager
def loaded_code_at_rest() -> Iterator[None]:
    """Keep the collector of cycles from going over all that was there before, again and again.

    The libraries alone made some two hundred thousand objects, which no work of ours gives back.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
