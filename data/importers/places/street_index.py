"""Find streets by a name as written: exact keys first, then names alike, each with a score."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from rapidfuzz import fuzz, process

from data.importers.places.street_names import (
    PLACED_SCORE,
    TOO_CLOSE,
    FoldedName,
    fold_street,
    match_score,
    name_variants,
)
from geo.errors import UsageError

OTHER_NAME = 5.0
"""An old name costs more than `TOO_CLOSE`: where another street bears it now, that one is meant."""
_LOOKED_AT = 70.0
"""Names less alike than this in their letters are compared only where they share a word."""
_LARGEST_LIST = 1 << 20


@dataclass(frozen=True)
class Rename:
    """A street's old and new name; the day from which the new one holds is for the reader."""

    old: str
    new: str
    valid_from: date | None = None


def read_renames(path: Path | None) -> tuple[Rename, ...]:
    """Read an office's list of renamed streets: CSV with ``old,new,valid_from``.

    Returns nothing where the office keeps no such file. Both names are understood whatever the
    day of a record: people go on using the old one.

    Raises
    ------
    UsageError
        ``renames_invalid``: not UTF-8, no columns ``old`` and ``new``, or a day that is none.
    """
    if path is None or not path.is_file():
        return ()
    try:
        if path.stat().st_size > _LARGEST_LIST:
            raise ValueError("it is larger than 1 MB")
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
        if rows and not {"old", "new"} <= set(rows[0]):
            raise ValueError("it has no columns old and new")
        return tuple(
            Rename(row["old"].strip(), row["new"].strip(), _day(row.get("valid_from")))
            for row in rows
            if row["old"] and row["new"]
        )
    except (ValueError, csv.Error) as error:
        raise UsageError(
            f"The list of renamed streets {path.name} cannot be used ({error}); its head is "
            "'old,new,valid_from', its days are written 2025-04-03.",
            code="renames_invalid",
        ) from error


@dataclass
class StreetIndex:
    """The names of all streets, ready to be asked; it grows while the gazetteer is built.

    Attributes
    ----------
    names
        Street id → folded names that it bears, each with what it costs: nothing for the name on
        the map, `OTHER_NAME` for old and further names.
    """

    names: dict[int, dict[FoldedName, float]] = field(default_factory=lambda: defaultdict(dict))
    _by_key: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _by_word: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _found: dict[FoldedName, list[tuple[int, float]]] = field(default_factory=dict)

    def add(self, street: int, names: Iterable[str], cost: float = 0.0) -> None:
        """Let a street bear names, each split into the variants that it holds."""
        for name in names:
            for place, folded in enumerate(map(fold_street, name_variants(name))):
                dear = max(cost, OTHER_NAME * (place > 0))
                self.names[street][folded] = min(dear, self.names[street].get(folded, dear))
                self._by_key[folded.key].add(street)
                for word in folded.key.split():
                    if len(word) >= 4:
                        self._by_word[word].add(folded.key)
        self._found.clear()

    def rename(self, renames: Iterable[Rename]) -> None:
        """Let streets that bear one name of a pair bear the other too."""
        for pair in renames:
            for known, other, cost in (
                (pair.old, pair.new, 0.0),
                (pair.new, pair.old, OTHER_NAME),
            ):
                for street, score in self.find(known):
                    if score > 100.0 - TOO_CLOSE:
                        self.add(street, [other], cost)

    def find(self, text: str) -> list[tuple[int, float]]:
        """Return the streets that a written name may mean with their scores, the best first.

        None scores less than `PLACED_SCORE`.
        """
        written = fold_street(text)
        if written.kind is None and not any(word[-1].isalpha() for word in written.key.split()):
            return []  # a bare number is the name of a quarter only where that is said
        if written not in self._found:
            self._found[written] = self._search(written)
        return self._found[written]

    def _search(self, written: FoldedName) -> list[tuple[int, float]]:
        found = self._scores(written, {written.key} if written.key in self._by_key else set())
        if not found or found[0][1] < 100.0 - TOO_CLOSE:
            alike = process.extract(
                written.key,
                list(self._by_key),
                scorer=fuzz.ratio,
                score_cutoff=_LOOKED_AT,
                limit=None,
            )
            keys = {key for key, _, _ in alike}
            for word in written.key.split():
                keys |= self._by_word.get(word, set())
            found = self._scores(written, keys | {written.key})
        return found

    def _scores(self, written: FoldedName, keys: set[str]) -> list[tuple[int, float]]:
        streets = {street for key in keys for street in self._by_key.get(key, ())}
        scores = [
            (
                street,
                max(
                    match_score(written, name) - cost
                    for name, cost in self.names[street].items()
                    if name.key in keys
                ),
            )
            for street in streets
        ]
        scores = [(street, score) for street, score in scores if score >= PLACED_SCORE]
        return sorted(scores, key=lambda pair: (-pair[1], pair[0]))


def best_streets(found: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """Keep the streets whose score is too close to the best one's to tell them apart."""
    return [pair for pair in found if pair[1] > found[0][1] - TOO_CLOSE]


# -------------------------------------------------------------------------------------------


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text.strip()) if text and text.strip() else None
