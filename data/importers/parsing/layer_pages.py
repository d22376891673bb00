"""What paging must know of one answer of a map service, read in a confined child."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from data.importers.parsing.raw_columns import refusal


def page_facts(path: Path, options: dict[str, Any]) -> tuple[dict[str, pa.Table], dict[str, Any]]:
    """Return ``rows`` of a page, ``count`` where only that was asked, and ``error`` or None.

    Raises
    ------
    InputRefusedError
        ``json_invalid``.
    """
    try:
        document = json.loads(path.read_bytes())
    except ValueError as error:
        raise refusal("json_invalid", "The answer of the layer is no JSON.") from error
    if not isinstance(document, dict):
        raise refusal("json_invalid", "The answer of the layer is no JSON object.")
    fault = document.get("error")
    code = fault.get("code") if isinstance(fault, dict) else fault
    features = document.get("features")
    count = document.get("count")
    return {}, {
        "rows": len(features) if isinstance(features, list) else 0,
        "count": count if isinstance(count, int) and count >= 0 else None,
        "error": None if fault is None else str(code)[:20],
    }
