"""The files served under /static: where they are, and whether they are whole."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from geo.errors import NotFoundError

WEB_FOLDER = Path(__file__).parent
STATIC_FOLDER = WEB_FOLDER / "build"
MANIFEST_NAME = "manifest.json"
WAY_OUT = "run: python -m maps.web.build"


def read_manifest(folder: Path = STATIC_FOLDER) -> dict[str, str]:
    """Return the SHA-256 of every built file by its path under the folder.

    Raises
    ------
    NotFoundError
        ``assets_missing`` where the files were never built.
    """
    path = folder / MANIFEST_NAME
    if not path.is_file():
        raise NotFoundError(
            f"the browser files are not built ({MANIFEST_NAME} is missing); {WAY_OUT}.",
            code="assets_missing",
        )
    files: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))["files"]
    return files


def check_assets(folder: Path = STATIC_FOLDER) -> dict[str, str]:
    """Check every built file against the manifest and return the manifest.

    Raises
    ------
    NotFoundError
        ``assets_missing`` or ``assets_changed``, naming the files.
    """
    files = read_manifest(folder)
    changed = [
        name
        for name, digest in files.items()
        if not (folder / name).is_file() or file_digest(folder / name) != digest
    ]
    if changed:
        raise NotFoundError(
            f"browser files are missing or changed: {', '.join(sorted(changed)[:5])}; {WAY_OUT}.",
            code="assets_changed",
        )
    return files


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
