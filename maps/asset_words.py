"""Words for light and cameras on the map, and for the minutes that children walk in the dark."""

from __future__ import annotations

from geo import columns as c
from maps.words import N_

LIGHT_STATES = {
    "lit": N_("Lit"),
    "unlit": N_("Without light"),
    "partly": N_("Lit in part"),
    "unknown": N_("Light not known"),
}

MINUTES_IN_THE_DARK = {
    c.CHILD_MINUTES: N_("Children’s minutes in all"),
    c.UNLIT_DARK_MINUTES: N_("In the dark without light, minutes"),
    c.LIT_DARK_MINUTES: N_("In the dark with light, minutes"),
    c.UNKNOWN_DARK_MINUTES: N_("In the dark, light not known, minutes"),
}

SCRIPT = {
    "lamp": N_("Street lamp {name}"),
    "camera": N_("Camera {name}"),
    "assetWorking": N_("Works"),
    "assetBroken": N_("Does not work"),
    "assetUnknown": N_("Nobody has recorded whether it works"),
    "assetSince": N_("since {day}"),
    "connected": N_("A centre watches it"),
    "unconnected": N_("No centre watches it"),
    "assumedView": N_("Where it looks is not recorded: somewhere in the circle"),
    "darkMinutes": N_("{minutes} children’s minutes in the dark without light ({when})"),
    "close": N_("Close"),
}
"""Messages that the page's script shows when a lamp, camera or street is clicked."""

LEGENDS = {
    "lighting": {
        "lit": N_("lit street"),
        "unlit": N_("street without light; the bolder, the more children walk there in the dark"),
        "partly": N_("lit in part"),
        "unknown": N_("light not known: not counted as dark"),
        "lamp-working": N_("lamp that works"),
        "lamp-broken": N_("lamp that does not"),
    },
    "cameras": {
        "sector": N_("what a camera sees"),
        "circle": N_("somewhere in the circle: where it looks is not recorded"),
        "dead": N_("camera that does not work: empty outline"),
    },
}
"""Layer → what its signs mean, in the order of the legend."""
