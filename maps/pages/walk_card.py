"""The walk card of a school as a page to read and to print, and the list of all schools.

Both hold data, which enters the templates as values only and is escaped there; they work without
JavaScript. The drawing is SVG inside the page: solid, dashed and dotted, told apart without colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from geo import columns as c
from maps.formats import date_text, distance_text, number_text
from maps.labels import data_date_text
from maps.offline import Frame
from maps.pages.context import (
    check_base_path,
    language_links,
    render_template,
    with_shared,
)
from maps.translations import catalogue, check_language
from maps.walk_card_texts import (
    LEAST_PUPILS,
    Metres,
    Trip,
    WalkCard,
    card_notes,
    card_notices,
    help_lines,
    meeting_light_text,
    outside_text,
    sun_text,
    way_sentences,
)

Page = tuple[str, list[str]]


@dataclass(frozen=True)
class SchoolRow:
    """A school in the list; metres of the mean way in the dark, None where too few walk."""

    school_id: str
    label: str
    shifts: tuple[str, ...]
    metres: float | None
    unlit_m: float | None


@dataclass(frozen=True)
class CardPage:
    """What both pages need besides: language, whether the data are made up, and the prefix."""

    lang: str
    synthetic: bool
    base_path: str = ""

    def say(self, message: str) -> str:
        """Return a message in the language of the page."""
        return catalogue(self.lang).gettext(message)

    @property
    def home(self) -> str:
        """Address of the list of schools."""
        return f"{self.base_path}/{self.lang}/school"


def render_walk_card(page: CardPage, card: WalkCard) -> Page:
    """Render a school's walk card; return the HTML and the hashes of its inline scripts."""
    check_language(page.lang)
    check_base_path(page.base_path)
    rest = f"/{quote(card.school_id, safe='')}"
    values = {
        "words": with_shared(page.lang, _words(page, card)),
        "languages": language_links(page.base_path, page.lang, f"/school{rest}"),
        "synthetic": page.synthetic,
        "list_page": page.home,
        "here": page.home + rest,
        "label": card.label,
        "date": card.day.isoformat(),
        "notices": card_notices(card, page.lang),
        "trips": [_trip_row(page, trip) for trip in card.trips],
        "sun": sun_text(card, page.lang),
        "walk": way_sentences(card, page.lang),
        "drawing": card.drawing,
        "streets": [_street_row(page, *row) for row in card.streets],
        "meetings": [
            {"name": name, "light": meeting_light_text(light, page.lang)}
            for name, light in card.meetings
        ],
        "helps": help_lines(card, page.lang),
        "notes": card_notes(card, page.lang),
        "facts": data_date_text(card.as_of, card.osm_date, page.lang),
        "run_id": card.run_id,
    }
    title = f"{card.label} · {page.say('Walk card')}"
    return render_template(Frame(page.lang, title, "walk_card.html", values, page.base_path))


def render_school_list(page: CardPage, rows: Sequence[SchoolRow], run_id: str) -> Page:
    """Render the list of all schools, each with the way to its card."""
    check_language(page.lang)
    check_base_path(page.base_path)
    own = {
        "title": page.say("Walk cards of the schools"),
        "lead": page.say("Choose a school to see and print the lit and calm way to it."),
        "school": page.say("School"),
        "lessons": page.say("Lessons"),
        "walk": page.say("Walk on average"),
        "unlit": page.say("of it without light"),
        "none": page.say("No school is known in this run."),
        "skip": page.say("Skip to the content"),
        "means": page.say("Means of all pupils of a school on the lit and calm way in the dark."),
        "run": page.say("Run"),
    }
    values = {
        "words": with_shared(page.lang, own),
        "languages": language_links(page.base_path, page.lang, "/school"),
        "synthetic": page.synthetic,
        "schools": [
            {
                "label": row.label,
                "href": f"{page.home}/{quote(row.school_id, safe='')}",
                "shifts": row.shifts,
                "metres": _or_dash(row.metres, page.lang),
                "unlit": _or_dash(row.unlit_m, page.lang),
            }
            for row in rows
        ],
        "run_id": run_id,
    }
    title = f"{own['title']} · {page.say('Safe Region')}"
    return render_template(Frame(page.lang, title, "school_list.html", values, page.base_path))


# -------------------------------------------------------------------------------------------


def _words(page: CardPage, card: WalkCard) -> dict[str, str]:
    say = page.say
    return {
        "skip": say("Skip to the content"),
        "card": say("Walk card"),
        "for_day": say("Walk card for {date}").format(date=date_text(card.day, page.lang)),
        "to_list": say("All schools"),
        "day": say("Day"),
        "show": say("Show this day"),
        "print": say("Print"),
        "when": say("When to leave"),
        "way": say("Way"),
        "leave": say("Leaves at"),
        "lessons": say("Lessons"),
        "outside": say("Outside"),
        "walk": say("The lit and calm way"),
        "drawing": say("The last 600 metres before the gate, north is up"),
        "gate": say("gate"),
        "meeting": say("a big street"),
        "help_mark": say("help"),
        "lit": say("lit street"),
        "unlit": say("street without light"),
        "unknown": say("light not known"),
        "streets": say("Streets of the last 600 metres"),
        "street": say("Street"),
        "lit_m": say("Lit, m"),
        "unlit_m": say("Unlit, m"),
        "unknown_m": say("Light not known, m"),
        "too_few": say(
            "No street near the gate is shown: fewer than {count} pupils walk on each, or no way is"
            " known."
        ).format(count=LEAST_PUPILS),
        "meetings": say("Big streets that the way meets"),
        "help": say("Where help is"),
        "how_to_read": say("How to read this card"),
        "run": say("Run"),
    }  # fmt: skip


def _trip_row(page: CardPage, trip: Trip) -> dict[str, str | bool]:
    say = page.say
    way = say("Shift {number}, to school") if trip.there else say("Shift {number}, home")
    return {
        "way": way.format(number=number_text(trip.shift, page.lang)),
        "leave": f"{trip.sets_out:%H:%M}",
        "lessons": f"{trip.lessons:%H:%M}",
        "outside": outside_text(trip.darkness, page.lang),
        "dark": trip.darkness > 0,
    }


def _street_row(page: CardPage, name: str, metres: Metres) -> dict[str, str]:
    return {
        "name": name or page.say("unnamed street"),
        **{
            key: number_text(round(metres[key], -1), page.lang) if metres[key] >= 5 else "–"
            for key in (c.LIT_M, c.UNLIT_M, c.UNKNOWN_LIGHT_M)
        },
    }


def _or_dash(metres: float | None, lang: str) -> str:
    return "–" if metres is None else distance_text(metres, lang)
