"""Find personal data at the door: no file that holds it is taken.

A column is personal by its header, or when at least three of its values and a fifth of them look
like personal data. A single find in another text puts that row aside. No value is ever shown.
"""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from data.importers.header_words import fold_header
from geo.errors import InputRefusedError

SHARE = 0.2
FEWEST = 3

_HEADERS = {
    fold_header(word): kind
    for kind, words in {
        "personal number": ("иин", "жсн", "iin", "жсн иин", "иин жсн", "паспорт", "passport",
                            "удостоверение личности", "жеке куәлік", "ssn"),
        "name of a person": ("фио", "ф.и.о.", "аты-жөні", "аты жөні", "тегі", "фамилия", "отчество",
                             "әкесінің аты", "full name", "surname", "last name", "first name",
                             "patronymic", "потерпевший", "жәбірленуші", "victim name", "заявитель",
                             "арыз беруші", "подозреваемый", "күдікті", "suspect", "offender"),
        "telephone": ("телефон", "тел", "тел.", "номер телефона", "phone", "phone number", "mobile",
                      "ұялы телефон", "байланыс телефоны", "контактный телефон"),
        "e-mail": ("email", "e-mail", "электронная почта", "эл. почта", "электрондық пошта"),
        "birth date": ("дата рождения", "год рождения", "туған күні", "туған жылы", "birth date",
                       "birthdate", "date of birth", "dob"),
    }.items()
    for word in words
}  # fmt: skip

_SHAPES = {
    "personal number": r"(^|[^0-9])[0-9]{12}([^0-9]|$)",
    "telephone": r"(^|[^0-9+])(\+7|8)[ \-(]*7[0-9]{2}[ \-)]*"
    r"[0-9]{3}[ \-]*[0-9]{2}[ \-]*[0-9]{2}($|[^0-9])",
    "e-mail": r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+\.[A-Za-z]{2,}",
    "name of a person": r"(?i)(^|[ .,])[а-яёәғқңөұүһі\-]+ [а-яёәғқңөұүһі\-]+ "
    r"[а-яёәғқңөұүһі\-]+(ович|евич|овна|евна|ұлы|улы|қызы|кызы)($|[ .,])",
}
_TWELVE_DIGITS = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")


def check_personal(table: pa.Table, file_name: str) -> npt.NDArray[np.object_]:
    """Refuse a table with a personal column; name the kind found in single rows of the others.

    Parameters
    ----------
    table
        Text columns under the file's own headers.
    file_name
        For the message.

    Returns
    -------
    numpy.ndarray
        For each row None, or the head of the column of the first find.

    Raises
    ------
    InputRefusedError
        ``personal_data``: names the column and the kind, never a value.
    """
    found = np.full(table.num_rows, None, object)
    for header in table.column_names:
        kind = _HEADERS.get(fold_header(header))
        if kind:
            raise _refusal(file_name, header, kind)
        column = table[header]
        present = len(column) - column.null_count
        for kind in _SHAPES:
            hits = _hits(column, kind)
            if hits.sum() >= FEWEST and hits.sum() >= SHARE * present:
                raise _refusal(file_name, header, kind)
            found[hits & (found == None)] = header  # noqa: E711  elementwise
    return found


def is_personal_number(digits: str) -> bool:
    """Tell whether twelve digits are an ИИН: a birth day, a century digit and the control digit.

    A БИН is none: its fifth digit, 4 to 6, is no day of a month.
    """
    if len(digits) != 12 or digits[6] > "6":
        return False
    years = {"1": 1800, "2": 1800, "3": 1900, "4": 1900}.get(digits[6], 2000)
    try:
        date(years + int(digits[:2]), int(digits[2:4]), int(digits[4:6]))
    except ValueError:
        return False
    numbers = [int(digit) for digit in digits]
    for shift in (0, 2):
        weights = [(place + shift) % 11 + 1 for place in range(11)]
        control = sum(w * n for w, n in zip(weights, numbers, strict=False)) % 11
        if control < 10:
            return control == numbers[11]
    return False


# -------------------------------------------------------------------------------------------


def _hits(column: pa.ChunkedArray, kind: str) -> npt.NDArray[np.bool_]:
    likely = pc.fill_null(pc.match_substring_regex(column, _SHAPES[kind]), False)
    hits = likely.to_numpy(zero_copy_only=False).astype(bool)
    if kind == "personal number":
        for row in np.flatnonzero(hits):
            hits[row] = any(map(is_personal_number, _TWELVE_DIGITS.findall(column[row].as_py())))
    return np.asarray(hits, bool)


def _refusal(file_name: str, header: str, kind: str) -> InputRefusedError:
    return InputRefusedError(
        f"{file_name}: column {header[:64]!r} holds personal data ({kind}). Take the column out "
        "and bring the file again; nothing was stored.",
        code="personal_data",
    )
