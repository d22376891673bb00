"""The first page: who are you, in which language; and the page for what went wrong."""

from __future__ import annotations

from maps import clerk_words, words
from maps.offline import Frame
from maps.pages.context import (
    check_base_path,
    language_links,
    render_template,
    with_shared,
)
from maps.translations import catalogue, check_language

ERROR_TEXTS = {
    404: (words.N_("This page does not exist"), words.N_("Check the address or go back.")),
    422: (words.N_("The address cannot be read"), words.N_("Check the address or go back.")),
    503: (
        words.N_("There is no map yet"),
        words.N_("No run has been published. Import data and build a run first."),
    ),
}
OTHER_ERROR = (
    words.N_("Something went wrong"),
    words.N_("Try again; if it stays so, tell the people who run this service."),
)


def render_landing(lang: str, *, synthetic: bool, base_path: str = "") -> tuple[str, list[str]]:
    """Render the choice of role; return the HTML and the hashes of its inline scripts."""
    check_language(lang)
    check_base_path(base_path)
    say = catalogue(lang).gettext
    roles = [
        {
            "href": f"{base_path}/{lang}/{role}",
            "word": say(word),
            "purpose": say(words.ROLE_PURPOSES[role]),
        }
        for role, word in words.ROLES.items()
    ]
    roles += [
        {
            "href": f"{base_path}/{lang}/{desk}",
            "word": say(word),
            "purpose": say(clerk_words.DESK_PURPOSES[desk]),
        }
        for desk, word in clerk_words.DESKS.items()
    ]
    own = {
        "title": say("Where children meet danger on the way, and what would help"),
        "lead": say("Choose your work to open the map made for it."),
        "forecast": say("Does the forecast hold?"),
        "schools": say("Walk cards of the schools"),
    }
    values = {
        "roles": roles,
        "words": with_shared(lang, own),
        "languages": language_links(base_path, lang, ""),
        "synthetic": synthetic,
    }
    frame = Frame(lang, say("Safe Region"), "landing.html", values, base_path)
    return render_template(frame)


def render_error(lang: str, status: int, *, base_path: str = "") -> tuple[str, list[str]]:
    """Render a page for an HTTP status; it repeats nothing of the request."""
    check_language(lang)
    check_base_path(base_path)
    say = catalogue(lang).gettext
    title, lead = ERROR_TEXTS.get(status, OTHER_ERROR)
    own = {"title": say(title), "lead": say(lead), "back": say("To the start page")}
    values = {
        "words": with_shared(lang, own),
        "languages": language_links(base_path, lang, ""),
    }
    frame = Frame(lang, f"{say(title)} · {say('Safe Region')}", "error.html", values, base_path)
    return render_template(frame)
