"""Read house numbers as people write them: "12", "12а", "12/1", "д. 12 корп. 2"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from data.importers.values.look_alikes import fold

_FLAT = re.compile(r"[,\s]*\b(?:кв|квартира|пәтер|пәт|apt|flat|офис|оф)\b\.?.*$")
_WORDS = re.compile(r"\b(?:дом|үй|уй|д|ү|house|no|№)\b\.?|№|-\s*(?:үй|уй)\b")
_BLOCK = re.compile(
    r"[,\s]*(?:\b|(?<=[0-9]))(?:корпус|корп|кор|к|строение|стр|с|блок|бл|block)\b\.?\s*(?=[0-9]|[а-яa-z]\b)"
    r"|(?<=[0-9])к(?=[0-9])"
)
_LETTERS = str.maketrans("abvgdek", "абвгдек")
_NUMBER = re.compile(
    r"(?P<number>[1-9][0-9]{0,4})\s*[-\"«']?\s*(?P<letter>[а-я])?[\"»']?"
    r"(?:\s*[/\\]\s*(?P<part>[0-9]{1,4}\s*[а-я]?|[а-я]))?(?:\s*\|(?P<block>[0-9]{1,3}[а-я]?|[а-я]))?"
)


@dataclass(frozen=True, order=True)
class HouseNumber:
    """A house number in parts.

    Attributes
    ----------
    number
        The number that counts along the street.
    letter, part, block
        "12а", "12/1", "12 корп. 2"; empty where there is none.
    """

    number: int
    letter: str = ""
    part: str = ""
    block: str = ""

    def __str__(self) -> str:
        """Write it in one way."""
        part = f"/{self.part}" if self.part else ""
        return f"{self.number}{self.letter}{part}" + (f" корп. {self.block}" if self.block else "")


def parse_house(text: str | None) -> HouseNumber | None:
    """Read one house number; None where the text is none. A flat's number is left out.

    Examples
    --------
    >>> str(parse_house("д.12 корп 2"))
    '12 корп. 2'
    >>> str(parse_house("12-А"))
    '12а'
    >>> parse_house("б/н") is None
    True
    """
    if not text:
        return None
    plain = _FLAT.sub("", fold(text.replace("№", " ")))
    plain = _WORDS.sub(" ", plain).strip(" .,")
    plain = _BLOCK.sub("|", plain).translate(_LETTERS)
    found = _NUMBER.fullmatch(re.sub(r"\s*\|\s*", "|", plain))
    if found is None:
        return None
    part = (found["part"] or "").replace(" ", "")
    return HouseNumber(int(found["number"]), found["letter"] or "", part, found["block"] or "")
