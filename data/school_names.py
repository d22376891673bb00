"""Which school a file means by its id, its number or its name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from data.importers.identity import identity_of_id
from data.importers.values.look_alikes import fold
from geo import columns as c

ID_LENGTH = 16
"""Ids in frames are the start of a record's identity."""

_NUMBER = re.compile(r"(?<![\w-])(\d{1,4})(?![\w])")


@dataclass(frozen=True)
class SchoolNames:
    """The schools by everything they are called; a word that several share means none."""

    sources: tuple[str, ...] = ()
    _known: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, schools: pd.DataFrame, sources: Iterable[str] = ()) -> SchoolNames:
        """Take schools with ``school_id``, names, and ``number`` where they have one.

        Parameters
        ----------
        sources
            Names of the sources of the schools, whose own ids are understood too.
        """
        names = cls(sources=tuple(sources))
        columns = [name for name in (c.NAME, c.NAME_KK, c.NAME_RU, "number") if name in schools]
        ids = schools[c.SCHOOL_ID].astype(str)
        for school, *texts in zip(ids, *(schools[name] for name in columns), strict=True):
            for text in texts:
                if isinstance(text, str):
                    names._learn(fold(text), school)
                    names._learn(_number_of(text), school)
        # An id means its own school, whatever else is called so.
        names._known.update({fold(school): {school} for school in ids})
        return names

    def find(self, text: str) -> str | None:
        """Return the id of the school that a text means; None where it is none, or several.

        Examples
        --------
        >>> schools = pd.DataFrame({"school_id": ["a1", "b2"], "name": ["СШ 5", "№ 18 мектеп"]})
        >>> names = SchoolNames.of(schools)
        >>> [names.find(text) for text in ("b2", "№5", "Школа № 18", "18", "№ 6", "s5")]
        ['b2', 'a1', 'b2', 'b2', None, None]
        """
        for word in (fold(text), *record_ids(text, self.sources), _number_of(text)):
            found = self._known.get(word or "", set())
            if len(found) == 1:
                return next(iter(found))
        return None

    def _learn(self, word: str | None, school: str) -> None:
        if word:
            self._known.setdefault(word, set()).add(school)


def record_ids(own: str, sources: Iterable[str]) -> list[str]:
    """Return the ids under which the store would know a record by its source's own id."""
    return [identity_of_id(source, own.strip())[:ID_LENGTH] for source in sources]


# -------------------------------------------------------------------------------------------


def _number_of(text: str) -> str | None:
    """Return "# 5" for a text with one number that stands alone."""
    found = set(_NUMBER.findall(fold(text.replace("№", " "))))
    return f"# {int(found.pop())}" if len(found) == 1 else None
