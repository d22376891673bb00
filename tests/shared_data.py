"""Find the real data beside the project, or skip with the reason."""

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def shared_path(name: str) -> Path:
    """Return a file of the shared real data; skip the test where the folder is absent.

    ``SAFE_REGION_REQUIRE_SHARED=1`` turns the skip into a failure.
    """
    path = Path(os.environ.get("SAFE_REGION_SHARED_DATA", SHARED)) / name
    if not path.exists():
        reason = f"the real data file {name} is not beside the project"
        if os.environ.get("SAFE_REGION_REQUIRE_SHARED") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return path
