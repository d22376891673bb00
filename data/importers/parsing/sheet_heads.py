"""Where the heads of a sheet stand: below title rows, in one row or in two with merged cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from data.importers.header_words import fold_header, known_heads
from data.importers.parsing.cell_repairs import repair_text
from data.importers.parsing.raw_columns import refusal

SEARCHED_ROWS = 40
"""The heads are looked for among as many rows that are not blank."""

_MOST_COLUMNS = 1000
_SURE = 3  # words of ours that a lower row must hold more than the first full one
_SURE_BELOW = 2  # words of ours under a merged head
_FEWEST_NUMBERED = 5  # "1, 2, 3" may well be data
_VALUE = re.compile(r"[\d\s.,:;/+\-–()°%]*\d[\d\s.,:;/+\-–()°%]*")


@dataclass(frozen=True)
class Heads:
    """The heads of a sheet.

    Attributes
    ----------
    names
        One for each column.
    parents
        Head → the head above it.
    first, rows
        Place of the first row of heads among the rows searched, and how many rows there are,
        a row that only numbers the columns counted.
    """

    names: tuple[str, ...]
    parents: dict[str, str]
    first: int
    rows: int


def find_heads(rows: Sequence[list[str]], place: str) -> Heads:
    """Find the heads among the first rows of a sheet, none of them blank.

    The first row that fills more than half of the columns holds the heads, unless a later one has
    clearly more words that are known as heads.

    Raises
    ------
    InputRefusedError
        ``header_duplicate``, ``csv_invalid`` or ``too_many_columns``.
    """
    cells = [[" ".join(repair_text(cell).split()) for cell in row] for row in rows]
    first, count = _head_rows(cells)
    upper = cells[first]
    lower = cells[first + 1] if count == 2 else None
    names, parents = _named(upper, lower)
    _check_heads(names, place)
    after = first + count
    numbered = after < len(cells) and _only_numbers_columns(cells[after], len(names))
    return Heads(tuple(names), parents, first, count + numbered)


def count_known(row: Sequence[str]) -> int:
    """Count the cells that are known as heads of some noun."""
    known = known_heads()
    return sum(fold_header(cell) in known for cell in row if cell)


# -------------------------------------------------------------------------------------------


def _head_rows(cells: list[list[str]]) -> tuple[int, int]:
    filled = [sum(map(bool, row)) for row in cells]
    widest = _usual_width(filled)
    known = [count_known(row) for row in cells]
    full = [place for place, count in enumerate(filled) if 2 * count > widest]
    first = full[0] if full else 0
    best = max(range(len(cells)), key=lambda place: (known[place], -place))
    if known[best] >= known[first] + _SURE and not any(map(_is_value, cells[best])):
        first = best

    for upper in (first, first - 1):
        if 0 <= upper < len(cells) - 1 and _belong_together(cells[upper], cells[upper + 1]):
            return upper, 2
    return first, 1


def _usual_width(filled: list[int]) -> int:
    # Of widths that are equally frequent the larger one: a head over a single short row.
    counts = Counter(filled)
    return max(counts, key=lambda width: (counts[width], width))


def _is_value(cell: str) -> bool:
    return _VALUE.fullmatch(cell) is not None


def _belong_together(upper: list[str], lower: list[str]) -> bool:
    """Tell whether the upper row holds merged heads over those of the lower one."""
    if any(map(_is_value, (*upper, *lower))) or sum(map(bool, upper)) < 2:
        return False
    width = max(len(upper), len(lower))
    above = [*upper, *[""] * (width - len(upper))]
    below = [*lower, *[""] * (width - len(lower))]
    spanned = {
        place
        for place in range(1, width)
        if below[place] and above[place] in ("", above[place - 1]) and any(above[:place])
    }
    starts = {place - 1 for place in spanned if above[place - 1] and below[place - 1]}
    alone = [place for place in range(width) if below[place] and place not in spanned | starts]
    empty = any(above[place] and not below[place] for place in range(width))
    if not spanned or not starts:
        return False
    if all(below) and len(set(below)) == width:
        return False  # heads of their own, below a title in several cells
    return (not alone and empty) or count_known(lower) >= max(_SURE_BELOW, count_known(upper))


def _named(upper: list[str], lower: list[str] | None) -> tuple[list[str], dict[str, str]]:
    if lower is None:
        return _trimmed(upper), {}
    width = max(len(upper), len(lower))
    below = [*lower, *[""] * (width - len(lower))]
    above: list[str] = []
    for place in range(width):
        own = upper[place] if place < len(upper) else ""
        above.append(own or (above[-1] if above and below[place] else ""))
    names = [low or up for low, up in zip(below, above, strict=True)]
    often = Counter(names)
    joined = [
        f"{up} {low}" if often[name] > 1 and up and low and up != low else name
        for name, up, low in zip(names, above, below, strict=True)
    ]
    heads = _trimmed(joined)
    parents = {
        name: up for name, up, low in zip(heads, above, below, strict=False) if up and low and up
    }
    return heads, parents


def _trimmed(names: Sequence[str]) -> list[str]:
    kept = list(names)
    while kept and not kept[-1]:  # a delimiter at the end of each line
        kept.pop()
    return [name or f"column {place}" for place, name in enumerate(kept, start=1)]


def _only_numbers_columns(row: list[str], width: int) -> bool:
    held = [cell for cell in row if cell]
    return len(held) >= max(_FEWEST_NUMBERED, width - 1) and held == [
        str(n + 1) for n in range(len(held))
    ]


def _check_heads(heads: list[str], place: str) -> None:
    if len(heads) > _MOST_COLUMNS:
        raise refusal(
            "too_many_columns",
            f"{place} has {len(heads)} columns; at most {_MOST_COLUMNS} are read.",
        )
    twice = sorted(head for head, count in Counter(heads).items() if count > 1)
    if twice or any(head.startswith("@") for head in heads):
        raise refusal(
            "header_duplicate" if twice else "csv_invalid",
            f"{place}: "
            + (f"the head {twice[0][:64]!r} stands twice" if twice else "a head begins with @")
            + "; rename it.",
        )
