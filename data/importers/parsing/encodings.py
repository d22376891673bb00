"""In which encoding a text file was written.

What is declared goes first, then a byte order mark, then UTF-8 if the bytes are that throughout.
The old eight-bit encodings cannot be told by any rule of theirs: each reads any bytes as some
letters. They are judged by how often Kazakh and Russian use the letters that come out, over all
bytes of the file. Where two remain likely, the file is refused and both are named.
"""

from __future__ import annotations

import codecs
import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from data.importers.parsing.raw_columns import refusal

CANDIDATES = ("cp1251", "kz1048", "ptcp154", "cp866", "koi8-r")

_SAMPLE_BYTES = 1 << 20
_CHUNK = 1 << 20
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# How often a letter stands in a hundred of running text, both languages mixed half and half.
_RUSSIAN = {
    "о": 11.0, "е": 8.5, "а": 8.0, "и": 7.4, "н": 6.7, "т": 6.3, "с": 5.5, "р": 4.7, "в": 4.5,
    "л": 4.4, "к": 3.5, "м": 3.2, "д": 3.0, "п": 2.8, "у": 2.6, "я": 2.0, "ы": 1.9, "ь": 1.7,
    "г": 1.7, "з": 1.6, "б": 1.6, "ч": 1.4, "й": 1.2, "х": 1.0, "ж": 0.9, "ш": 0.7, "ю": 0.6,
    "ц": 0.5, "щ": 0.4, "э": 0.3, "ф": 0.3, "ъ": 0.04, "ё": 0.1,
}  # fmt: skip
_KAZAKH = {
    "а": 12.5, "е": 8.5, "ы": 7.5, "н": 6.5, "т": 6.5, "р": 6.0, "і": 5.5, "л": 5.0, "д": 4.8,
    "с": 4.5, "қ": 3.5, "м": 3.4, "к": 3.2, "ж": 2.3, "б": 2.6, "о": 2.8, "у": 2.2, "й": 2.1,
    "г": 2.0, "ғ": 2.0, "ң": 1.6, "и": 1.6, "п": 1.5, "з": 1.6, "ш": 1.6, "ұ": 1.0, "ө": 1.0,
    "ү": 1.0, "ә": 1.2, "в": 0.4, "х": 0.4, "э": 0.2, "я": 0.4, "ф": 0.2, "ц": 0.2, "ю": 0.2,
    "ч": 0.1, "һ": 0.05, "ь": 0.1, "ё": 0.05, "щ": 0.05, "ъ": 0.02,
}  # fmt: skip
_SIGNS = {"№": 1.0, "«": 0.5, "»": 0.5, "–": 0.5, "—": 0.5, "\xa0": 0.5, "°": 0.2, "“": 0.1,
          "”": 0.1, "„": 0.1, "…": 0.1, "’": 0.1, "′": 0.1, "­": 0.05}  # fmt: skip
_NEVER = 0.0005  # in a hundred
_SURE = 7.0  # the likelier reading must be e^7 (a thousand) times as likely
_TYPICAL = -4.6  # mean logarithm of a letter's share in real text is about -3
_INNER_CAPITAL = re.compile(r"[а-яёәғқңөұүһі][А-ЯЁӘҒҚҢӨҰҮҺІ]")
_CAPITAL_COST = 2.0
_BROKEN_SHARE = 0.05


@dataclass(frozen=True)
class Encoding:
    """Name of an encoding as Python knows it, and how it was found, in one short sentence."""

    name: str
    evidence: str


def find_encoding(path: Path, declared: str | None) -> Encoding:
    """Return the encoding of a text file.

    Raises
    ------
    InputRefusedError
        ``encoding_unknown``: the declared one does not exist, or none is certain; names those
        that are likely.
    """
    if declared is not None:
        try:
            io.TextIOWrapper(io.BytesIO(), declared)  # some codecs are none of text
        except LookupError as error:
            raise refusal("encoding_unknown", f"There is no encoding {declared[:40]!r}.") from error
        return Encoding(declared, "it was declared")
    with path.open("rb") as file:
        sample = file.read(_SAMPLE_BYTES)
    marked = next((name for mark, name in _MARKS.items() if sample.startswith(mark)), None)
    if marked:
        return Encoding(marked, "the file begins with its byte order mark")
    if wide := wide_encoding(sample):
        return Encoding(wide, "every second byte is that of a Latin or Cyrillic letter's block")
    if evidence := _utf8_evidence(path, sample):
        return Encoding("utf-8", evidence)
    return _judge(path, sample)


def wide_encoding(sample: bytes) -> str | None:
    """Return UTF-16 of either byte order where text without a mark is certainly in it."""
    pairs = np.frombuffer(sample[: len(sample) // 2 * 2], np.uint8).reshape(-1, 2)
    if len(pairs) < 4:
        return None
    for place, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        high, low = pairs[:, place], pairs[:, 1 - place]
        in_block = np.isin(high, (0x00, 0x04, 0x20, 0x21)).mean()
        if in_block > 0.98 and (low == 0).mean() < 0.02 and (high < 0x05).mean() > 0.9:
            return name
    return None


# -------------------------------------------------------------------------------------------


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _utf8_evidence(path: Path, sample: bytes) -> str | None:
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(sample)
    letters = sum(sign > "\x7f" for sign in text)
    broken = text.count("\ufffd")
    # A byte that is broken on the way makes no other encoding of the file: it is refused later,
    # with its row.
    if letters and broken < _BROKEN_SHARE * letters:
        return f"{letters - broken} letters beyond ASCII at its beginning are valid UTF-8"
    if broken:
        return None
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in _chunks(path):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return "every byte of the file is valid UTF-8"


def _judge(path: Path, sample: bytes) -> Encoding:
    counts = np.zeros(256, np.int64)
    for chunk in _chunks(path):
        counts += np.bincount(np.frombuffer(chunk, np.uint8), minlength=256)
    high = int(counts[0x80:].sum())
    scores = {
        name: _likelihood(counts, name) - _capitals_within_words(sample, name)
        for name in CANDIDATES
    }
    # Encodings that read these very bytes alike are one reading.
    readings: dict[str, str] = {}
    for name in CANDIDATES:
        readings.setdefault(_letters_of(counts, name), name)
    ranked = sorted(readings.values(), key=lambda name: -scores[name])
    best, *others = ranked
    rivals = [name for name in others if scores[best] - scores[name] < _SURE]
    if rivals or scores[best] / high < _TYPICAL:
        named = " or ".join((best, *rivals))
        raise refusal(
            "encoding_unknown",
            f"{path.name} is not UTF-8, and its {high} other letters do not tell for certain what "
            f"it is; perhaps {named}. Name it, such as --encoding {best}.",
        )
    margin = scores[best] - max((scores[name] for name in others), default=-math.inf)
    return Encoding(
        best,
        f"its {high} letters beyond ASCII read as Kazakh or Russian best in {best}"
        + (
            f"; next comes {ranked[1]}, e^{min(margin, 9999):.0f} times less likely"
            if others
            else ""
        ),
    )


def _letter_shares() -> dict[str, float]:
    shares = {sign: share / 100 for sign, share in _SIGNS.items()}
    for letter in {*_RUSSIAN, *_KAZAKH}:
        share = (_RUSSIAN.get(letter, 0.0) + _KAZAKH.get(letter, 0.0)) / 200
        shares[letter] = shares[letter.upper()] = share
    return shares


def _decoded(byte: int, name: str) -> str:
    return bytes([byte]).decode(name, "replace")


def _likelihood(counts: npt.NDArray[np.int64], name: str) -> float:
    shares = _letter_shares()
    return sum(
        int(counts[byte]) * math.log(shares.get(_decoded(byte, name), _NEVER / 100))
        for byte in range(0x80, 0x100)
        if counts[byte]
    )


def _letters_of(counts: npt.NDArray[np.int64], name: str) -> str:
    return "".join(_decoded(byte, name) for byte in range(0x80, 0x100) if counts[byte])


def _capitals_within_words(sample: bytes, name: str) -> float:
    text = sample.decode(name, "replace")
    return _CAPITAL_COST * len(_INNER_CAPITAL.findall(text))
