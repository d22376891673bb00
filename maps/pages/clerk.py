"""The clerk's desk: send a file, see the work, take an import back.

These pages hold data: it enters the templates as values only, which escape it, and never passes a
template twice. They work without JavaScript, and their forms carry the browser's own token.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from maps import clerk_words
from maps.formats import number_text
from maps.import_texts import label
from maps.job_texts import kind_text, moment_text, noun_text, problem_text, state_text
from maps.labels import shown_text
from maps.offline import Frame
from maps.pages.context import check_base_path, language_links, render_template, with_shared
from maps.translations import catalogue, check_language

Row = Mapping[str, Any]
Page = tuple[str, list[str]]

COUNTS = ("rows_read", "accepted", "quarantined", "duplicate")
SUFFIXES = ".csv,.tsv,.txt,.xlsx,.xls,.ods,.geojson,.json,.gpkg,.zip,.gpx"


@dataclass(frozen=True)
class ClerkPage:
    """What every page of the clerk needs.

    Attributes
    ----------
    lang
        Language of the page.
    token
        Value that its forms carry.
    path
        What follows the language in the page's address, such as ``/clerk/unplaced``.
    time_zone
        The region's.
    synthetic
        Whether the stored data are made up.
    base_path
        Prefix of every address; empty at the root.
    """

    lang: str
    token: str
    path: str
    time_zone: str
    synthetic: bool
    base_path: str = ""

    @property
    def home(self) -> str:
        """Address of the desk."""
        return f"{self.base_path}/{self.lang}/clerk"

    def say(self, message: str) -> str:
        """Return a message in the language of the page."""
        return catalogue(self.lang).gettext(message)


def render_desk(
    page: ClerkPage, *, nouns: Sequence[str], jobs: Sequence[Row], imports: Sequence[Row]
) -> Page:
    """Render the desk; return the HTML and the hashes of its inline scripts.

    Parameters
    ----------
    nouns
        What files may hold, the first one chosen.
    jobs
        ``job_id, kind, state, created_at`` and ``label`` of the last jobs.
    imports
        The ledger's lines.
    """
    say = catalogue(page.lang).gettext
    own = {
        "send": say("Bring in a file"),
        "noun": say("What does the file hold?"),
        "file": say("File"),
        "look": say("Look at the file"),
        "send_note": say(
            "First the file is only looked at; nothing is stored before you confirm. A file with"
            " names, ИИН or telephone numbers is refused."
        ),
        "further": say("Further work"),
        "unplaced": say("Rows that wait for a place"),
        "build": say("Make a new map"),
        "check_forecast": say("Check the forecast now"),
        "jobs": say("Last work"),
        "ledger": say("Files brought in"),
        "when": say("When"),
        "what": label("what", page.lang),
        "state": say("State"),
        "withdraw": say("Take back"),
        "withdrawn": say("taken back"),
        "nothing_yet": say("Nothing has been brought in yet."),
    }
    values = {
        "lead": say("Bring in the files of your office and see what came of them."),
        "nouns": [{"code": noun, "word": noun_text(noun, page.lang)} for noun in nouns],
        "suffixes": SUFFIXES,
        "jobs": [_job_line(page, job) for job in jobs],
        "imports": [_ledger_line(page, one) for one in imports],
        "counts": [label(name, page.lang) for name in COUNTS],
    }
    title = say("Records desk")
    return render_clerk(page, "clerk_desk.html", title, own, values, home_link=False)


def render_withdrawal(page: ClerkPage, one: Row) -> Page:
    """Render the question whether an import is to be taken back."""
    say = catalogue(page.lang).gettext
    own = {
        "withdraw": say("Take back"),
        "withdraw_note": say(
            "Its rows leave the map with the next build. Rows that another file has brought too"
            " stay. The import stays in the list, marked as taken back; bringing in the same file"
            " again undoes this."
        ),
        "keep": say("Leave it as it is"),
    }
    values = {
        "lead": import_lead(page, one),
        "here": f"{page.base_path}/{page.lang}{page.path}",
        "import_page": f"{page.home}/imports/{one['import_id']}",
    }
    title = say("Take back import No. {number}?").format(number=one["import_id"])
    return render_clerk(page, "clerk_withdraw.html", title, own, values)


def render_problem(page: ClerkPage, code: str, detail: str) -> Page:
    """Render why something that was asked for was not done."""
    values = {"problem": problem_text(code, page.lang), "detail": shown_text(detail)}
    return render_clerk(page, "clerk_problem.html", page.say("That did not work"), {}, values)


def render_clerk(
    page: ClerkPage,
    template: str,
    title: str,
    own: Mapping[str, str],
    values: Mapping[str, Any],
    *,
    home_link: bool = True,
) -> Page:
    """Render a page of the clerk with what all of them have."""
    check_language(page.lang)
    check_base_path(page.base_path)
    say = catalogue(page.lang).gettext
    shared = {
        "desk": say(clerk_words.DESKS[clerk_words.CLERK]),
        "skip": say("Skip to the content"),
        "back_to_desk": say("To the records desk"),
        "detail": say("Message for the administrator, in English"),
        "file": say("File"),
    }
    whole = {
        "words": with_shared(page.lang, {**shared, **own}),
        "languages": language_links(page.base_path, page.lang, page.path),
        "synthetic": page.synthetic,
        "home": page.home,
        "home_link": home_link,
        "token": page.token,
        "title": title,
        "refresh": False,
        **values,
    }
    whole_title = f"{title} · {say('Safe Region')}"
    return render_template(Frame(page.lang, whole_title, template, whole, page.base_path))


def import_lead(page: ClerkPage, one: Row) -> str:
    """Say in one line which import this is: what, from which file, when."""
    parts = (
        noun_text(one["noun"], page.lang),
        shown_text(one["file_name"]),
        moment_text(one["imported_at"], page.time_zone, page.lang),
    )
    return " · ".join(parts)


# -------------------------------------------------------------------------------------------


def _job_line(page: ClerkPage, job: Row) -> Row:
    return {
        "href": f"{page.home}/jobs/{job['job_id']}",
        "when": moment_text(job["created_at"], page.time_zone, page.lang),
        "kind": kind_text(job["kind"], page.lang),
        "label": shown_text(str(job["label"] or "")),
        "state": job["state"],
        "state_text": state_text(job["state"], page.lang),
    }


def _ledger_line(page: ClerkPage, one: Row) -> Row:
    return {
        "href": f"{page.home}/imports/{one['import_id']}",
        "number": one["import_id"],
        "when": moment_text(one["imported_at"], page.time_zone, page.lang),
        "noun": noun_text(one["noun"], page.lang),
        "file": shown_text(one["file_name"]),
        "counts": [number_text(one[name], page.lang) for name in COUNTS],
        "withdrawn": one.get("withdrawn_at") is not None,
        "withdrawable": one["noun"] != "osm",  # a street map is replaced by the next one
    }
