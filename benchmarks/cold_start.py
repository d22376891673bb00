"""How long ``safe-region --help`` takes, and the service from its start to the first /healthz.

``python -m benchmarks.cold_start [WORKSPACE]``. The best and the middle of several runs, and the
least processor time of one, which a busy machine disturbs less. The service's processor time
holds its end as well.
"""

from __future__ import annotations

import json
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.town import demo_town
from tests.demo_town import run_command, serving

RUNS = 5
BOUNDS = {"help_s": "≤ 0.5", "service_s": "≤ 3"}


def main() -> None:
    with demo_town() as directory:
        told = figures("help", lambda: run_command("--help"))
        served = figures("service", lambda: start_service(directory))
    line = {"benchmark": "cold_start", **told, **served, "bounds": BOUNDS}
    print(json.dumps(line, ensure_ascii=False))


def start_service(directory: Path) -> float:
    start = time.perf_counter()
    with serving(directory):
        return time.perf_counter() - start


def figures(name: str, work: Callable[[], object]) -> dict[str, float]:
    """Return the seconds that several runs told, or took where they tell nothing."""
    seconds, cpu_s = [], []
    for _ in range(RUNS):
        start, before = time.perf_counter(), children_cpu_s()
        told = work()
        seconds.append(told if isinstance(told, float) else time.perf_counter() - start)
        cpu_s.append(children_cpu_s() - before)
    return {
        f"{name}_s": round(min(seconds), 3),
        f"{name}_median_s": round(statistics.median(seconds), 3),
        f"{name}_cpu_s": round(min(cpu_s), 3),
    }


def children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
