"""Read lists of streets and houses as decrees write them.

"Абай көшесі 1–45 (тақ), Сарайшық көшесі толық", "ул. Абая, дома 1-45 нечётные, 50, 52а; мкр 4".
Streets and houses are told apart by asking whether a name is a street of the map: "8 Марта" and
"мкр 4" end or begin with numbers that are no houses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from data.importers.places.house_numbers import HouseNumber, parse_house
from data.importers.values.look_alikes import fold

ODD, EVEN = "odd", "even"

IsStreet = Callable[[str], bool]

_LARGEST_NUMBER = 99_999
_BREAKS = re.compile(r"[,;\n]")
_BRACKETS = re.compile(r"\(([^()]*)\)")
_MEANT = re.compile(r"\d|тақ|жұп|чет|толы|полност|целик|odd|even|whole|all")
_ODD = re.compile(
    r"\b(?:тақ|нечет\w*|odd)\b(?:[\s-]*(?:нөмір\w*|номер\w*|жағы?|бет\w*|сторон\w*|numbers?|side))?"
)
_EVEN = re.compile(
    r"\b(?:жұп|чет\w*|even)\b(?:[\s-]*(?:нөмір\w*|номер\w*|жағы?|бет\w*|сторон\w*|numbers?|side))?"
)
_WHOLE = re.compile(
    r"\b(?:толық\w*|полностью|целиком|вся|весь|все|барлы[қг]\w*|whole|entire|all)\b"
    r"(?:\s+(?:дома|үйлер\w*|улица|houses))?"
)
_HOUSES = re.compile(r"\b(?:дома|домов|дом|д|үйлері|үйлер|үй|уй|houses?|нөмірлері)\b\.?")
_CASE = re.compile(
    r"(?<=\d)\s*-?\s*(?:ден|дан|тен|тан|нен|нан|ке|ге|қа|ға|ші|шы|нші|ншы|інші|ыншы)\b"
)
_UP_TO = re.compile(r"\b(?:до|по|дейін|to|until)\b")
_FROM = re.compile(r"\b(?:с|со|от|бастап|from)\b")
_END = re.compile(
    r"\b(?:конца|соңына|аяғына|(?:the )?end|и выше|и далее|және одан (?:жоғары|әрі))\b"
)
_AND = re.compile(r"\s+(?:и|және|and)\s+")
_LETTERS = re.compile(r"[^\W\d_]{2}|[^\W\d_]\.")


@dataclass(frozen=True)
class HouseRange:
    """Houses from one number to another; of one side only where it is said.

    Attributes
    ----------
    low, high
        Both belong to it; a single house has the same in both. ``high`` is None up to the end.
    side
        ``odd``, ``even`` or None.
    """

    low: HouseNumber
    high: HouseNumber | None
    side: str | None = None

    def covers(self, house: HouseNumber) -> bool:
        """Tell whether a house is meant; a single one must agree in letter and block too."""
        if self.low == self.high:
            return house == self.low
        if self.side is not None and house.number % 2 != (self.side == ODD):
            return False
        return self.low.number <= house.number and (
            self.high is None or house.number <= self.high.number
        )


@dataclass(frozen=True)
class ListedStreet:
    """One street of a list.

    Attributes
    ----------
    text
        As written.
    street
        Its name, folded.
    houses
        Which of its houses; none where all are meant.
    """

    text: str
    street: str
    houses: tuple[HouseRange, ...] = ()


@dataclass(frozen=True)
class Listing:
    """What was read of a text, and which of its parts could not be read."""

    streets: tuple[ListedStreet, ...]
    unread: tuple[str, ...]


def read_house_list(text: str, is_street: IsStreet) -> Listing:
    """Read a list of streets with their houses.

    Parameters
    ----------
    is_street
        Tells whether the map knows a street of a name.

    Examples
    --------
    >>> found = read_house_list("ул. Абая, дома 1-45 нечётные, 50", lambda name: False)
    >>> [(one.street, len(one.houses)) for one in found.streets]
    [('ул. абая', 2)]
    """
    streets: list[ListedStreet] = []
    unread: list[str] = []
    for part in _parts(text):
        plain = _plain(part)
        houses = _read_houses(plain)
        if houses and streets:
            last = streets[-1]
            joined = (*last.houses, *houses)
            streets[-1] = replace(last, text=f"{last.text}, {part}", houses=joined)
            continue
        if streets and not _bare(plain):
            streets[-1] = _with_side(streets[-1], _side_of(plain))
            continue
        found = list(_streets_of(part, plain, is_street))
        streets += found
        if not found:
            unread.append(part)
    return Listing(tuple(streets), tuple(unread))


# -------------------------------------------------------------------------------------------


def _parts(text: str) -> list[str]:
    """Split at commas; brackets with an old name go, those that tell houses open."""
    opened = _BRACKETS.sub(
        lambda found: f" {found[1]} " if _MEANT.search(fold(found[1])) else " ", text
    )
    return [part.strip(" .") for part in _BREAKS.split(opened) if part.strip(" .")]


def _plain(part: str) -> str:
    told = fold(part.replace("№", " "))
    return " ".join(_CASE.sub("", told.replace("…", "-").replace("..", "-")).split())


def _bare(plain: str) -> str:
    """Return what is left without the words for houses, for all of them and for their side."""
    named = _HOUSES.sub(" ", _ODD.sub(" ", _EVEN.sub(" ", plain)))
    return " ".join(_WHOLE.sub(" ", named).split()).strip(" .:-")


def _with_side(street: ListedStreet, side: str | None) -> ListedStreet:
    """Let a side that is told after the houses hold for those of which none was told."""
    if side is None:
        return street
    every = HouseRange(HouseNumber(1), None, side)
    houses = tuple(replace(one, side=one.side or side) for one in street.houses)
    return replace(street, houses=houses or (every,))


def _streets_of(part: str, plain: str, is_street: IsStreet) -> Iterator[ListedStreet]:
    whole = _WHOLE.sub(" ", plain).strip(" .:-")
    if is_street(whole):
        yield ListedStreet(part, whole)
        return
    pair = _AND.split(whole)
    if len(pair) > 1 and all(is_street(name) for name in pair):
        yield from (ListedStreet(part, name) for name in pair)
        return
    words = plain.split()
    for at in range(1, len(words)):
        name = " ".join(words[:at]).strip(" .:-")
        houses = _read_houses(" ".join(words[at:]))
        if houses and _LETTERS.search(name):
            yield ListedStreet(part, name, houses)
            return
    side = _side_of(whole)
    name = _bare(plain) if side else whole
    if _LETTERS.search(name):
        yield _with_side(ListedStreet(part, name), side)


def _side_of(text: str) -> str | None:
    odd, even = bool(_ODD.search(text)), bool(_EVEN.search(text))
    return None if odd == even else ODD if odd else EVEN


def _read_houses(text: str) -> tuple[HouseRange, ...]:
    """Read "дома 1-45 нечетные" or "с 2 по 10 и 14"; nothing where it is no list of houses."""
    side = _side_of(text)
    bare = _bare(text)
    if not bare:
        return ()
    ranges = [_read_range(part.strip(" .:"), side) for part in _AND.split(bare)]
    return tuple(one for one in ranges if one) if all(ranges) else ()


def _read_range(text: str, side: str | None) -> HouseRange | None:
    open_ended = _END.search(text)
    bare = _END.sub(" ", text) if open_ended else text
    joined = _FROM.sub(" ", _UP_TO.sub("-" if not open_ended else " ", bare)).strip(" -")
    ends = [parse_house(end.strip()) for end in re.split(r"\s*-\s*(?=\d)|\s+(?=\d+$)", joined)]
    if not ends or len(ends) > 2 or None in ends:
        return None
    low, high = ends[0], ends[-1]
    assert low is not None
    assert high is not None
    if open_ended:
        return HouseRange(low, None, side) if len(ends) == 1 else None
    return HouseRange(low, high, side) if low.number <= high.number else None
