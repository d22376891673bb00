"""Which words at the head of a column mean which field, in Kazakh, Russian and English.

The words stand in ``header_words.yaml``. Heads are compared folded: case, spaces, punctuation and
soft hyphens do not matter, nor do Latin letters that look like Cyrillic ones.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache
from importlib import resources

import yaml

from data.importers.mapping import SourceMapping

_LOOK_ALIKE = str.maketrans("асеорхукмтнвіәһёñŋ", "aceopxykmthbiəheңң")
_IDLE = re.compile(r"[\s_\-./,:;№#()\"'«»°\u00ad\u200b\ufeff]+")
_ASIDE = re.compile(r"[(\[][^()\[\]]*[)\]]")
# Latin letters of both Kazakh scripts of 2018 and 2021 without what stands over and under them.
_LATIN = str.maketrans("äáöóüúūýğǵşńıïô", "aaoouuuyggsniio")
# Kazakh words are also typed with the letters that a Russian keyboard has.
_PLAIN_KAZAKH = str.maketrans("қғңəөүұi", "kгhaoyyи")


def fold_header(text: str) -> str:
    """Return what two heads must share to mean the same.

    Examples
    --------
    >>> fold_header(" Бойлық ") == fold_header("бойлық")
    True
    >>> fold_header("сat") == fold_header("cat")  # the first letter is Cyrillic in one
    True
    >>> fold_header("Kúni") == fold_header("Küni")
    True
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _IDLE.sub("", plain).translate(_LATIN).translate(_LOOK_ALIKE)


def fold_heads(heads: Iterable[str]) -> dict[str, str]:
    """Return for every form in which a head may be known the head itself; surer forms go first.

    Beside the whole head that is the head without what stands in brackets, and that in the
    letters of a Russian keyboard. A form that two heads share means neither.

    Examples
    --------
    >>> fold_heads(["Күні (дд.мм.гггг)", "Ендик"])[fold_header("күні")]
    'Күні (дд.мм.гггг)'
    """
    heads = list(heads)
    found: dict[str, str] = {}
    for head in heads:
        found.setdefault(fold_header(head), head)
    bare = {head: fold_header(_ASIDE.sub(" ", head)) for head in heads}
    for forms in (bare, {head: _keyed(form) for head, form in bare.items()}):
        often = Counter(forms.values())
        for head, form in forms.items():
            if form and often[form] == 1:
                found.setdefault(form, head)
    return found


def mixes_alphabets(text: str) -> bool:
    """Tell whether one word of a head holds Latin and Cyrillic letters together."""
    words = re.findall(r"[^\W\d_]+", text)
    return any(re.search("[a-zA-Z]", word) and re.search("[\u0400-\u04ff]", word) for word in words)


@cache
def header_words(noun: str) -> dict[str, tuple[str, ...]]:
    """Return for each field of a noun the folded heads that mean it, the surest first."""
    text = resources.files(__package__).joinpath("header_words.yaml").read_text(encoding="utf-8")
    listed: dict[str, dict[str, list[str]]] = yaml.safe_load(text)
    found = {}
    for field, words in {**listed["every_noun"], **listed[noun]}.items():
        folded = [fold_header(word) for word in [field, *words]]
        found[field] = tuple(dict.fromkeys(folded + [_keyed(word) for word in folded]))
    return found


def match_heads(present: Iterable[str], noun: str, mapping: SourceMapping) -> dict[str, str]:
    """Return field → head: what the mapping declares, then the heads that are known words."""
    folded = fold_heads([head for head in present if not head.startswith("@")])
    heads = dict(mapping.columns)
    taken = set(heads.values())
    for field, words in header_words(noun).items():
        found = next(
            (folded[word] for word in words if folded.get(word) not in {None, *taken}), None
        )
        if field not in heads and field not in mapping.constants and found is not None:
            heads[field] = found
            taken.add(found)
    return heads


@cache
def known_heads() -> frozenset[str]:
    """Return the folded heads that mean a field of any noun: a row of them is a row of heads."""
    text = resources.files(__package__).joinpath("header_words.yaml").read_text(encoding="utf-8")
    listed: dict[str, dict[str, list[str]]] = yaml.safe_load(text)
    return frozenset(
        fold_header(word)
        for fields in listed.values()
        for field, words in fields.items()
        for word in [field, *words]
    )


# -------------------------------------------------------------------------------------------


def _keyed(folded: str) -> str:
    return folded.translate(_PLAIN_KAZAKH)
