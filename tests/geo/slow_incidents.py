"""Which incidents count, how old they are, when in the day and how grave: in plain loops."""

import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from tests.geo.slow_rate import GROUPS, Incident

WINDOWS = {
    "school_am": ((7, 9),),
    "midday": ((12.5, 14.5),),
    "school_pm": ((17.5, 19.5),),
    "evening": ((19.5, 22),),
    "night": ((22, 24), (0, 6)),
    "other": ((6, 7), (9, 12.5), (14.5, 17.5)),
}
HOURS = {name: sum(b - a for a, b in spans) for name, spans in WINDOWS.items()}


class Record(NamedTuple):
    """A row as it was handed over; `spot` is the position of its cell, None outside."""

    incident_id: str
    spot: int | None
    group: str
    severity: float | None
    start: datetime
    end: datetime | None
    precision: str
    place_type: str
    discovery: str
    sensitive: bool
    address: str
    accuracy: float | None


class Counted(NamedTuple):
    """An incident that enters, with its hours (window → share; None where unknown)."""

    incident: Incident
    hours: dict[str, float] | None
    severity: float | None


def counted(records: list[Record], coverage, as_of: date) -> list[Counted]:
    """Keep what may enter, in the order of the ids."""
    found = []
    for one in sorted(records, key=lambda record: record.incident_id):
        when = moment(one)
        enters = (
            one.group in GROUPS
            and one.discovery != "discovered"
            and one.place_type != "dwelling"
            and when < datetime.combine(as_of, time())
            and any(first <= when.date() <= last for first, last in coverage)
            and one.spot is not None
        )
        if enters:
            age = (datetime.combine(as_of, time()) - when) / timedelta(days=1)
            width = 0 if one.sensitive else width_of(one.accuracy)
            incident = Incident(one.spot, one.group, age, one.sensitive, one.address, width)
            found.append(Counted(incident, hours_of(one), one.severity))
    return found


def covered_spans(coverage, as_of: date) -> list[tuple[int, int]]:
    """Runs of covered days, as (near, far) days before the forecast."""
    days = set()
    for first, last in coverage:
        day = first
        while day <= last and day < as_of:
            days.add((as_of - day).days - 1)
            day += timedelta(days=1)
    spans: list[tuple[int, int]] = []
    for age in sorted(days):
        if spans and spans[-1][1] == age:
            spans[-1] = (spans[-1][0], age + 1)
        else:
            spans.append((age, age + 1))
    return spans


def months_of(spans, as_of: date) -> tuple[list[float], list[float]]:
    """Share of each calendar month in the memory of 60 days, and in the 30 days ahead."""
    past, ahead = [0.0] * 12, [0.0] * 12
    for near, far in spans:
        for age in range(near, far):
            past[(as_of - timedelta(days=age + 1)).month - 1] += 2 ** (-age / 60)
    for day in range(30):
        ahead[(as_of + timedelta(days=day)).month - 1] += 1 / 30
    whole = math.fsum(past)
    return [value / whole if whole else 1 / 12 for value in past], ahead


def moment(one: Record) -> datetime:
    """The moment that an incident's age counts from."""
    if one.precision == "day":
        return datetime.combine(one.start.date(), time(12))
    if one.precision == "interval" and one.end is not None:
        return one.start + (one.end - one.start) / 2
    return one.start


def width_of(accuracy: float | None) -> float:
    """The width by which a vague place is spread: 0 up to 65 m, else the nearest class."""
    if accuracy is None or accuracy <= 65:
        return 0
    return min((100, 200, 400, 800), key=lambda width: abs(width - accuracy))


def hours_of(one: Record) -> dict[str, float] | None:
    """Share an incident over the windows it may have happened in."""
    start = one.start.hour + one.start.minute / 60
    if one.precision == "minute":
        length = 1 / 60
    elif one.precision == "hour":
        start, length = one.start.hour, 1
    elif one.precision == "interval" and one.end is not None:
        length = (one.end - one.start) / timedelta(hours=1)
    else:
        return None
    if not 0 < length < 24:
        return None
    shares = {}
    for window, spans in WINDOWS.items():
        both_days = [(a + day, b + day) for a, b in spans for day in (0, 24)]
        inside = (min(start + length, b) - max(start, a) for a, b in both_days)
        shares[window] = math.fsum(max(0, hours) for hours in inside) / length
    return shares


def severities(
    incidents: list[Counted], fixed: Mapping[str, float], table: Mapping[str, float] | None
) -> dict[str, float]:
    """Mean days of sanction of each group; 1 each where no severity is known at all."""
    known = [one for one in incidents if one.severity is not None]
    if not known and not fixed:
        return dict.fromkeys(GROUPS, 1.0)
    whole = [one.severity for one in known] or list(fixed.values())
    found = {}
    for group in GROUPS:
        own = [
            one.severity
            for one in known
            if one.incident.group == group and one.incident.age <= 3 * 365.25
        ]
        if group in fixed:
            found[group] = fixed[group]
        elif table and group in table and len(own) < 20:
            found[group] = table[group]
        else:
            found[group] = math.fsum(own or whole) / len(own or whole)
    return found


def town_hours(incidents: list[Counted]) -> dict[str, dict[str, float]]:
    """π_gτ: a group leans on the town by one incident, the town on the clock by one."""
    timed = [one for one in incidents if one.hours is not None]
    town = {w: math.fsum(one.hours[w] for one in timed) + HOURS[w] / 24 for w in WINDOWS}
    whole = math.fsum(town.values())
    shares = {}
    for group in GROUPS:
        own = [one.hours for one in timed if one.incident.group == group]
        raw = {w: math.fsum(hours[w] for hours in own) + town[w] / whole for w in WINDOWS}
        total = math.fsum(raw.values())
        shares[group] = {w: value / total for w, value in raw.items()}
    return shares
