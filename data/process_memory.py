"""What memory a process holds, and how the C library gives back what is free.

GNU's allocator keeps the holes between what is still held, and takes more and more from above
them; other allocators are left alone.
"""

from __future__ import annotations

import ctypes
import resource
import sys
from pathlib import Path

LARGE_BYTES = 1 << 20
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of malloc.h


def peak_memory_mb(process: int | None = None) -> float:
    """Return the most memory that this or another process has held, in megabytes; 0 where gone.

    Linux counts in ``ru_maxrss`` what the process that started this one held then.
    """
    try:
        status = Path(f"/proc/{process or 'self'}/status").read_text(encoding="utf-8")
    except OSError:
        if process is not None:
            return 0.0
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
    high = next((line for line in status.splitlines() if line.startswith("VmHWM:")), ": 0")
    return int(high.split()[1]) / 1024


def hand_back_memory() -> None:
    """Give back what is free now, so that what follows does not begin on top of the peak before."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def hand_back_large_arrays() -> None:
    """Have large arrays go back to the system whenever they are freed from now on."""
    option = getattr(ctypes.CDLL(None), "mallopt", None)
    if option is not None:
        option(_M_MMAP_THRESHOLD, LARGE_BYTES)
        option(_M_TRIM_THRESHOLD, LARGE_BYTES)
