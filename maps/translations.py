"""The three languages and their gettext catalogues, read from the .po files themselves."""

from __future__ import annotations

import functools
import gettext
import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from geo.errors import UsageError

LANGUAGES = ("kk", "ru", "en")
LOCALE_FOLDER = Path(__file__).parent / "locale"
DOMAIN = "safe_region"

BABEL_LOCALES = {"kk": "kk_KZ", "ru": "ru_RU", "en": "en_GB"}
"""Locale by which Babel writes a language's dates and numbers."""


def check_language(lang: str) -> None:
    """Raise a `UsageError` unless the language is one of `LANGUAGES`."""
    if lang not in LANGUAGES:
        offered = ", ".join(LANGUAGES)
        raise UsageError(
            f"language {lang[:16]!r} is not offered; use one of {offered}.", code="language_unknown"
        )


def read_catalogue(lang: str) -> Catalog:
    """Read one language's catalogue with its comments, flags and plural rule."""
    check_language(lang)
    path = LOCALE_FOLDER / lang / "LC_MESSAGES" / f"{DOMAIN}.po"
    with path.open("rb") as file:
        return read_po(file, locale=lang, domain=DOMAIN)


@functools.cache
def catalogue(lang: str) -> gettext.GNUTranslations:
    """Return the translations of a language, ready for ``gettext`` and ``ngettext``.

    Examples
    --------
    >>> catalogue("ru").gettext("Why?")
    'Почему?'
    """
    compiled = io.BytesIO()
    write_mo(compiled, read_catalogue(lang))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
