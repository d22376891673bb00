"""Read a CSV of codes, the package's or an office's own, and say which field of it is wrong."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from math import isfinite
from typing import Any, Protocol, TypeVar

from geo.errors import UsageError
from geo.parameters import DRUGS, GROUPS

ALWAYS, UNLESS_ADULT, IF_MINOR = "always", "unless_adult", "if_minor"
PLACE_TYPES = (
    "street", "yard", "park", "school", "transport", "market", "venue", "dwelling", "other",
    "unknown",
)  # fmt: skip
EXACT = "custodial range"
MOST_DAYS = 36_500


@dataclass(frozen=True)
class ArticleRow:
    """What one article, or one part of it, means.

    Attributes
    ----------
    article, part
        "188-1" and "3"; part is empty for the parts that have no row of their own.
    offence_group
        Group of the rate; for ``unless_adult`` and ``if_minor`` the victim's age decides. Empty
        for an article that is known and enters no map.
    gravity
        Gravity class assumed where the record gives none.
    severity_days
        Days of sanction.
    exact
        The days come from the custodial range, not from a gravity class.
    discretion
        Such offences come to light through patrols.
    sensitive
        Never shown as a place of its own.
    child_rule
        ``always``, ``unless_adult``, ``if_minor`` or empty.
    valid_from, valid_to
        First and last day on which the row holds; None where open.
    source, verified
        Where it comes from and whether that was read.
    """

    article: str
    part: str
    offence_group: str
    gravity: int
    severity_days: float
    exact: bool
    discretion: bool
    sensitive: bool
    child_rule: str
    valid_from: date | None
    valid_to: date | None
    source: str
    verified: bool

    @property
    def key(self) -> tuple[str, ...]:
        """What two rows of the same time must not share."""
        return self.article, self.part


@dataclass(frozen=True)
class WordRow:
    """What one word or code of a source means.

    Attributes
    ----------
    word
        In lower case, with е for ё.
    meaning
        A place type, or a gravity class as text.
    valid_from, valid_to, source, verified
        As in `ArticleRow`.
    """

    word: str
    meaning: str
    valid_from: date | None
    valid_to: date | None
    source: str
    verified: bool

    @property
    def key(self) -> tuple[str, ...]:
        """What two rows of the same time must not share."""
        return (self.word,)


class DatedRow(Protocol):
    """A row of a code table that holds between two days."""

    @property
    def key(self) -> tuple[str, ...]:
        """What two rows of the same time must not share."""

    @property
    def valid_from(self) -> date | None:
        """First day."""

    @property
    def valid_to(self) -> date | None:
        """Last day."""


Row = TypeVar("Row", bound=DatedRow)


def read_article_rows(text: str, file_name: str) -> tuple[ArticleRow, ...]:
    """Read the text of a table of articles.

    Raises
    ------
    UsageError
        ``code_table_invalid``: names file, row and field.
    """
    heads = tuple("severity_source" if one.name == "exact" else one.name
                  for one in fields(ArticleRow))  # fmt: skip
    return read_table(text, file_name, heads, _article_row)


def read_word_rows(text: str, file_name: str, word: str, meaning: str) -> tuple[WordRow, ...]:
    """Read the text of a table of words.

    Parameters
    ----------
    text, file_name
        The table, and its name for messages.
    word, meaning
        Heads of its first two columns; the second is ``place_type`` or ``gravity``.

    Raises
    ------
    UsageError
        ``code_table_invalid``.
    """
    heads = (word, meaning, "valid_from", "valid_to", "source", "verified")
    allowed = PLACE_TYPES if meaning == "place_type" else tuple("01234")

    def word_row(cells: Cells) -> WordRow:
        return WordRow(
            word=plain_word(cells.filled(word)),
            meaning=cells.one_of(meaning, allowed),
            **cells.dated(),
        )

    return read_table(text, file_name, heads, word_row)


def plain_word(word: str) -> str:
    """Return a word as tables compare it."""
    return word.casefold().strip().replace("ё", "е")


def overlap(one: DatedRow, other: DatedRow) -> bool:
    """Tell whether two rows hold on some day together."""
    first = max(one.valid_from or date.min, other.valid_from or date.min)
    return first <= min(one.valid_to or date.max, other.valid_to or date.max)


@dataclass(frozen=True)
class Cells:
    """One row of a table while it is read; every fault names its place."""

    file_name: str
    row: int
    texts: dict[str, str]

    def fault(self, field: str, what: str) -> UsageError:
        """Return the refusal of a field, with file and row."""
        return UsageError(
            f"Code table {self.file_name}, row {self.row}, field {field!r}: {what}.",
            code="code_table_invalid",
        )

    def filled(self, field: str) -> str:
        """Return a text that must be there."""
        if not self.texts[field]:
            raise self.fault(field, "is empty")
        return self.texts[field]

    def one_of(self, field: str, words: Sequence[str]) -> str:
        """Return a text that must be one of some words."""
        text = self.texts[field]
        if text not in words:
            listed = ", ".join(repr(word) for word in words)
            raise self.fault(field, f"{text[:64]!r} is none of {listed}")
        return text

    def like(self, field: str, form: re.Pattern[str], example: str) -> str:
        """Return a text that must be written as an example is."""
        text = self.texts[field]
        if not form.fullmatch(text):
            raise self.fault(field, f"{text[:64]!r} is not written as {example}")
        return text

    def yes(self, field: str) -> bool:
        """Return whether the field says yes."""
        return self.one_of(field, ("yes", "no")) == "yes"

    def days(self, field: str) -> float:
        """Return a number of days."""
        try:
            days = float(self.texts[field])
        except ValueError:
            days = -1.0
        if not (isfinite(days) and 0 < days <= MOST_DAYS):
            raise self.fault(field, f"is no number of days between 0 and {MOST_DAYS}")
        return days

    def day(self, field: str) -> date | None:
        """Return a day, None where the field is empty."""
        text = self.texts[field]
        try:
            return date.fromisoformat(text) if text else None
        except ValueError as error:
            raise self.fault(field, f"{text[:64]!r} is no day as 2025-04-03") from error

    def dated(self) -> dict[str, Any]:
        """Return the fields that every dated row has."""
        first, last = self.day("valid_from"), self.day("valid_to")
        if first and last and last < first:
            raise self.fault("valid_to", "lies before valid_from")
        return {
            "valid_from": first,
            "valid_to": last,
            "source": self.filled("source"),
            "verified": self.yes("verified"),
        }


def read_table(
    text: str, file_name: str, heads: tuple[str, ...], read_row: Callable[[Cells], Row]
) -> tuple[Row, ...]:
    """Read a table row by row; two rows of one key must not hold on the same day.

    Raises
    ------
    UsageError
        ``code_table_invalid``: names file, row and field.
    """
    first = text.partition("\n")[0]
    # Spreadsheets of this part of the world save a CSV with semicolons.
    lines = csv.reader(text.splitlines(), delimiter=";" if ";" in first else ",")
    found = [cell.strip() for cell in next(lines, [])]
    if sorted(found) != sorted(heads):
        raise UsageError(
            f"Code table {file_name}, row 1: its heads must be {','.join(heads)}.",
            code="code_table_invalid",
        )
    rows: list[Row] = []
    seen: dict[tuple[str, ...], list[Row]] = {}
    for number, values in enumerate(lines, start=2):
        if not any(value.strip() for value in values):
            continue
        cells = Cells(file_name, number, dict(zip(found, map(str.strip, values), strict=False)))
        if len(values) != len(found):
            raise cells.fault(found[0], f"the row has {len(values)} cells, not {len(found)}")
        row = read_row(cells)
        if any(overlap(row, other) for other in seen.get(row.key, ())):
            raise cells.fault(found[0], "another row says the same for the same days")
        seen.setdefault(row.key, []).append(row)
        rows.append(row)
    return tuple(rows)


# -------------------------------------------------------------------------------------------

_ARTICLE = re.compile(r"[0-9]{1,3}(-[0-9]{1,2})?|koap-[0-9]{1,3}(-[0-9]{1,2})?")
_PART = re.compile(r"([0-9]{1,2}(-[0-9]{1,2})?)?")


def _article_row(cells: Cells) -> ArticleRow:
    return ArticleRow(
        article=cells.like("article", _ARTICLE, "188 or 188-1"),
        part=cells.like("part", _PART, "3 or 3-1"),
        offence_group=cells.one_of("offence_group", (*GROUPS, DRUGS, "")),
        gravity=int(cells.one_of("gravity", tuple("01234"))),
        severity_days=cells.days("severity_days"),
        exact=cells.filled("severity_source") == EXACT,
        discretion=cells.yes("discretion"),
        sensitive=cells.yes("sensitive"),
        child_rule=cells.one_of("child_rule", ("", ALWAYS, UNLESS_ADULT, IF_MINOR)),
        **cells.dated(),
    )
