"""Name the stages of long work, time them and note the memory they peaked at."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from time import perf_counter


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


def peak_memory_mb() -> float:
    """Return the most memory this process has held, in megabytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
