"""A town as if light, patrols or cameras had not been noticed, or only what of them has changed."""

from __future__ import annotations

from dataclasses import replace

from geo import columns as c
from geo.coverage.lit_windows import light_as_then, light_from_nothing
from geo.hazard.inputs import Town

CONDITIONS = ("light", "patrol", "camera")
VARIANTS = (
    *CONDITIONS,
    *(f"standing_{condition}" for condition in CONDITIONS),
    *(f"{condition}_since" for condition in CONDITIONS),
)
"""What is left out: a condition as a whole, what of it stands, what of it has changed."""


def without(town: Town, variant: str) -> Town:
    """Return the town as if one condition, or a part of it, had not been noticed.

    Without *standing* light all streets were lit alike over the memory, and what has changed since
    has changed by as much; without light *since*, now is as then. Patrols and cameras likewise.

    Raises
    ------
    ValueError
        The variant is not one of `VARIANTS`.
    """
    if variant not in VARIANTS:
        raise ValueError(f"{variant!r} is not one of {', '.join(VARIANTS)}")
    if variant in ("light", "standing_light", "light_since"):
        return _without_light(town, variant)
    if variant in ("patrol", "standing_patrol", "patrol_since"):
        return _without_patrol(town, variant)
    return _without_cameras(town, variant)


# -------------------------------------------------------------------------------------------


def _without_light(town: Town, variant: str) -> Town:
    light = town.section_light
    if light is None or not len(light) or variant == "light":
        return replace(town, section_light=None)
    changed = light_as_then if variant == "light_since" else light_from_nothing
    return replace(town, section_light=changed(light))


def _without_patrol(town: Town, variant: str) -> Town:
    now, then = town.patrol_now, town.patrol_history
    if now is None or then is None or variant == "patrol":
        return replace(town, patrol_now=None, patrol_history=None)
    if variant == "patrol_since":
        return replace(town, patrol_now=then)
    return replace(town, patrol_now=now - then, patrol_history=0 * then)


def _without_cameras(town: Town, variant: str) -> Town:
    cameras = town.section_cameras
    if cameras is None or not len(cameras) or variant == "camera":
        return replace(town, section_cameras=None)
    changed = cameras.copy()
    if variant == "camera_since":
        changed[c.CAMERA_SHARE] = cameras[c.CAMERA_SHARE_HISTORY]
    else:
        changed[c.CAMERA_SHARE] = cameras[c.CAMERA_SHARE] - cameras[c.CAMERA_SHARE_HISTORY]
        changed[c.CAMERA_SHARE_HISTORY] = 0.0
    return replace(town, section_cameras=changed)
