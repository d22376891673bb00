"""Which words at the head of a column mean which field, in Kazakh, Russian and English.

The words stand in ``header_words.yaml``. Heads are compared folded: case, spaces, punctuation and
soft hyphens do not matter, nor do Latin letters that look like Cyrillic ones.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib import resources

import yaml

_LOOK_ALIKE = str.maketrans("асеорхукмтнвіәһ", "aceopxykmthbiəh")
_IDLE = re.compile(r"[\s_\-./,:;№#()\"'«»\u00ad\u200b\ufeff]+")


def fold_header(text: str) -> str:
    """Return what two heads must share to mean the same.

    Examples
    --------
    >>> fold_header(" Бойлық ") == fold_header("бойлық")
    True
    >>> fold_header("сat") == fold_header("cat")  # the first letter is Cyrillic in one
    True
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _IDLE.sub("", plain).translate(_LOOK_ALIKE)


def mixes_alphabets(text: str) -> bool:
    """Tell whether one word of a head holds Latin and Cyrillic letters together."""
    words = re.findall(r"[^\W\d_]+", text)
    return any(re.search("[a-zA-Z]", word) and re.search("[\u0400-\u04ff]", word) for word in words)


@cache
def header_words(noun: str) -> dict[str, tuple[str, ...]]:
    """Return for each field of a noun the folded heads that mean it, the surest first."""
    text = resources.files(__package__).joinpath("header_words.yaml").read_text(encoding="utf-8")
    listed: dict[str, dict[str, list[str]]] = yaml.safe_load(text)
    return {
        field: tuple(dict.fromkeys(fold_header(word) for word in [field, *words]))
        for field, words in {**listed["every_noun"], **listed[noun]}.items()
    }
