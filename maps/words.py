"""Words for the codes of the model: classes, confidence, windows, parts, groups, directions.

Each table maps a code to the English message; ``gettext`` turns it into the reader's language.
`N_` only marks a message for the catalogue check.
"""

from __future__ import annotations


def N_(message: str) -> str:  # noqa: N802 - the name that message extraction knows
    """Mark a message as one for the catalogues and return it unchanged."""
    return message


ROLES = {
    "prosecutor": N_("Prosecutor"),
    "planner": N_("Akimat planner"),
    "dispatcher": N_("Patrol dispatcher"),
    "public": N_("Public"),
}

ROLE_TITLES = {
    "prosecutor": N_("Sections that need attention first"),
    "planner": N_("Where children meet hazard most"),
    "dispatcher": N_("Where to be this shift"),
    "public": N_("Safe Region for residents"),
}

ROLE_LEADS = {
    "prosecutor": N_("Begin with the first section; “Why?” shows what its score is made of."),
    "planner": N_(
        "Begin with the first section; “Why?” shows what it rests on, and what light would change."
    ),
    "dispatcher": N_("Brighter means worse. Choose the time of day of your shift."),
    "public": N_(
        "This map shows broad areas only, in five classes. Streets, numbers and cases are not"
        " shown, so that nobody can be recognised."
    ),
}

ROLE_PURPOSES = {
    "prosecutor": N_("Choose sections for the commission and see the reasons"),
    "planner": N_("Decide where light, cameras and pavements help most"),
    "dispatcher": N_("Brief a shift; the map opens in night colours"),
    "public": N_("See the broad picture without any detail of cases"),
}

CLASSES = {
    1: N_("average or below"),
    2: N_("above average"),
    3: N_("elevated"),
    4: N_("high"),
    5: N_("very high"),
}

CONFIDENCE = {
    "strong": N_("well supported"),
    "tentative": N_("tentative"),
    "too_few": N_("too few records to tell"),
}

WINDOWS = {
    "day": N_("Whole day"),
    "school_am": N_("Way to school"),
    "midday": N_("Midday, change of shifts"),
    "school_pm": N_("Way home from school"),
    "evening": N_("Evening"),
    "night": N_("Night"),
}

VIEWS = {
    "harm": N_("Harm"),
    "count": N_("Number"),
    "walk": N_("Children’s walk"),
    "dark": N_("Dark ways"),
}

VIEW_NOTES = {
    "harm": N_("Expected harm: graver offences weigh more."),
    "count": N_("Expected number of offences, grave and light ones alike."),
    "walk": N_("Harm times the children who walk there."),
    "dark": N_("Minutes that children walk in the dark where no light is."),
}

PARTS = {
    "area": N_("Incidents in the surroundings over the years"),
    "people_and_places": N_("Other kinds of incidents nearby: people and places"),
    "recent_nearby": N_("Recent incidents nearby"),
    "standing_conditions": N_("Standing conditions: light, patrols, cameras"),
    "own_record": N_("This place’s own record"),
    "level": N_("Level of the whole town"),
    "hour": N_("Time of day"),
    "change_since": N_("Changes since: lamps, patrols, cameras"),
    "month": N_("This month’s darkness and kind of day"),
}

CAUSES = {
    "standing_light": N_("Lighter or darker than the streets around"),
    "standing_patrol": N_("Patrols over the years"),
    "standing_camera": N_("Cameras over the years"),
    "light_since": N_("Lamps and outages since then"),
    "patrol_since": N_("Patrols since then"),
    "camera_since": N_("Cameras since then"),
}
"""What `standing_conditions` and `change_since` are made of, in the order of their split."""

GROUPS = {
    "child": N_("Offences against children"),
    "theft_robbery": N_("Theft and robbery"),
    "violence": N_("Violence"),
    "disorder": N_("Disorder"),
    "against_persons": N_("Offences against persons"),
}

DAY_KINDS = {
    "school": N_("School day"),
    "off": N_("No school"),
}

DAYLIGHT = {
    "day": N_("polar day, the sun does not set"),
    "night": N_("polar night, the sun does not rise"),
}

LAYERS = {
    "cells": N_("Hazard areas"),
    "sections": N_("Street sections"),
    "routes": N_("Ways to school"),
    "lighting": N_("Street lamps"),
    "schools": N_("Schools"),
    "cameras": N_("Cameras"),
    "patrols": N_("Patrol gap"),
}

BEARINGS = {
    "n": N_("to the north"),
    "ne": N_("to the north-east"),
    "e": N_("to the east"),
    "se": N_("to the south-east"),
    "s": N_("to the south"),
    "sw": N_("to the south-west"),
    "w": N_("to the west"),
    "nw": N_("to the north-west"),
}

BADGES = {
    "hotspot": N_("Hotspot"),
}

BADGE_NOTES = {
    "hotspot": N_(
        "More incidents gather here and next door than chance would bring; not in the score."
    ),
}

UNITS = {
    "days": N_("days of sanction"),
    "incidents": N_("incidents"),
}

SCENARIO_CHANGES = {
    "light": N_("With light along the whole section"),
    "patrol": N_("With a patrol stop of 15 minutes every day"),
    "camera": N_("With a working camera watching the whole section"),
}

SCENARIO_PRESETS = {
    "conservative": N_("cautious: 14 % less in full darkness"),
    "default": N_("usual: 21 % less in full darkness"),
    "rct": N_("high, from one trial: 36 % less in full darkness"),
}

SCRIPT = {
    "why": N_("Why?"),
    "hide": N_("Hide"),
    "loading": N_("Loading…"),
    "failed": N_("The data could not be loaded. Check the connection and try again."),
    "retry": N_("Try again"),
    "empty": N_("There is no section to list for this choice."),
    "chosen": N_("Chosen on the map"),
    "walkCard": N_("Walk card"),
    "area": N_("Area on the map"),
    "classWord": N_("Class"),
    "noSchoolDay": N_("By the school calendar this month has no school day."),
    "noWalk": N_("Without school there is no way to school to order by."),
    "mapFailed": N_("Part of the map could not be loaded."),
    "noScore": N_("no score"),
    "minutes": N_("minutes"),
    "noDark": N_("No street that enough children walk on in the dark is without light."),
    "factors": N_("What the score is made of"),
    "groups": N_("Share of harm by kind of offence"),
    "light": N_("Light"),
    "whatIf": N_("What would change it"),
    "tryStreet": N_("The way to school if this street were"),
    "closeStreet": N_("closed"),
    "lightStreet": N_("lit"),
    "refused_lamp_stray": N_("No street is near enough for a lamp there."),
    "refused_lamp_outside_area": N_("That is outside the town."),
    "refused_inputs_changed": N_(
        "Map, schools or lamps have changed since this map was built; build a new one first."
    ),
    "average": N_("usual level = ×1"),
    "quarters": N_("Incidents by quarter and distance"),
    "quarter": N_("Quarter"),
    "incidents": N_("Incidents that weigh most here"),
    "showIncidents": N_("Show the incidents"),
    "noIncident": N_("No single incident can be named here."),
}
"""Messages that the page's script shows; the key is the name the script knows."""

LAMP_TRIAL = {
    "try_lamp": N_("Try a lamp"),
    "no_lamps": N_("Remove the lamps"),
    "lamp_hint": N_(
        "Click on the map where a lamp would stand; Enter takes the middle of the map. Nothing is"
        " stored."
    ),
}
"""Messages of the map page where lamps are tried."""

DOWN_SINCE = {
    "camera": N_("Camera {name} has been down since {day}."),
    "lamp": N_("Lamp {name} has been out since {day}."),
}
DOWN = {
    "camera": N_("Camera {name} is down; since when is not recorded."),
    "lamp": N_("Lamp {name} is out; since when is not recorded."),
}
LOST = {
    "sector": N_("{schools}: {distance} of the children's way lost camera cover."),
    "circle": N_(
        "{schools}: up to {distance} of the children's way lost camera cover; where the camera"
        " looked is not recorded."
    ),
    "light": N_("{schools}: {distance} of the children's way lost light."),
}
NOTHING_LOST = N_("No way to school lost anything by it.")
