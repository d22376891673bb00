"""Rows that lack nothing but a place: a list, and a map to choose the place on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from maps.import_texts import label, row_reason
from maps.labels import shown_text
from maps.layers import LAST_TILE_ZOOM, TileSource
from maps.offline import json_block
from maps.pages.clerk import ClerkPage, Page, Row, render_clerk
from maps.palette import THEMES
from maps.translations import catalogue

MOST_WAITING = 100


def render_unplaced(page: ClerkPage, rows: Sequence[Row], source: TileSource | None) -> Page:
    """Render the rows that wait for a place, with a map to choose it where one is published."""
    say = catalogue(page.lang).gettext
    own = {
        "pin_hint": say(
            "Press “Choose on the map” at a row, then the place on the map; or write the"
            " coordinates."
        ),
        "map": say("Map"),
        "lat": say("Latitude"),
        "lon": say("Longitude"),
        "place": say("Place it here"),
        "choose": say("Choose on the map"),
        "none_waiting": say("No row waits for a place."),
    }
    left_out = len(rows) - MOST_WAITING
    values = {
        "lead": say(
            "These rows lack nothing but a place. Give them one, and the next map counts them."
        ),
        "here": f"{page.home}/unplaced",
        "rows": [_waiting(page, row) for row in rows[:MOST_WAITING]],
        "more": say("… and {count} more").format(count=left_out) if left_out > 0 else "",
        "settings": source and json_block(_map_settings(page, source)),
    }
    title = say("Rows that wait for a place")
    return render_clerk(page, "clerk_unplaced.html", title, own, values)


# -------------------------------------------------------------------------------------------


def _waiting(page: ClerkPage, row: Row) -> Row:
    say = catalogue(page.lang).gettext
    happened = row.get("occurred_at")
    facts = (
        str(happened)[:16] if happened is not None else "",
        shown_text(str(row.get("district") or "")),
        shown_text(str(row.get("file_name") or "")),
        f"{label('row', page.lang)} {row['row']}" if row.get("row") is not None else "",
    )
    return {
        "identity": row["identity"],
        "address": shown_text(str(row.get("address_raw") or "")) or say("No address is given"),
        "facts": " · ".join(part for part in facts if part),
        "reason": row_reason(str(row.get("reason") or "coord_missing"), page.lang),
    }


def _map_settings(page: ClerkPage, source: TileSource) -> dict[str, Any]:
    return {
        "lang": page.lang,
        "role": source.role,
        "base": page.base_path,
        "views": [],
        "words": {"chosen": page.say("Chosen on the map")},
        "url": source.url("basemap"),
        "bounds": source.corners,
        "lastTileZoom": LAST_TILE_ZOOM,
        "attribution": "© OpenStreetMap contributors",
        "zoomIn": page.say("Zoom in"),
        "zoomOut": page.say("Zoom out"),
        "palettes": {
            theme: {name: getattr(palette, name) for name in palette.__dataclass_fields__}
            for theme, palette in THEMES.items()
        },
    }
