"""What the region's card wants done every night, and which of it is due now.

Each night has one slot per job, and each month or quarter one for the check of the forecast. The
job's id is made from the slot, so a slot is never run twice: not by two runners, not after a
restart. Of slots that were missed, such as on an office computer that is switched off at night,
the last one is run once.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr, field_validator


class Schedule(BaseModel):
    """The table ``[schedule]`` of ``region.toml``; without ``build`` nothing is done by itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    build: StrictStr | None = Field(
        default=None,
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        description="Local time of the nightly work, such as 03:00: imports first, then the build.",
    )
    layer: StrictBool = Field(
        default=False, description="Whether the official layer is asked for what is new."
    )
    forecast: Literal["monthly", "quarterly"] | None = Field(
        default=None,
        description="How often the forecast is checked: in the first night of a month or quarter.",
    )
    imports: dict[str, StrictStr] = Field(
        default_factory=dict,
        description="Noun and the files in the workspace that are brought in, such as "
        "drop/incidents/*.csv.",
    )

    @field_validator("imports")
    @classmethod
    def _patterns_stay_inside(cls, value: dict[str, str]) -> dict[str, str]:
        for pattern in value.values():
            path = PurePosixPath(pattern)
            if path.is_absolute() or ".." in path.parts or "**" in path.parts or "\\" in pattern:
                raise ValueError("name files in the workspace, such as drop/incidents/*.csv")
        return value


@dataclass(frozen=True)
class DueJob:
    """A job of the schedule: ``request`` names the slot, the id is made from both."""

    job_id: str
    kind: str
    request: dict[str, Any] = field(default_factory=dict)


def due_jobs(schedule: Schedule, time_zone: str, now: dt.datetime) -> list[DueJob]:
    """Return the jobs of the last slot, in the order in which they are to be run.

    They are due unless the store has a job of the same id.

    Parameters
    ----------
    schedule
        What the region's card says.
    time_zone
        The region's, in which the time of the slot is meant.
    now
        With its zone.
    """
    if schedule.build is None:
        return []
    night = _last_night(schedule.build, now.astimezone(ZoneInfo(time_zone)))
    wanted: list[tuple[str, dict[str, Any], dt.date]] = [
        ("import", {"noun": noun, "drop": pattern}, night)
        for noun, pattern in sorted(schedule.imports.items())
    ]
    wanted += [("layer", {}, night)] if schedule.layer else []
    wanted.append(("build", {}, night))
    if schedule.forecast is not None:
        wanted.append(("forecast", {}, _first_night(night, schedule.forecast)))
    slots = [(kind, request, f"{day}T{schedule.build}") for kind, request, day in wanted]
    return [
        DueJob(_slot_id(kind, request, slot), kind, {**request, "slot": slot})
        for kind, request, slot in slots
    ]


# -------------------------------------------------------------------------------------------


def _last_night(clock: str, here: dt.datetime) -> dt.date:
    """Return the local day of the last slot, so that a day has one whatever its clock does."""
    today = here.strftime("%H:%M") >= clock
    return here.date() if today else here.date() - dt.timedelta(days=1)


def _first_night(night: dt.date, period: str) -> dt.date:
    """Return the first day of the month or quarter that a night lies in."""
    month = night.month if period == "monthly" else (night.month - 1) // 3 * 3 + 1
    return night.replace(month=month, day=1)


def _slot_id(kind: str, request: dict[str, Any], slot: str) -> str:
    text = "\n".join((slot, kind, str(request.get("noun", ""))))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
