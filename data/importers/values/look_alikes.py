"""Letters that look alike: one word in two alphabets is meant as a word of one.

People type Latin i for Kazakh і, old Kazakh fonts put ñ for ң, and spreadsheets keep hidden
characters. Texts that are compared with words of ours are compared folded.
"""

from __future__ import annotations

import re
import unicodedata

import pandas as pd

from data.distinct_words import map_words

_TO_CYRILLIC = str.maketrans(
    "aceopxyikmtbhəñïıɵ",
    "асеорхуікмтвнәңііө",
)
_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC = re.compile("[\u0400-\u052f]")
_HIDDEN = str.maketrans(dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_SPACE = re.compile(r"\s+")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))


def fold(text: str) -> str:
    """Return what two texts must share to be the same words.

    Case, kinds of space and dash, soft hyphens and ё do not matter; a word with a Cyrillic letter
    is taken as Cyrillic throughout.

    Examples
    --------
    >>> fold("Не\u00a0гopит") == fold("не горит")  # Latin o and p
    True
    >>> fold("жұмыс iстейдi")
    'жұмыс істейді'
    >>> fold("Park")
    'park'
    """
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_HIDDEN).translate(_DASHES)
    plain = _SPACE.sub(" ", plain).strip().replace("ё", "е")
    return fold_letters(plain)


def fold_letters(text: str) -> str:
    """Write every word that has a Cyrillic letter in Cyrillic letters; the length stays the same.

    The text must be in lower case.
    """
    if not _CYRILLIC.search(text):
        return text
    return _WORD.sub(_in_one_alphabet, text)


def fold_texts(texts: pd.Series) -> pd.Series:
    """Fold a column, each distinct text once; missing stays missing."""
    return map_words(texts, fold)


# -------------------------------------------------------------------------------------------


def _in_one_alphabet(word: re.Match[str]) -> str:
    found = word[0]
    return found.translate(_TO_CYRILLIC) if _CYRILLIC.search(found) else found
