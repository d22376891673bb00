"""The most memory that a process held."""

import os
import subprocess
import sys

import numpy as np

from data.process_memory import peak_memory_mb


def peaks_mb(script: str) -> list[float]:
    """Run a script in a process of its own, where ``peak`` is the function; what it prints."""
    start = "from data.process_memory import peak_memory_mb as peak\n"
    told = subprocess.run(
        [sys.executable, "-c", start + script], check=True, capture_output=True, text=True
    )
    return [float(word) for word in told.stdout.split()]


def test_what_was_held_counts_also_after_it_was_freed():
    before, after = peaks_mb("print(peak()); held = b'1' * 100_000_000; del held; print(peak())")
    assert 90 < after - before < 110  # 95.4 MB


def test_a_process_does_not_count_what_its_parent_held():
    held = np.ones(50_000_000)
    assert peaks_mb("print(peak())")[0] < 0.5 * held.nbytes / 2**20


def test_another_process_is_asked_by_its_number_and_may_be_gone():
    assert peak_memory_mb(os.getpid()) > 10
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert peak_memory_mb(ended.pid) == 0
