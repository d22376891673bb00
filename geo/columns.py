"""Every column name once: frame column, JSON field, tile property and style key alike.

``docs/glossary.md`` says what each means. Units stand in the name where two are possible.
"""

from __future__ import annotations

# Places
H3_CELL = "h3_cell"  # int64 inside, 15 lower-case hex characters outside
SECTION_ID = "section_id"
SCHOOL_ID = "school_id"
LAT = "lat"
LON = "lon"
GEOMETRY = "geometry"
AREA_M2 = "area_m2"
LENGTH_M = "length_m"
STREET_LENGTH_M = "street_length_m"

# Incidents
INCIDENT_ID = "incident_id"
OFFENCE_GROUP = "offence_group"
ARTICLE = "article"
GRAVITY = "gravity"
SEVERITY_DAYS = "severity_days"
OCCURRED_AT = "occurred_at"  # naive local wall time
OCCURRED_TO = "occurred_to"
OCCURRED_PRECISION = "occurred_precision"  # minute | hour | day | interval
REGISTERED_AT = "registered_at"
PLACE_TYPE = "place_type"
DISCOVERY = "discovery"  # reported | discovered | unknown
SENSITIVE = "sensitive"
VICTIM_MINOR = "victim_minor"
ADDRESS_KEY = "address_key"
GEO_ACCURACY_M = "geo_accuracy_m"

# Streets
HIGHWAY = "highway"
NAME = "name"
NAME_KK = "name_kk"
NAME_RU = "name_ru"
LIT = "lit"  # the OSM tag as written; light is the judged state
SIDEWALK = "sidewalk"
SURFACE = "surface"
LABEL_KIND = "label_kind"

# Light, patrol, children
LIGHT = "light"  # lit | unlit | unknown
LIT_SHARE = "lit_share"
LIT_SHARE_HISTORY = "lit_share_history"
UNLIT_M = "unlit_m"
LIT_M = "lit_m"
UNKNOWN_LIGHT_M = "unknown_light_m"
PATROL_DOSE = "patrol_dose"
DOSE = "dose"  # the patrol dose in quarters
GAP = "gap"  # class of the hazard that patrols leave, 1–5
GAP_HARM = "gap_harm"  # harm a month and hour of the day that patrols leave
LAST_VISIT = "last_visit"  # day of a cell's last recorded patrol visit; missing: never recorded
LAST_VISIT_DAYS = "last_visit_days"
CAMERA_SHARE = "camera_share"  # of a section's length, as cameras see it now
CAMERA_SHARE_HISTORY = "camera_share_history"
CAMERA_CONFIDENCE = "camera_confidence"  # sector | circle
PUPILS = "pupils"
CHILD_MINUTES = "child_minutes"  # a month
DARK_MINUTES = "dark_minutes"  # child-minutes a month on unlit street, were it dark throughout
LIT_DARK_MINUTES = "lit_dark_minutes"  # child-minutes in the dark on lit street
UNLIT_DARK_MINUTES = "unlit_dark_minutes"
UNKNOWN_DARK_MINUTES = "unknown_dark_minutes"  # light not known; never counted as dark

# Hazard
HAZARD = "hazard"  # days of sanction a month; incidents a month where no gravity is known
HAZARD_LOW = "hazard_low"  # 5 % quantile
HAZARD_HIGH = "hazard_high"  # 95 % quantile
HAZARD_SCORE = "hazard_score"
HAZARD_CLASS = "hazard_class"
CONFIDENCE = "confidence"  # strong | tentative | too_few
EXPECTED_INCIDENTS = "expected_incidents"  # a month
COUNT_SCORE = "count_score"
ROUTE_BURDEN = "route_burden"
BURDEN_SCORE = "burden_score"
RISK_PER_EXPOSURE = "risk_per_exposure"
P_TOP = "p_top"  # posterior probability of lying in the worst 5 % of the town's streets
RANK_LOW = "rank_low"
RANK_HIGH = "rank_high"
BURDEN_RANK_LOW = "burden_rank_low"
BURDEN_RANK_HIGH = "burden_rank_high"
INCIDENTS_OBSERVED = "incidents_observed"  # last 365 days, without the sensitive ones
SENSITIVE_OBSERVED = "sensitive_observed"  # last 365 days; resolutions 8 and 7 only
HOUR_FROM_TOWN = "hour_from_town"  # the place has too few incidents: hour from the town's pattern
LN_AREA_MEAN = "ln_area_mean"
HOTSPOT = "hotspot"  # more records here and next door than chance would gather; never scored

# Reference and classes
PLACE = "place"  # section | cell_10 | cell_9 | cell_8 | cell_7
PLACE_ID = "place_id"  # section_id or the cell as text
VIEW = "view"  # harm | count | walk
WINDOW = "window"  # day or a window
INTENSITY = "intensity"  # per metre of street; per square metre on the area basis
CUMULATIVE_SIZE = "cumulative_size"  # metres of street; square metres on the area basis
WEIGHT = "weight"  # share of its cell that a part carries

# Sections of an earlier map
OLD_ID = "old_id"
NEW_ID = "new_id"
SHARE = "share"  # of the earlier section's length

# What a rate rests on, kept to say which incidents weigh most
NUMBER = "number"  # of an incident in its run, oldest first
OCCURRED_ON = "occurred_on"  # day
ADDRESS_NUMBER = "address_number"  # equal for incidents at one address; −1 for sensitive ones
X_M = "x_m"
Y_M = "y_m"
BASE_SHARE = "base_share"
RING = "ring"  # metres from a place, such as 200-400
QUARTER = "quarter"  # such as 2026Q3
INCIDENTS = "incidents"  # a count; missing where it is too small to be shown
INFLUENCE = "influence"  # share of the hazard that would go with one incident


def of_window(column: str, window: str) -> str:
    """Name a column's variant for one window, such as ``hazard_score_school_am``."""
    return f"{column}_{window}"


def part_column(part: str) -> str:
    """Name the column that holds one part of the explanation, such as ``part_own_record``."""
    return f"part_{part}"


def contrast_column(group: str) -> str:
    """Name the column of a group's prior contrast, such as ``contrast_violence``."""
    return f"contrast_{group}"


def reach_column(bandwidth_m: float) -> str:
    """Name the column of the area within a kernel's reach, such as ``reach_m2_400``."""
    return f"reach_m2_{bandwidth_m:g}"


def share_column(group: str) -> str:
    """Name the column that holds one group's share of the harm, such as ``share_violence``."""
    return f"share_{group}"
