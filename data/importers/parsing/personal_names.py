"""Tell the names of people from the streets, schools and places that bear the names of people."""

from __future__ import annotations

import re

from data.importers.header_words import fold_header

_L = "А-ЯЁӘҒҚҢӨҰҮҺІA-Z"
_S = "а-яёәғқңөұүһіa-z"

LIKELY_NAME = (
    r"(?i:[а-яёәғқңөұүһіa-z]{3}(?:вич|вна|инична|ұлы|улы|қызы|кызы|vich|vna|uly|kyzy|qyzy|ūly))"
    rf"(?:$|[^{_L}{_S}])|[{_L}]\. ?[{_L}]\."
)
"""For a first look at many texts; `holds_name` decides."""

# Surname, name and patronymic in any case, or name and patronymic with capitals.
_RUSSIAN = re.compile(
    rf"\b[{_L}{_S}\-]{{2,}} +[{_L}{_S}\-]{{2,}} +"
    rf"(?i:[{_S}]{{2,}}(?:ович|евич|овна|евна|инична|ovich|evich|ovna|evna))\b"
    rf"|\b[{_L}][{_S}]{{2,}} +[{_L}][{_S}]{{2,}}(?:ович|евич|овна|евна|инична)\b"
)
_KAZAKH = re.compile(
    rf"\b[{_L}][{_L}{_S}\-]+ +[{_L}][{_L}{_S}\-]+ +"
    rf"[{_L}][{_L}{_S}]{{2,}}(?i:ұлы|улы|қызы|кызы|uly|kyzy|qyzy|ūly)\b"
)
_KAZAKH_ALONE = re.compile(
    rf"[{_L}{_S}\-]{{2,}} +[{_L}{_S}\-]{{2,}} +[{_L}{_S}]{{3,}}"
    r"(?:ұлы|улы|қызы|кызы|uly|kyzy|qyzy|ūly)",
    re.IGNORECASE,
)
_INITIALS = re.compile(
    rf"\b[{_L}][{_S}]{{2,}}(?:-[{_L}][{_S}]+)? +[{_L}]\. ?[{_L}]\."
    rf"|\b[{_L}]\. ?[{_L}]\. ?[{_L}][{_S}]{{2,}}"
)
_NAMED_AFTER = re.compile(
    r"(?:\b(?:ул|улиц[аеуы]|пр|пр-т|просп|проспект\w*|пер|переул\w*|пл|площад\w*|б-р|бульвар\w*|мкр|"
    r"микрорайон\w*|проезд\w*|туп|тупик\w*|наб|набережн\w*|парк\w*|сквер\w*|им|имени|памяти|памятник\w*|"
    r"көше\w*|даңғыл\w*|мектеб\w*|мектеп\w*|лице\w*|гимнази\w*|школ\w*|сош|street|ul)\.?"
    r"|(?:көш|даң)\.)\s*[\"«№\d]*\s*(?:[\w\-]+\s+){0,1}$",
    re.IGNORECASE,
)
_AFTER_A_NAME = re.compile(
    r"[\s\"»]*(?:көше|көш\.|к-с|к\.|даңғ|даң\.|пр\.|пр-т|просп|улиц|ул\b|пер\b|пер\.|ы\.? ?а|"
    r"шағын|мкр|атындағы|атын|алаң|саябақ|мектеп|мектеб|тұйық|өткел|квартал|бульвар|street|avenue)",
    re.IGNORECASE,
)
_PLACES = {
    fold_header(word)
    for word in (
        "адрес", "адреса", "мекенжай", "мекенжайы", "мекен", "улица", "улицы", "көше", "көшесі",
        "street", "address", "орын", "орны", "место", "наименование", "название", "атауы", "name",
        "школа", "мектеп", "объект", "объекті", "остановка", "аялдама", "маршрут", "route",
        "участок", "location", "опора", "привязка", "перекресток", "қиылыс", "қиылысы", "дом",
    )
}  # fmt: skip


def heads_places(head: str) -> bool:
    """Tell whether a column by its head holds addresses or names of places.

    There the name of a person with initials, or with a Kazakh patronymic, is that of a street.
    """
    return any(fold_header(word) in _PLACES for word in re.findall(r"[^\W\d_]+", head))


def holds_name(text: str, *, of_place: bool = False) -> bool:
    """Tell whether a text holds the name of a person that is not the name of a place.

    Parameters
    ----------
    text
        Any text.
    of_place
        The text stands in a column of addresses or names of places.

    Examples
    --------
    >>> holds_name("Иванов И.О."), holds_name("ул. Иванова А.С., 12")
    (True, False)
    """
    if any(_is_person(found, text) for found in _RUSSIAN.finditer(text)):
        return True
    if of_place:
        return False
    if _KAZAKH_ALONE.fullmatch(text.strip()):
        return True
    return any(
        _is_person(found, text) for shape in (_KAZAKH, _INITIALS) for found in shape.finditer(text)
    )


# -------------------------------------------------------------------------------------------


def _is_person(found: re.Match[str], text: str) -> bool:
    words = found.group()
    if _NAMED_AFTER.search(words):
        return False
    return not _NAMED_AFTER.search(text[: found.start()]) and not _AFTER_A_NAME.match(
        text[found.end() :]
    )
