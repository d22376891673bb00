"""Heads of columns that hold personal data, in Kazakh, Russian and English."""

from __future__ import annotations

import re

from data.importers.header_words import fold_header

# Personal wherever they stand in a head: "ФИО потерпевшего", "ЖСН/ИИН".
_ANYWHERE = {
    "personal number": ("иин", "жсн", "iin", "zhsn", "индивидуальный идентификационный номер",
                        "жеке сәйкестендіру нөмірі", "удостоверение личности", "жеке куәлік",
                        "номер паспорта", "ssn"),
    "name of a person": ("фио", "fio", "таә", "аты жөні", "аты жони", "фамилия", "фамилии",
                         "фамилиясы", "familiya", "отчество", "әкесінің аты", "full name",
                         "surname", "last name", "first name", "patronymic", "victim name"),
    "telephone": ("телефон", "телефона", "телефоны", "тел", "сотовый", "phone", "telephone",
                  "telefon", "ұялы", "моб номер", "whatsapp"),
    "e-mail": ("email", "e mail", "электронная почта", "эл почта", "электрондық пошта"),
    "birth date": ("дата рождения", "год рождения", "день рождения", "туған күні", "туған жылы",
                   "birth date", "date of birth", "dob", "birthdate", "birthday"),
}  # fmt: skip
# Personal only where they are the whole head: "несовершеннолетний потерпевший" tells no name.
_WHOLE = {
    "personal number": ("паспорт", "passport"),
    "telephone": ("tel", "mobile"),
    "name of a person": ("тегі", "аты", "имя", "потерпевший", "пострадавший", "жәбірленуші",
                         "зардап шегуші", "заявитель", "арыз беруші", "подозреваемый", "күдікті",
                         "обвиняемый", "айыпталушы", "осужденный", "сотталған", "suspect",
                         "offender", "свидетель", "куә", "ученик", "ученица", "учащийся",
                         "оқушы", "оқушының аты", "студент", "pupil", "student", "ребенок", "бала",
                         "родитель", "ата ана", "ата анасы", "мать", "отец", "анасы", "әкесі",
                         "опекун", "қамқоршы", "владелец фио", "задержанный", "правонарушитель"),
}  # fmt: skip
_LONGEST = 4  # words


def personal_head(head: str, parent: str = "") -> str | None:
    """Return the kind of personal data that a column holds by its head, or None.

    Parameters
    ----------
    head
        The head as written; look-alike letters, signs and spaces do not hide it.
    parent
        The head above it, where heads stand in two rows.
    """
    if kind := _BY_WHOLE_HEAD.get(fold_header(head)):
        return kind
    return _found_in(head) or _found_in(parent)


# -------------------------------------------------------------------------------------------


def _found_in(head: str) -> str | None:
    words = [fold_header(word) for word in re.findall(r"[^\W_]+", head)]
    runs = (
        "".join(words[start : start + length])
        for length in range(1, _LONGEST + 1)
        for start in range(len(words) - length + 1)
    )
    return next((_BY_RUN[run] for run in runs if run in _BY_RUN), None)


_BY_RUN = {fold_header(word): kind for kind, words in _ANYWHERE.items() for word in words}
_BY_WHOLE_HEAD = _BY_RUN | {
    fold_header(word): kind for kind, words in _WHOLE.items() for word in words
}
