"""Fold a street's name so that its spellings in Kazakh, Russian and English meet.

A folded name is a key for comparing, never shown: «ул. Құрманғазы», «Курмангазы көшесі» and
«Kurmangazy str.» share one. Letters that Kazakh has beyond Russian are written as their nearest
Russian ones, sounds that are often confused fall together, and case endings are cut off.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from data.importers.values.look_alikes import fold

PLACED_SCORE = 85.0
"""Least score at which a written name is taken for a street of the map."""
TOO_CLOSE = 4.0
"""Two different streets whose scores differ by less are both meant, or neither."""
PART_OF_NAME = 92.0
SHORTEST_ALIKE = 6
"""Shorter names must agree in every letter of their keys: школа is not Школьная."""
SAME_CONSONANTS = 88.0
"""Of names that differ in vowels alone: Қонаев, Кунаева; Жамбыл, Джамбула."""
OTHER_CLASS = 12.0
OTHER_KIND = 2.0

STREET, LANE, QUARTER, SQUARE, ROAD = "street", "lane", "quarter", "square", "road"
_KIND_WORDS = (
    ("street", STREET, "ул улица улицы улице көшесі көше көш кош кошеси кошесі str street st"),
    ("street", STREET, "koshesi улиц улицами көшелер көшелері көшелерінің көшесінің көшесімен"),
    ("avenue", STREET, "пр прт пркт прс просп проспект проспекта проспекту даңғылы даңғыл даң дан"),
    ("avenue", STREET, "даңғылының дангылы ave av avenue dangyly"),
    ("boulevard", STREET, "бульвар бульвара бул бр булв бульв гүлзар boulevard blvd"),
    ("lane", LANE, "пер переулок переулка тұйығы тұйық тұй тупик туп lane"),
    ("passage", LANE, "проезд прд өткелі өткел passage"),
    ("quarter", QUARTER, "мкр мкрн мкн мрн микрорайон микрорайона ша ыа mkr microdistrict"),
    ("quarter", QUARTER, "шағынаудан шағынауданы ықшамаудан ықшамауданы мөлтекаудан"),
    ("quarter", QUARTER, "село аул ауыл ауылы пос поселок кент кенті станция разъезд снт"),
    ("square", SQUARE, "пл площадь площади алаңы алаң sq square"),
    ("road", ROAD, "шоссе тракт трасса тасжол тасжолы автодорога road"),
)
KINDS = {word: (kind, where) for kind, where, words in _KIND_WORDS for word in words.split()}
"""Word of a kind → kind, and the class within which kinds are often mistaken for one another."""
_JOINED = (
    (re.compile(r"\b(?:шағын|ықшам|шагын|мөлтек)\s+аудан(?:ы|да)?\b"), "шағынаудан"),
    (re.compile(r"\bтас\s+жол(?:ы|да)?\b"), "тасжол"),
    (re.compile(r"\bк-с[іи]\b"), "көшесі"),
    (re.compile(r"\bпр-(к?т|д)\b"), r"пр\1"),
    (re.compile(r"\bб-р\b"), "бр"),
    (re.compile(r"\bм-?к?р-?н\b"), "мкр"),
    (re.compile(r"\b([ыш])\.\s?а\b\.?"), r"\1а"),
    (re.compile(r"\b([ыш])/а\b"), r"\1а"),
    (re.compile(r"(?<=\d)-?(?:я|й|ая|ый|ой|ші|шы|нші|ыншы|інші)\b"), ""),
)
_IDLE = frozenset({
    "им", "имени", "атындағы", "атындагы", "академик", "академика", "генерал", "генерала",
    "маршал", "маршала", "профессор", "профессора", "герой", "героя",
})  # fmt: skip
_NOT_LETTER = re.compile(r"[^\w]+|_")
_IN_BRACKETS = re.compile(r"\(([^)]*)\)")
_LATIN = {
    "shch": "щ", "dzh": "ж", "sh": "ш", "ch": "ч", "zh": "ж", "kh": "х", "ts": "ц", "yu": "ю",
    "ya": "я", "yo": "е", "ye": "е", "gh": "г", "dj": "ж", "ph": "ф", "ʻ": "", "ʼ": "",
    **dict(zip("abcdefghijklmnopqrstuvwxyz", "абкдефгхижклмнопкрстувухиз", strict=True)),
    **dict(zip("äáğǵıñńöóşūüúý", "ааггинноошуууу", strict=True)),
}  # fmt: skip
"""Latin letters of both Kazakh scripts and of transliteration, longer groups first."""
_NEAREST = str.maketrans("әғқңөұүһіїэыйщ", "агкноууxииеииш".replace("x", "х"), "ъь'’`")
_SOUNDS = ((re.compile("дж"), "ж"), (re.compile(r"\bуа"), "ва"), (re.compile("еу(?=р)"), "ев"))
_SOFT = str.maketrans({"я": "иа", "ю": "иу"})
_VOWELS = re.compile("[аеиоу]")
_TWICE = re.compile(r"([^\W\d])\1+")
_ADJECTIVE = re.compile(r"(?<=.{2}ск)(?:аиа|ии|иого|ого|ои|ое|и|а)$")
_ENDINGS = re.compile(r"(?<=.{3})(?:аиа|ого|его|ои|еи|ое|ее|а)$")


@dataclass(frozen=True)
class FoldedName:
    """A street's name, ready to be compared.

    Attributes
    ----------
    key
        Its words without the word of its kind, folded, in alphabetic order.
    kind
        ``street``, ``avenue``, …; None where it was not said.
    where
        Class of the kind; a name without a kind counts as a street.
    numbers
        Numbers in the name: "8 Марта" is never "3 Марта".
    """

    key: str
    kind: str | None
    where: str
    numbers: tuple[str, ...]


@lru_cache(maxsize=1 << 16)
def fold_street(text: str) -> FoldedName:
    """Fold one name.

    Examples
    --------
    >>> fold_street("пр. Абая").key == fold_street("Абай даңғылы").key
    True
    >>> fold_street("8 Марта").numbers
    ('8',)
    """
    plain = _in_cyrillic(_IN_BRACKETS.sub(" ", text))
    plain = plain if plain.strip() else _in_cyrillic(text)
    for pattern, word in _JOINED:
        plain = pattern.sub(word, plain)
    words = [word for word in _NOT_LETTER.split(plain) if word]
    kinds = [KINDS[word] for word in words if word in KINDS]
    core = [word for word in words if word not in KINDS and word not in _IDLE]
    # Initials say little; a name of nothing but them, or of a kind's word, is kept as it stands.
    core = [word for word in core if len(word) > 1 or word.isdigit()] or core or words
    folded = sorted(_fold_word(word) for word in core)
    numbers = tuple(re.findall(r"\d+", " ".join(folded)))
    kind, where = kinds[0] if kinds else (None, STREET)
    return FoldedName(" ".join(folded), kind, where, numbers)


def name_variants(text: str) -> list[str]:
    """Split a written name into the names it holds: "пр. Достык (Ленина); Достық".

    Examples
    --------
    >>> name_variants("пр. Достык (Ленина)")
    ['пр. Достык', 'Ленина']
    """
    names = []
    for part in re.split(r"[;|]", text):
        inner = _IN_BRACKETS.findall(part)
        names += [_IN_BRACKETS.sub(" ", part).strip(), *(name.strip() for name in inner)]
    return list(dict.fromkeys(name for name in names if _names_something(name)))


def match_score(written: FoldedName, known: FoldedName) -> float:
    """Tell how well two names match, 0 to 100.

    100 for equal keys, `PART_OF_NAME` where one holds all words of the other ("Ади Шарипова",
    "Шарипова"), else the likeness of their letters; less where the kinds differ.
    """
    if written.numbers != known.numbers or not written.key or not known.key:
        return 0.0
    score = _key_score(written.key, known.key)
    if written.kind is None or known.kind is None or written.kind == known.kind:
        # A quarter or a lane is named as such; a name without a kind is hardly ever one.
        return max(score - (OTHER_KIND if written.where != known.where else 0.0), 0.0)
    return max(score - (OTHER_KIND if written.where == known.where else OTHER_CLASS), 0.0)


# -------------------------------------------------------------------------------------------


def _in_cyrillic(text: str) -> str:
    plain = fold(text.replace("№", " "))
    return " ".join(word if word in KINDS else _from_latin(word) for word in plain.split())


def _from_latin(word: str) -> str:
    if not re.search("[a-zʻʼ]", word):
        return word
    if word.rstrip(".,") in KINDS:
        return word
    for latin, cyrillic in _LATIN.items():
        word = word.replace(latin, cyrillic)
    return word


def _names_something(name: str) -> bool:
    key = fold_street(name).key
    return len(key) > 1 or key.isdigit()


def _fold_word(word: str) -> str:
    word = word.translate(_NEAREST)
    for pattern, sound in _SOUNDS:
        word = pattern.sub(sound, word)
    word = word.translate(_SOFT)
    short = _ADJECTIVE.sub("", word)
    if short == word:
        short = _ENDINGS.sub("", word)
    return _TWICE.sub(r"\1", short)


def _key_score(one: str, other: str) -> float:
    if one == other:
        return 100.0
    few, many = sorted((set(one.split()), set(other.split())), key=len)
    if few < many and max(map(len, few)) >= 4:
        return PART_OF_NAME
    likeness = float(fuzz.ratio(one, other))
    if min(len(one), len(other)) < SHORTEST_ALIKE:
        return 0.0
    # Slips spare the first letter; Дауленова and Мауленова are two streets.
    if _VOWELS.sub("*", one[0]) != _VOWELS.sub("*", other[0]):
        return 0.0
    if _VOWELS.sub("*", one) == _VOWELS.sub("*", other):
        return max(likeness, SAME_CONSONANTS)
    return likeness
