"""How a job stands, in the reader's language."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from maps import clerk_words
from maps.import_texts import refusal_reason
from maps.import_words import REFUSALS
from maps.labels import shown_text
from maps.translations import BABEL_LOCALES, catalogue

_MOMENTS = {"kk": "dd.MM.yyyy, HH:mm", "ru": "dd.MM.yyyy, HH:mm", "en": "d MMM yyyy, HH:mm"}


def state_text(state: str, lang: str) -> str:
    """Say how a job stands: waits, is running, is done, failed, was stopped."""
    return catalogue(lang).gettext(clerk_words.STATES[state])


def stage_text(stage: str, lang: str) -> str:
    """Say what a job is doing; empty before it has said so."""
    say = catalogue(lang).gettext
    if not stage:
        return ""
    return say(clerk_words.STAGES[stage]) if stage in clerk_words.STAGES else say("Work goes on")


def kind_text(kind: str, lang: str) -> str:
    """Name a kind of job."""
    return catalogue(lang).gettext(clerk_words.KINDS[kind])


def noun_text(noun: str, lang: str) -> str:
    """Name what the rows of a file are; a noun without words is shown by its own name."""
    known = clerk_words.NOUNS.get(noun)
    return catalogue(lang).gettext(known) if known else shown_text(noun)


def field_text(field: str, lang: str) -> str:
    """Name what a column is; a field without words is shown by its own name."""
    known = clerk_words.FIELDS.get(field)
    return catalogue(lang).gettext(known) if known else shown_text(field)


def problem_text(code: str, lang: str) -> str:
    """Say why something was not done; a code without words gets a general sentence.

    Examples
    --------
    >>> problem_text("upload_unknown", "ru")
    'Файла здесь больше нет. Отправьте его ещё раз.'
    """
    say = catalogue(lang).gettext
    if code in clerk_words.PROBLEMS:
        return say(clerk_words.PROBLEMS[code])
    if code in REFUSALS:
        return refusal_reason(code, lang)
    return say("Something went wrong")


def moment_text(moment: dt.datetime | None, time_zone: str, lang: str) -> str:
    """Write a moment of the store (naive UTC) in the region's time; empty where there is none."""
    if moment is None:
        return ""
    here = moment.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(time_zone))
    return format_datetime(here, _MOMENTS[lang], locale=BABEL_LOCALES[lang])
