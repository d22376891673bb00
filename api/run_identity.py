"""What makes a run the same run: hashes of inputs, parameters, code, reference and class table."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path

import api
import data
import geo
import maps
from geo.parameters import HazardParameters, parameters_hash

RUN_ID_LENGTH = 16


@dataclass(frozen=True)
class HandedOn:
    """Hashes of what earlier runs hand on; None for the first.

    Attributes
    ----------
    reference, fitted
        Of the quarter: what scores are measured against, and the estimated quantities.
    classes, street_map
        Of the run before: its classes, and the ids and lines of its sections.
    """

    reference: str | None = None
    fitted: str | None = None
    classes: str | None = None
    street_map: str | None = None


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
    handed_on
        What earlier runs hand on.
    """

    inputs: dict[str, str]
    as_of: date
    parameters: str
    code: str
    handed_on: HandedOn

    @property
    def basis(self) -> str:
        """Hash without what earlier runs hand on: equal bases need no new run."""
        return json_digest([self.inputs, self.as_of.isoformat(), self.parameters, self.code])

    @property
    def run_id(self) -> str:
        """First 16 hexadecimal digits of the hash of everything."""
        return json_digest([self.basis, asdict(self.handed_on)])[:RUN_ID_LENGTH]

    @property
    def seed(self) -> int:
        """Seed of the run's draws."""
        return int(self.run_id, 16)


def identify_run(
    inputs: dict[str, str],
    as_of: date,
    parameters: HazardParameters,
    handed_on: HandedOn,
) -> RunIdentity:
    """Return the identity of a run of this code."""
    return RunIdentity(inputs, as_of, parameters_hash(parameters), code_version(), handed_on)


def json_digest(value: object) -> str:
    """Return the SHA-256 of JSON values."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


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
