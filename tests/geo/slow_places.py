"""Intervals, words, scores and reasons of places, in plain loops."""

import math
import statistics
from functools import lru_cache

from tests.geo.slow_incidents import HOURS, WINDOWS

BREAKS = (75, 90, 95, 99)
PARTS = ("area", "people_and_places", "recent_nearby", "standing_conditions", "own_record", "level")


def gamma_below(shape: float, x: float) -> float:
    """The regularised lower incomplete gamma function, by its series or continued fraction."""
    if x <= 0:
        return 0.0
    front = math.exp(shape * math.log(x) - x - math.lgamma(shape))
    if x < shape + 1:
        term = total = 1 / shape
        step = shape
        while term > total * 1e-17:
            step += 1
            term *= x / step
            total += term
        return front * total
    tiny = 1e-300
    b = x + 1 - shape
    c, d = 1 / tiny, 1 / b
    fraction, number, change = d, 0, 0.0
    while abs(change - 1) > 1e-16 and number < 1000:
        number += 1
        a = -number * (number - shape)
        b += 2
        d = 1 / (a * d + b or tiny)
        c = b + a / c or tiny
        change = c * d
        fraction *= change
    return 1 - front * fraction


@lru_cache(maxsize=100_000)
def gamma_quantile(shape: float, share: float) -> float:
    """The x under which a Gamma of scale 1 has this share: Newton in ln x between two ends."""
    low, high = -700.0, math.log(shape + 20 * math.sqrt(shape) + 40)
    guess = _first_guess(shape, share)
    for _ in range(200):
        x = math.exp(guess)
        miss = gamma_below(shape, x) - share
        low, high = (low, guess) if miss > 0 else (guess, high)
        slope = math.exp(shape * guess - x - math.lgamma(shape))
        step = guess - miss / slope if slope > 0 else math.inf
        step = step if low < step < high else (low + high) / 2
        if abs(step - guess) < 1e-11:  # the error is squared by each step
            return math.exp(step)
        guess = step
    raise ArithmeticError((shape, share))


def interval(mean: float, variance: float) -> tuple[float, float]:
    """The 5 % and 95 % quantile of the Gamma with this mean and variance."""
    if mean <= 0 or variance <= 0:
        return 0.0, 0.0
    shape, scale = mean * mean / variance, variance / mean
    return gamma_quantile(shape, 0.05) * scale, gamma_quantile(shape, 0.95) * scale


def word(low: float, high: float) -> str:
    """How sure an interval is."""
    if low <= 0 or high > 10 * low:
        return "too_few"
    return "strong" if high <= 4 * low else "tentative"


def intensity(amount: float, size: float, floor: float) -> float | None:
    """An amount per metre (or square metre); None for a place without size."""
    return amount / max(size, floor) if size > 0 else None


def scores(intensities: list[float | None], sizes: list[float]) -> list[tuple | None]:
    """Share of the town with a lower intensity, as (least, most) of what rounding may make it.

    Places whose intensities differ by less than 1e-9 may come in either order; all others
    have least = most.
    """
    rows = enumerate(zip(intensities, sizes, strict=True))
    known = [(n, q, size) for n, (q, size) in rows if q is not None]
    whole = math.fsum([size for _, _, size in known])
    found: list[tuple | None] = []
    for own, q in enumerate(intensities):
        if q is None:
            found.append(None)
            continue
        under, over = q * (1 - 1e-9), q * (1 + 1e-9)
        least = math.fsum([size for _, one, size in known if one < under])
        most = math.fsum([size for n, one, size in known if one < over and n != own])
        found.append((100 * least / whole, 100 * most / whole))
    return found


def class_of(score: float) -> int:
    """Class 1 … 5 of a score."""
    return 1 + sum(score >= edge for edge in BREAKS)


def reasons(chain: list[float], stages: list[dict], hazard: dict) -> dict[str, float | None]:
    """The start and the parts of ln(hazard), of the day and of every window.

    `stages`: the harm by window before any change, with that of light, and with that of patrol.
    """
    timed, lit, patrolled = stages
    logs = [_log(value) for value in chain]
    found = {"ln_area_mean": logs[0]}
    for number, part in enumerate(PARTS, start=1):
        found[f"part_{part}"] = _less(logs[number], logs[number - 1])
    inside = (logs[3], logs[7], logs[8], logs[4])
    for number, cause in enumerate(("light", "patrol", "camera"), start=1):
        found[f"part_standing_{cause}"] = _less(inside[number], inside[number - 1])
    found["part_hour"] = _less(logs[6], logs[6])
    day = [_log(math.fsum(stage.values())) for stage in (lit, patrolled)]
    found |= _changes("", logs[6], *day, _log(hazard["day"]))
    for window in WINDOWS:
        here, hours = _log(timed[window]), math.log(HOURS[window] / 24)
        found[f"ln_area_mean_{window}"] = None if logs[0] is None else logs[0] + hours
        part = None if here is None or logs[6] is None else here - logs[6] - hours
        found[f"part_hour_{window}"] = part
        steps = (_log(stage[window]) for stage in (lit, patrolled))
        found |= _changes(f"_{window}", here, *steps, _log(hazard[window]))
    return found


def hull_share(points: list[tuple], rings: list[list[tuple]]) -> float:
    """Share of an area (simple rings of corners in metres) that lies in the hull of points."""
    if not points:
        return 0.0
    hull = _hull(points)
    inside = sum(_shoelace(_clipped(ring, hull)) for ring in rings)
    return inside / sum(_shoelace(ring) for ring in rings)


# -------------------------------------------------------------------------------------------


def _first_guess(shape: float, share: float) -> float:
    """ln x by the power law of small x, or from Wilson and Hilferty's cube of a normal."""
    small = (math.log(share) + math.lgamma(shape + 1)) / shape
    normal = statistics.NormalDist().inv_cdf(share)
    root = 1 - 1 / (9 * shape) + normal / (3 * math.sqrt(shape))
    return math.log(shape * root**3) if root > 0.3 else small


def _log(value: float) -> float | None:
    return math.log(value) if value > 0 else None


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _changes(ending: str, before, lit, patrolled, after) -> dict[str, float | None]:
    return {
        f"part_change_since{ending}": _less(after, before),
        f"part_light_since{ending}": _less(lit, before),
        f"part_patrol_since{ending}": _less(patrolled, lit),
        f"part_camera_since{ending}": _less(after, patrolled),
    }


def _turn(a: tuple, b: tuple, c: tuple) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _hull(points: list[tuple]) -> list[tuple]:
    """Corners of the convex hull, counter-clockwise (Andrew's two chains)."""
    chains: list[list[tuple]] = []
    ordered = sorted(set(points))
    for walk in (ordered, ordered[::-1]):
        chain: list[tuple] = []
        for point in walk:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
                chain.pop()
            chain.append(point)
        chains.append(chain[:-1])
    return chains[0] + chains[1]


def _clipped(ring: list[tuple], hull: list[tuple]) -> list[tuple]:
    """Cut a ring by each side of the hull in turn (Sutherland and Hodgman)."""
    for a, b in zip(hull, hull[1:] + hull[:1], strict=True):
        kept: list[tuple] = []
        for one, other in zip(ring, ring[1:] + ring[:1], strict=True):
            inside, beyond = _turn(a, b, one), _turn(a, b, other)
            if inside >= 0:
                kept.append(one)
            if inside * beyond < 0:
                t = inside / (inside - beyond)
                kept.append((one[0] + t * (other[0] - one[0]), one[1] + t * (other[1] - one[1])))
        ring = kept
    return ring


def _shoelace(ring: list[tuple]) -> float:
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return abs(math.fsum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2
