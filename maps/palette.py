"""Colours of classes, backgrounds and lines, by day and by night.

Day runs from pale yellow to deep red, night from dark violet to bright amber, so that worse is
darker by day and brighter by night; both read in grey and with the common kinds of colour
blindness. Class 1 has no colour: an empty part of the map is information.
"""

from __future__ import annotations

from dataclasses import dataclass

PAINTED_CLASSES = (2, 3, 4, 5)


@dataclass(frozen=True)
class Palette:
    """Every colour of one theme as ``#rrggbb``.

    Attributes
    ----------
    classes
        Fill of the classes 2 to 5, in that order.
    on_classes
        Text that is read on these fills.
    """

    classes: tuple[str, str, str, str]
    on_classes: tuple[str, str, str, str]
    ground: str
    water: str
    green: str
    building: str
    rail: str
    road: str
    road_casing: str
    road_major: str
    text: str
    text_halo: str
    place: str
    chosen: str
    chosen_casing: str
    route: str
    lamp_working: str
    lamp_broken: str
    lamp_unknown: str
    street_lit: str
    street_unlit: str
    camera: str
    patrol: str
    school: str


DAY = Palette(
    classes=("#fbd97f", "#f6a04d", "#de5a2f", "#9c1638"),
    on_classes=("#1d1a12", "#1d1a12", "#120604", "#ffffff"),
    ground="#f1f1ee",
    water="#c3d9e6",
    green="#dfe9d5",
    building="#e2e1dc",
    rail="#b9bcc2",
    road="#ffffff",
    road_casing="#d2d3d2",
    road_major="#ffffff",
    text="#333a44",
    text_halo="#ffffff",
    place="#1f2937",
    chosen="#0b3a6f",
    chosen_casing="#ffffff",
    route="#3566a8",
    lamp_working="#8a6a00",
    lamp_broken="#8c2d66",
    lamp_unknown="#6b7280",
    street_lit="#b98900",
    street_unlit="#2b2163",
    camera="#1f6f6b",
    patrol="#22303f",
    school="#0b3a6f",
)

NIGHT = Palette(
    classes=("#5f2d83", "#ad3f76", "#ea7050", "#fccb76"),
    on_classes=("#ffffff", "#ffffff", "#170807", "#1d1508"),
    ground="#12161c",
    water="#182838",
    green="#16201b",
    building="#1b2129",
    rail="#343c47",
    road="#323b47",
    road_casing="#1a2028",
    road_major="#46515f",
    text="#ccd4de",
    text_halo="#12161c",
    place="#eef2f7",
    chosen="#a9d2ff",
    chosen_casing="#0d1117",
    route="#6ea8e8",
    lamp_working="#ffd76a",
    lamp_broken="#ff8fc7",
    lamp_unknown="#98a2b0",
    street_lit="#e8b94a",
    street_unlit="#cbb8ff",
    camera="#6fd3cc",
    patrol="#e3ebf4",
    school="#a9d2ff",
)

THEMES = {"day": DAY, "night": NIGHT}
