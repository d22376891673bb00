"""What makes a run the same run: hashes of inputs, parameters, code, reference and class table."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import api
import data
import geo
import maps
from geo.parameters import HazardParameters, parameters_hash

RUN_ID_LENGTH = 16


@dataclass(frozen=True)
class RunIdentity:
    """Everything a snapshot is a function of.

    Attributes
    ----------
    inputs
        SHA-256 by noun.
    as_of
        The day the run stands on.
    parameters
        Hash of the model's numbers.
    code
        Version and source hash of the rooms.
    reference, fitted, previous_classes
        Hashes of the quarter's reference, of its fitted quantities and of the class table
        before; None for the first.
    """

    inputs: dict[str, str]
    as_of: date
    parameters: str
    code: str
    reference: str | None
    fitted: str | None
    previous_classes: str | None

    @property
    def basis(self) -> str:
        """Hash without what earlier runs hand on: equal bases need no new run."""
        return _digest([self.inputs, self.as_of.isoformat(), self.parameters, self.code])

    @property
    def run_id(self) -> str:
        """First 16 hexadecimal digits of the hash of everything."""
        handed_on = [self.reference, self.fitted, self.previous_classes]
        return _digest([self.basis, *handed_on])[:RUN_ID_LENGTH]

    @property
    def seed(self) -> int:
        """Seed of the run's draws."""
        return int(self.run_id, 16)


def identify_run(
    inputs: dict[str, str],
    as_of: date,
    parameters: HazardParameters,
    *,
    reference: str | None,
    fitted: Mapping[str, Any] | None,
    previous_classes: str | None,
) -> RunIdentity:
    """Return the identity of a run of this code.

    Parameters
    ----------
    fitted
        The quarter's fitted quantities as JSON values.
    """
    return RunIdentity(
        inputs=inputs,
        as_of=as_of,
        parameters=parameters_hash(parameters),
        code=code_version(),
        reference=reference,
        fitted=None if fitted is None else _digest(fitted),
        previous_classes=previous_classes,
    )


def quarter(day: date) -> str:
    """Name the quarter of a day, such as ``2026Q4``."""
    return f"{day.year}Q{(day.month - 1) // 3 + 1}"


@cache
def code_version() -> str:
    """Return the package version and the first digits of the hash of sources and code tables."""
    digest = hashlib.sha256()
    for room in (geo, data, maps, api):
        folder = Path(str(room.__file__)).parent
        for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.csv")]):
            if "node_modules" not in path.parts:
                digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return f"{importlib.metadata.version('safe-region')}+{digest.hexdigest()[:8]}"


# -------------------------------------------------------------------------------------------


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
