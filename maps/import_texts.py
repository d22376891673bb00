"""The words of an import's report, in one of the three languages."""

from __future__ import annotations

import re
from typing import Any

from maps.import_labels import EVIDENCE, FINDINGS, INFERRED, INFERRED_OF_FIELDS, LABELS, SENTENCES
from maps.import_words import NOTES, REFUSALS, ROW_REASONS
from maps.translations import catalogue

_ROWS = re.compile(r"rows (?P<rows>[0-9]+(?:, [0-9]+)*)")
_COUNTED = re.compile(r"(?P<count>[0-9]+)(?: of (?P<total>[0-9]+))?")
_QUOTED = re.compile(r"'([^']{1,64})'")


def row_reason(code: str, lang: str) -> str:
    """Say why a row was refused and what to do; a code without words stands for itself.

    Examples
    --------
    >>> row_reason("not_number", "ru")
    'В ячейке должно стоять число.'
    """
    return _said(ROW_REASONS, code, lang)


def refusal_reason(code: str, lang: str) -> str:
    """Say why a whole file was refused; a code without words stands for itself."""
    return _said(REFUSALS, code, lang)


def note_text(note: str, lang: str) -> str:
    """Say a note of the report, ``"code: sentence in English"``, in a language.

    English keeps the reader's own sentence. In the others the sentence of the code is followed by
    the numbers and the column that the reader names.

    Examples
    --------
    >>> note_text("time_unknown: 12 of 40 times in 'уақыты' are 00:00; they count as none.", "ru")
    'Слишком много времён приходится на полночь; их час считается неизвестным. (12 из 40, «уақыты»)'
    """
    code, _, written = note.partition(": ")
    if lang == "en" or code not in NOTES:
        return written or note
    say = catalogue(lang).gettext
    listed, counted = _ROWS.search(written), _COUNTED.search(written)
    quoted = _QUOTED.search(written)
    told = []
    if listed:
        told.append(f"{label('row', lang)}: {listed['rows']}")
    elif counted:
        told.append(sentence("of", lang, counted.groupdict()) if counted["total"] else counted[0])
    if quoted:
        told.append(f"«{quoted[1]}»")
    return say(NOTES[code]) + (f" ({', '.join(told)})" if told else "")


def evidence_text(evidence: dict[str, Any], lang: str) -> str:
    """Say why a column was proposed for a field: ``code``, with ``share``, ``rows``, ``crs``."""
    message = EVIDENCE.get(evidence["code"], evidence["code"])
    share = f"{float(evidence.get('share') or 0):.0%}"
    return (
        catalogue(lang)
        .gettext(message)
        .format(share=share, rows=evidence.get("rows"), crs=evidence.get("crs"))
    )


def label(name: str, lang: str) -> str:
    """Return a head or line of the report in a language."""
    return catalogue(lang).gettext(LABELS[name])


def sentence(name: str, lang: str, values: dict[str, Any]) -> str:
    """Return a sentence of the report with its values filled in."""
    return catalogue(lang).gettext(SENTENCES[name]).format(**values)


def inferred_label(key: str, lang: str) -> str:
    """Name what was read off a file; a key without words stands for itself."""
    ending = next((end for end in INFERRED_OF_FIELDS if key.endswith(end)), None)
    if ending is not None and key not in INFERRED:
        return catalogue(lang).gettext(INFERRED_OF_FIELDS[ending])
    return _said(INFERRED, key, lang)


def finding_label(key: str, lang: str) -> str:
    """Name what stands out in the rows; a key without words stands for itself."""
    return _said(FINDINGS, key, lang)


# -------------------------------------------------------------------------------------------


def _said(table: dict[str, str], code: str, lang: str) -> str:
    return catalogue(lang).gettext(table[code]) if code in table else code
