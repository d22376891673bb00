"""The map page of a role: the ranked list and the map as equals, one shell for all data.

The page holds no data: the list, the numbers and every name arrive by fetch and are shown as
text. So the HTML is small, the same for a whole run, and nothing from outside passes a template.
"""

from __future__ import annotations

from typing import Any

import folium

from geo.parameters import SCHOOL_WINDOWS, HazardParameters
from maps import asset_words, patrol_words, words
from maps.forecast_words import ADVICE, LOST, VERDICTS
from maps.formats import month_text, number_text
from maps.labels import basis_text, class_word, confidence_word, window_text
from maps.layers import (
    CELLS_FROM_ZOOM,
    ROLE_LAYERS,
    SECTIONS_FROM_ZOOM,
    VECTOR_LAYERS,
    PageScript,
    ShellMap,
    StreetBasemap,
    TileSource,
    VectorTiles,
)
from maps.offline import Frame, OfflineFigure, json_block
from maps.pages.context import PageContext, check_context, language_links, with_shared
from maps.palette import PAINTED_CLASSES, THEMES
from maps.translations import catalogue

ROLE_VIEWS: dict[str, tuple[str, ...]] = {
    "prosecutor": ("harm", "count", "walk"),
    "planner": ("walk", "dark", "harm"),
    "dispatcher": ("harm",),
    "public": (),
}
"""Orders of the list a role may choose, the first one shown first; the public has no list."""

HOURLY_ROLES = ("prosecutor", "dispatcher")
"""Roles to whom the windows of the day are disclosed."""

MONTH_LAYERS = ("cells", "sections")
"""Tile layers that exist for a month and kind of day too, as ``cells-01-school``."""

SCORED_ROLES = ("prosecutor",)
"""Roles to whom scores are disclosed; the others' maps show the hazard class in every view."""


def build_hazard_map(context: PageContext) -> folium.Map:
    """Build a role's map page without data, as a Folium map in its offline figure.

    Raises
    ------
    UsageError
        Unknown language or role, or a prefix or run id that cannot be one.
    """
    check_context(context)
    source = TileSource(context.base_path, context.snapshot, context.role, context.bounds)
    hazard_map = ShellMap(centre=context.centre, zoom=context.zoom)
    OfflineFigure(_frame(context)).add_child(hazard_map)

    StreetBasemap(source, context.lang).add_to(hazard_map)
    drawn = tuple(layer for layer in VECTOR_LAYERS if layer in ROLE_LAYERS[context.role])
    for layer in drawn:
        VectorTiles(layer, source).add_to(hazard_map)
    PageScript(drawn).add_to(hazard_map)
    return hazard_map


def render_page(hazard_map: folium.Map) -> tuple[str, list[str]]:
    """Render a map page; return the HTML and the CSP hashes of its inline scripts."""
    figure = hazard_map.get_root()
    if not isinstance(figure, OfflineFigure):
        figure = OfflineFigure(Frame("en", "Safe Region"))
        figure.add_child(hazard_map)
    html = figure.render()
    return html, figure.script_hashes


# -------------------------------------------------------------------------------------------


def _frame(context: PageContext) -> Frame:
    say = catalogue(context.lang).gettext
    listed = bool(ROLE_VIEWS[context.role])
    values: dict[str, Any] = {
        "words": with_shared(context.lang, _words(context)),
        "languages": language_links(context.base_path, context.lang, f"/{context.role}"),
        "synthetic": context.synthetic,
        "forecast_lost": context.forecast_lost,
        "forecast_page": f"{context.base_path}/{context.lang}/{context.role}/forecast",
        "listed": listed,
        "views": _views(context),
        "windows": _windows(context) if context.role in HOURLY_ROLES else [],
        "months": _months(context.lang) if listed else [],
        "day_kinds": _day_kinds(context.lang),
        "layers": _layers(context),
        "legend": _legend(context.lang),
        "asset_legends": _asset_legends(context),
        "settings": json_block(_settings(context)),
    }
    title = f"{say(words.ROLES[context.role])} · {say('Safe Region')}"
    theme = "night" if context.role == "dispatcher" else "auto"
    return Frame(context.lang, title, "hazard_map.html", values, context.base_path, theme)


def _words(context: PageContext) -> dict[str, str]:
    say = catalogue(context.lang).gettext
    return {
        "role": say(words.ROLES[context.role]),
        "title": say(words.ROLE_TITLES[context.role]),
        "lead": say(words.ROLE_LEADS[context.role]),
        "forecast": say("Does the forecast hold?"),
        "forecast_lost": say(VERDICTS[LOST]),
        "forecast_lost_advice": say(ADVICE[LOST]),
        "skip_to_list": say("Skip to the list"),
        "skip_to_map": say("Skip to the map"),
        "order_by": say("Order by"),
        "time_of_day": say("Time of day"),
        "month": say("Month"),
        "whole_year": say("Whole year"),
        "kind_of_day": say("Kind of day"),
        "loading": say("Loading…"),
        "few_title": say("Too few records to rank"),
        "few_lead": say("These may belong to the list; there are too few records to tell."),
        "map": say("Map"),
        "list": say("List"),
        "tabs": say("List or map"),
        "layers": say("Layers"),
        "legend": say("Hazard class"),
        **{key: say(message) for key, message in words.LAMP_TRIAL.items()},
        "basis": basis_text("streets", context.lang),
        "not_painted": say("not painted: {word}").format(word=class_word(1, context.lang)),
        "tentative": confidence_word("tentative", context.lang),
        "too_few": confidence_word("too_few", context.lang),
        "no_script": say("The map needs JavaScript."),
    }


def _views(context: PageContext) -> list[dict[str, str]]:
    say = catalogue(context.lang).gettext
    return [{"code": code, "word": say(words.VIEWS[code])} for code in ROLE_VIEWS[context.role]]


def _windows(context: PageContext) -> list[dict[str, str]]:
    return [{"code": code, "word": window_text(code, context.lang)} for code in words.WINDOWS]


def _months(lang: str) -> list[str]:
    names = [month_text(month, lang) for month in range(1, 13)]
    return [name[:1].upper() + name[1:] for name in names]


def _day_kinds(lang: str) -> dict[str, str]:
    say = catalogue(lang).gettext
    return {code: say(word) for code, word in words.DAY_KINDS.items()}


def _view_notes(context: PageContext) -> dict[str, str]:
    say = catalogue(context.lang).gettext
    notes = {code: say(words.VIEW_NOTES[code]) for code in ROLE_VIEWS[context.role]}
    for view in {"walk", "dark"} & {*notes}:
        if context.role not in SCORED_ROLES:
            notes[view] += " " + say("Colours show the hazard class.")
    return notes


def _layers(context: PageContext) -> list[dict[str, Any]]:
    say = catalogue(context.lang).gettext
    return [
        {
            "code": layer,
            "word": say(words.LAYERS[layer]),
            "shown": layer == "schools" or VECTOR_LAYERS[layer].shown,
        }
        for layer in ROLE_LAYERS[context.role]
    ]


def _legend(lang: str) -> list[dict[str, Any]]:
    breaks = HazardParameters().breaks
    edges = [*breaks, 100]
    return [
        {
            "hazard_class": hazard_class,
            "word": class_word(hazard_class, lang),
            "range": f"{number_text(edges[i], lang)}–{number_text(edges[i + 1], lang)}",
        }
        for i, hazard_class in reversed(list(enumerate(PAINTED_CLASSES)))
    ]


def _asset_legends(context: PageContext) -> dict[str, dict[str, str]]:
    """Return what the signs of light and cameras mean, by the layers that the role may switch."""
    say = catalogue(context.lang).gettext
    return {
        layer: {sign: say(word) for sign, word in signs.items()}
        for layer, signs in {**asset_words.LEGENDS, "patrols": patrol_words.LEGEND}.items()
        if layer in ROLE_LAYERS[context.role]
    }


def _settings(context: PageContext) -> dict[str, Any]:
    """Return what the page's script must know: constants of ours and checked codes."""
    say = catalogue(context.lang).gettext
    return {
        "lang": context.lang,
        "role": context.role,
        "base": context.base_path,
        "views": ROLE_VIEWS[context.role],
        "sectionsFromZoom": SECTIONS_FROM_ZOOM,
        "cellsFromZoom": CELLS_FROM_ZOOM,
        "breaks": HazardParameters().breaks,
        "words": {
            key: say(message)
            for spoken in (words.SCRIPT, asset_words.SCRIPT, patrol_words.SCRIPT)
            for key, message in spoken.items()
        },
        "lightStates": {code: say(word) for code, word in asset_words.LIGHT_STATES.items()},
        "viewNotes": _view_notes(context),
        "dayKinds": _day_kinds(context.lang),
        "schoolWindows": SCHOOL_WINDOWS,
        "monthLayers": MONTH_LAYERS,
        "monthsWithoutSchool": context.months_without_school,
        "classes": {str(code): class_word(code, context.lang) for code in words.CLASSES},
        "confidence": {code: confidence_word(code, context.lang) for code in words.CONFIDENCE},
        "attribution": "© OpenStreetMap contributors",
        "zoomIn": say("Zoom in"),
        "zoomOut": say("Zoom out"),
        "palettes": {
            theme: {name: getattr(palette, name) for name in palette.__dataclass_fields__}
            for theme, palette in THEMES.items()
        },
    }
