"""Query parameters and answers of the routes; unknown parameters are refused."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

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


class PlaceQuery(SectionQuery):
    """Whose grain, in which language, for which window of the day."""

    window: Window = DAY


class ListQuery(PlaceQuery):
    """What the ranked list shows."""

    view: View = "harm"
    limit: int = Field(20, ge=1, le=100, strict=False)


class DownQuery(SectionQuery):
    """How many of the lamps and cameras that are down."""

    limit: int = Field(100, ge=1, le=1000, strict=False)


class ScenarioQuery(SectionQuery):
    """What would be other than now; at least one change."""

    light: Literal["lit"] | None = None
    camera: Literal["working"] | None = None
    patrol_stop: Annotated[str, AfterValidator(_hours_of_day)] | None = None
    preset: Literal["conservative", "default", "rct"] = "default"


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
