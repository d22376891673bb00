"""The whole hazard of a town once more, in plain loops: the judge of `town_hazard`.

Rates, hours, harm, sums, intervals, words, scores and reasons; the ranks under the uncertainty,
which are drawn, are left out. Numbers of the model stand here anew, not read from its
parameters.
"""

import math
from collections.abc import Iterable

from geo.hazard.town import Town
from tests.geo.plain_town import PlainTown, read_town
from tests.geo.slow_harm import SPREAD, Piece, SlowHarm
from tests.geo.slow_incidents import WINDOWS
from tests.geo.slow_places import hull_share, intensity, interval, reasons, scores, word
from tests.geo.slow_rate import GROUPS

SPANS = ("day", *WINDOWS)
STAGES = ("timed", "lit", "patrolled")


class SlowTown:
    """A town scored: `places` holds kind → name → what is known of the place."""

    def __init__(self, town: Town):
        plain = read_town(town)
        self.harm = SlowHarm(plain)
        self.level_variance = {g: self.harm.rates[g].level_variance for g in GROUPS}
        streets = hull_share(plain.street_points, plain.outline)
        self.basis = "street" if streets >= 0.9 else "area"
        self.places = {"section": self.sections(plain)}
        for resolution in plain.parents:
            self.places[f"cell_{resolution}"] = self.cells(plain, resolution)

    def sections(self, town: PlainTown) -> dict[str, dict]:
        """Each part of a section is a piece of its own."""
        places = {
            name: [n for n, part in enumerate(town.parts) if part.section == section]
            for section, name in enumerate(town.section_ids)
        }
        sizes = [math.fsum(town.parts[n].length for n in held) for held in places.values()]
        pieces = [[self.harm.pieces[n] for n in held] for held in places.values()]
        return dict(zip(places, self.measured(pieces, sizes, 30), strict=True))

    def cells(self, town: PlainTown, resolution: int) -> dict[int, dict]:
        """The parts of a cell make one piece; a coarser cell sums the cells in it."""
        fine = [whole(pieces) for pieces in self.by_cell(town)]
        street = [0.0 for _ in town.cells]
        for part in town.parts:
            street[part.cell] += part.length
        names = sorted(set(town.parents[resolution]))
        inside = [
            [n for n, p in enumerate(town.parents[resolution]) if p == name] for name in names
        ]
        by_street = self.basis == "street"
        sizes = [
            math.fsum(street[n] if by_street else town.cells[n].area for n in held)
            for held in inside
        ]
        pieces = [[fine[n] for n in held] for held in inside]
        return dict(zip(names, self.measured(pieces, sizes, 30 * by_street), strict=True))

    def by_cell(self, town: PlainTown) -> list[list[Piece]]:
        pieces: list[list[Piece]] = [[] for _ in town.cells]
        for part, piece in zip(town.parts, self.harm.pieces, strict=True):
            pieces[part.cell].append(piece)
        return pieces

    def measured(self, places: list[list[Piece]], sizes: list[float], floor: float) -> list[dict]:
        """Hazard, interval, word, score and reasons of places of one kind."""
        found = [self.place(pieces) for pieces in places]
        for one, size in zip(found, sizes, strict=True):
            one["size"] = size
        for span in SPANS:
            q = [intensity(one["hazard"][span], size, floor)
                 for one, size in zip(found, sizes, strict=True)]  # fmt: skip
            for one, score in zip(found, scores(q, sizes), strict=True):
                one["score"][span] = score
        q = [intensity(one["expected_incidents"], size, floor)
             for one, size in zip(found, sizes, strict=True)]  # fmt: skip
        for one, score in zip(found, scores(q, sizes), strict=True):
            one["count_score"] = score
        return found

    def place(self, pieces: list[Piece]) -> dict:
        """Sum pieces: means and own variances add, the error of a level is common to all."""
        hazard, ends = {}, {}
        for span in SPANS:
            windows = list(WINDOWS) if span == "day" else [span]
            by_group = {
                group: math.fsum(piece.harm[group, w] for piece in pieces for w in windows)
                for group in GROUPS
            }
            variance = [own_variance(piece, windows) for piece in pieces]
            variance += [by_group[g] ** 2 * self.level_variance[g] for g in GROUPS]
            variance += [effect_variance(pieces, effect, windows) for effect in SPREAD]
            hazard[span] = math.fsum(by_group.values())
            ends[span] = interval(hazard[span], math.fsum(variance))
            if span == "day":
                groups = by_group
        chain = [math.fsum(piece.chain[n] for piece in pieces) for n in range(9)]
        stages = [
            {w: math.fsum(getattr(piece, name)[w] for piece in pieces) for w in WINDOWS}
            for name in STAGES
        ]
        day = hazard["day"]
        return {
            "hazard": hazard,
            "ends": ends,
            "word": {span: word(*ends[span]) for span in SPANS},
            "score": {},
            "share": {group: value / day if day else None for group, value in groups.items()},
            "expected_incidents": math.fsum(piece.expected for piece in pieces),
            "reasons": reasons(chain, stages, hazard),
        }


def own_variance(piece: Piece, windows: list[str]) -> float:
    """Variance of a piece: what its groups have in common adds up before it is squared.

    The unknown light of a part moves all its groups and windows together, and no other part.
    """
    alone, together = 0.0, 0.0
    for group in GROUPS:
        harm = math.fsum(piece.harm[group, w] for w in windows)
        variance = harm * harm / piece.shape[group]
        alone += variance * (1 - piece.common[group])
        together += math.sqrt(variance * piece.common[group])
    light = math.fsum(math.fsum(one[w] for w in windows) ** 2 for one in piece.unsure)
    return alone + together**2 + light


def effect_variance(pieces: list[Piece], effect: str, windows: list[str]) -> float:
    """Variance from an effect, which is one number for all pieces."""
    return math.fsum(piece.moved[effect, w] for piece in pieces for w in windows) ** 2


def whole(pieces: Iterable[Piece]) -> Piece:
    """One piece of the parts of a cell, which share its posterior."""
    parts = list(pieces)
    sums = {key: math.fsum(one.harm[key] for one in parts) for key in parts[0].harm}
    timed, lit, patrolled = (
        {w: math.fsum(getattr(one, name)[w] for one in parts) for w in WINDOWS} for name in STAGES
    )
    moved = {key: math.fsum(one.moved[key] for one in parts) for key in parts[0].moved}
    unsure = [row for one in parts for row in one.unsure]
    chain = [math.fsum(one.chain[n] for one in parts) for n in range(9)]
    expected = math.fsum(one.expected for one in parts)
    shape, common = parts[0].shape, parts[0].common
    return Piece(sums, shape, common, expected, chain, timed, lit, patrolled, moved, unsure)
