"""Query parameters and answers of the routes; unknown parameters are refused."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from geo.parameters import WINDOWS


def _known_window(text: str) -> str:
    if text != DAY and text not in WINDOWS:
        raise ValueError(f"one of {DAY}, {', '.join(WINDOWS)}")
    return text


def _hours_of_day(text: str) -> str:
    if text not in WINDOWS:
        raise ValueError(f"one of {', '.join(WINDOWS)}")
    return text


DAY = "day"
Window = Annotated[str, AfterValidator(_known_window)]
Role = Literal["public", "planner", "dispatcher", "prosecutor"]
Lang = Literal["kk", "ru", "en"]
View = Literal["harm", "count", "walk"]

SectionPath = Annotated[str, Field(pattern=r"^s[0-9a-f]{12}$", examples=["s0123456789ab"])]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RoleQuery(_Strict):
    """Whose grain is asked."""

    role: Role = "prosecutor"


class SectionQuery(RoleQuery):
    """Whose grain, in which language."""

    lang: Lang = "kk"


class MonthQuery(_Strict):
    """A month of the year and the kind of its days: both, or neither for the mean of the year."""

    month: int | None = Field(None, ge=1, le=12, strict=False)
    day: Literal["school", "off"] | None = None

    @property
    def variant(self) -> str | None:
        """Name of the month and kind of day, such as ``01-school``."""
        return None if self.month is None else f"{self.month:02d}-{self.day}"

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.month is None) != (self.day is None):
            raise ValueError("month and day (school or off) go together")
        return self


class SectionMonthQuery(SectionQuery, MonthQuery):
    """Whose grain, in which language and month."""


class CellQuery(SectionMonthQuery):
    """Whose grain, in which month; numbers have no language, which is taken all the same."""


class PlaceQuery(SectionMonthQuery):
    """Whose grain, in which language and month, for which window of the day."""

    window: Window = DAY


class ListQuery(PlaceQuery):
    """What the ranked list shows."""

    view: View = "harm"
    limit: int = Field(20, ge=1, le=100, strict=False)


class DownQuery(SectionQuery):
    """How many of the lamps and cameras that are down."""

    limit: int = Field(100, ge=1, le=1000, strict=False)


class PatrolGapQuery(SectionQuery):
    """Which hours, and how many cells."""

    window: Window = DAY
    limit: int = Field(20, ge=1, le=500, strict=False)


class ScenarioQuery(SectionQuery):
    """What would be other than now; at least one change."""

    light: Literal["lit"] | None = None
    camera: Literal["working"] | None = None
    patrol_stop: Annotated[str, AfterValidator(_hours_of_day)] | None = None
    preset: Literal["conservative", "default", "rct"] = "default"


class LampQuery(SectionQuery):
    """Whose grain, in which language, and how much light is assumed to do."""

    preset: Literal["conservative", "default", "rct"] = "default"


MountHeight = Annotated[float | None, Field(gt=0, le=60)]


class LampOptions(LampQuery):
    """What the command line asks of lamps beside their places."""

    window: Window = DAY
    mount_height: MountHeight = None


class LampSpot(_Strict):
    """Where a lamp would stand, and how high."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    mount_height_m: MountHeight = None


class LampBody(LampSpot):
    """A lamp, others beside it, and the window that is asked about."""

    window: Window = DAY
    others: list[LampSpot] = Field([], max_length=50)


class Feature(BaseModel):
    """A GeoJSON feature."""

    type: Literal["Feature"] = "Feature"
    geometry: dict[str, Any]
    properties: dict[str, Any]


class FeatureCollection(BaseModel):
    """A GeoJSON feature collection."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[Feature]
    number_returned: int = Field(serialization_alias="numberReturned")
    run_id: str
    month: str | None = None
