"""Find personal data at the door: no file that holds it is taken.

A column is personal by its head, or when at least three of its values and a fifth of them look
like personal data. A single find in another text puts that row aside. No value is ever shown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from data.importers.parsing.personal_heads import personal_head
from data.importers.parsing.personal_names import LIKELY_NAME, heads_places, holds_name
from data.importers.parsing.personal_numbers import (
    begin_with_birth,
    digits_of,
    is_personal_number,
    keep_control_digit,
)
from geo.errors import InputRefusedError

SHARE = 0.2
FEWEST = 3

_NUMBER = "personal number"
_SHAPES = {
    "telephone": r"(?:^|[^0-9+])(?:\+7|8)[ \-(]*7[0-9]{2}[ \-)]*"
    r"[0-9]{3}[ \-]*[0-9]{2}[ \-]*[0-9]{2}(?:$|[^0-9])",
    "e-mail": r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+\.[A-Za-z]{2,}",
}
_TWELVE = r"(?:^|[^0-9])[0-9]{12}(?:$|[^0-9])"
_TWELVE_DIGITS = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
_IDENTIFIER = re.compile(r"\{?[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?")
_SHORTEST_NUMBER = 11
_SHORTEST_NAME = 8
# Of random numbers that begin like a birth day one in eleven keeps the control digit.
_MORE_THAN_CHANCE = 0.3
_ENOUGH_TO_TELL = 8

_AT, _LETTER, _DIGIT = 1, 2, 4
_CLASSES = np.zeros(256, np.uint8)
_CLASSES[ord("@")] = _AT
_CLASSES[[*range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1), *range(0x80, 0x100)]] = (
    _LETTER
)
_CLASSES[ord("0") : ord("9") + 1] = _DIGIT


@dataclass
class _Column:
    """What was seen of one column so far; ``bare`` are cells of twelve digits and nothing else."""

    of_place: bool
    present: int = 0
    hits: Counter[str] = field(default_factory=Counter)
    bare_births: int = 0
    bare_kept: int = 0

    def bare_are_people(self) -> bool:
        """Tell whether the bare numbers are personal ones, or ids that look so by chance."""
        few = self.bare_births < _ENOUGH_TO_TELL
        return few or self.bare_kept > _MORE_THAN_CHANCE * self.bare_births


class PersonalGate:
    """Searches a table block by block.

    Parameters
    ----------
    heads
        Head → the head above it, or an empty text.
    file_name
        For messages.

    Raises
    ------
    InputRefusedError
        ``personal_data``: a column is personal by its head.
    """

    def __init__(self, heads: Mapping[str, str], file_name: str) -> None:
        self._file_name = file_name
        self._columns = {head: _Column(heads_places(f"{head} {up}")) for head, up in heads.items()}
        for head, parent in heads.items():
            kind = personal_head(head, parent)
            if kind:
                raise self._refusal(head, kind)

    def search(self, columns: Mapping[str, pa.Array]) -> dict[int, str]:
        """Return the rows of a block with a find: row → "column (kind)" of its first one."""
        found: dict[int, str] = {}
        for head, texts in columns.items():
            column = self._columns[head]
            column.present += len(texts) - texts.null_count
            shown = _what_it_shows(texts)
            for kind, rows in _finds(texts, shown, column.of_place).items():
                column.hits[kind] += len(rows)
                found |= {row: f"{head} ({kind})" for row in rows.tolist() if row not in found}
            for row in _bare_numbers(texts, shown, column):
                found.setdefault(int(row), f"{head} ({_NUMBER})")
        return found

    def finish(self) -> None:
        """Refuse the table if a column turned out to be personal.

        Raises
        ------
        InputRefusedError
            ``personal_data``: names the column and the kind, never a value.
        """
        for head, column in self._columns.items():
            hits = Counter(column.hits)
            if column.bare_are_people():
                hits[_NUMBER] += column.bare_kept
            for kind, count in hits.most_common(1):
                if count >= FEWEST and count >= SHARE * column.present:
                    raise self._refusal(head, kind)

    def _refusal(self, head: str, kind: str) -> InputRefusedError:
        return InputRefusedError(
            f"{self._file_name}: column {head[:64]!r} holds personal data ({kind}). Take the "
            "column out and bring the file again; nothing was stored.",
            code="personal_data",
        )


# -------------------------------------------------------------------------------------------


def _what_it_shows(texts: pa.Array) -> tuple[int, int]:
    """Return the classes of signs in a column, as bits, and the length of its longest text."""
    data = texts.buffers()[2]
    if data is None or not data.size:
        return 0, 0
    classes = int(np.bitwise_or.reduce(_CLASSES[np.frombuffer(data, np.uint8)]))
    return classes, pc.max(pc.binary_length(texts)).as_py() or 0


def _finds(texts: pa.Array, shown: tuple[int, int], of_place: bool) -> dict[str, npt.NDArray[Any]]:
    classes, longest = shown
    tests: dict[str, tuple[str, Callable[[str], bool] | None]] = {}
    if classes & _DIGIT and longest >= _SHORTEST_NUMBER:
        tests["telephone"] = (_SHAPES["telephone"], _is_no_identifier)
    if classes & _AT:
        tests["e-mail"] = (_SHAPES["e-mail"], None)
    if classes & _LETTER and longest >= _SHORTEST_NAME:
        tests["name of a person"] = (LIKELY_NAME, lambda text: holds_name(text, of_place=of_place))
        tests[_NUMBER] = (_TWELVE, _holds_personal_number)
    elif classes & _DIGIT and longest > len("900101300012"):
        tests[_NUMBER] = (_TWELVE, _holds_personal_number)
    if not tests:
        return {}

    encoded = texts.dictionary_encode()
    at = encoded.indices.fill_null(len(encoded.dictionary)).to_numpy(zero_copy_only=False)
    found = {}
    for kind, (likely, surely) in tests.items():
        hits = np.zeros(len(encoded.dictionary) + 1, bool)  # the last one stands for null
        mask = pc.match_substring_regex(encoded.dictionary, likely)
        hits[:-1] = mask.to_numpy(zero_copy_only=False)
        for place in np.flatnonzero(hits):
            hits[place] = surely is None or surely(encoded.dictionary[int(place)].as_py())
        if hits.any():
            found[kind] = np.flatnonzero(hits[at])
    return found


def _is_no_identifier(text: str) -> bool:
    """Tell whether a text is none of the ids that machines draw, in which any digits may meet."""
    return _IDENTIFIER.fullmatch(text.strip()) is None


def _holds_personal_number(text: str) -> bool:
    numbers = _TWELVE_DIGITS.findall(text) if _is_no_identifier(text) else []
    return numbers != [text] and any(map(is_personal_number, numbers))


def _bare_numbers(texts: pa.Array, shown: tuple[int, int], column: _Column) -> Iterable[int]:
    """Return the rows whose whole text is a personal number; none while that may be chance."""
    classes, longest = shown
    if not classes & _DIGIT or longest < len("900101300012"):
        return ()
    bare = pc.fill_null(pc.match_substring_regex(texts, r"^[0-9]{12}$"), False)
    rows = np.flatnonzero(bare.to_numpy(zero_copy_only=False))
    if not len(rows):
        return ()
    digits = digits_of(texts.filter(bare).to_pylist())
    births = begin_with_birth(digits)
    kept = births & keep_control_digit(digits)
    column.bare_births += int(births.sum())
    column.bare_kept += int(kept.sum())
    return rows[kept].tolist() if column.bare_are_people() else ()
