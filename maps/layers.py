"""Folium layers without data: each names a tile layer, the browser fetches what it shows.

The scripts that draw them are in ``maps/web/safe_region``; a layer here only says which one, from
which address, between which zooms and on which pane.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from folium import Map
from folium.elements import JSCSSMixin
from folium.map import Layer
from folium.template import Template

from geo.errors import UsageError
from maps.map_layers import PUBLIC_CELL_ZOOMS

LAST_TILE_ZOOM = 15
"""The deepest zoom with tiles of its own; beyond it the browser cuts these up."""

FIRST_MAP_ZOOM, LAST_MAP_ZOOM = 9, 19

SECTIONS_FROM_ZOOM = 15
"""From here on the street section is drawn, and cells only as outlines."""


CELLS_FROM_ZOOM = 13
"""From here on the cells are the scored ones, which can be asked for their reasons."""

LAYERS = (
    "cells", "sections", "routes", "lighting", "patrols", "cameras", "schools", "basemap",
)  # fmt: skip
"""Names of the tile layers that may be asked for."""


@dataclass(frozen=True)
class TileSource:
    """Where a page's tiles come from.

    Attributes
    ----------
    base_path
        Prefix of every address, empty at the root.
    snapshot
        Run id: tiles under it never change.
    role
        Whose grain the tiles have.
    bounds
        (west, south, east, north) degrees; outside it nothing is asked for.
    """

    base_path: str
    snapshot: str
    role: str
    bounds: tuple[float, float, float, float]

    def url(self, layer: str) -> str:
        """Return the address pattern of a layer's tiles."""
        if not re.fullmatch(r"[0-9a-z-]{1,64}", self.snapshot):
            raise UsageError("a snapshot is named by its run id.", code="snapshot_invalid")
        path = f"/tiles/{self.snapshot}/{layer}/{{z}}/{{x}}/{{y}}.mvt"
        return f"{self.base_path}{path}?role={self.role}"

    @property
    def corners(self) -> list[list[float]]:
        """Bounds as Leaflet takes them: south-west and north-east as lat, lon."""
        west, south, east, north = self.bounds
        return [[south, west], [north, east]]


@dataclass(frozen=True)
class Drawn:
    """From which zoom a tile layer is drawn, and whether it starts switched on."""

    from_zoom: int
    shown: bool = False


VECTOR_LAYERS = {
    "cells": Drawn(7, shown=True),
    "lighting": Drawn(12),
    "routes": Drawn(12),
    "sections": Drawn(SECTIONS_FROM_ZOOM, shown=True),
    "cameras": Drawn(13),
    "patrols": Drawn(12),
}
"""Our tile layers; schools are few and arrive as features with their names."""

ROLE_LAYERS = {
    "prosecutor": ("cells", "sections", "routes", "lighting", "schools", "cameras", "patrols"),
    "planner": ("cells", "sections", "routes", "lighting", "schools", "cameras"),
    "dispatcher": ("cells", "sections", "routes", "lighting", "schools", "cameras", "patrols"),
    "public": ("cells", "schools"),
}
"""Layers a role may switch; what a tile holds for it is decided by geo.disclosure."""


# What Folium's elements ask the page to load, by the names of our built files.
LEAFLET_JS = [("leaflet", "leaflet/leaflet.js")]
LEAFLET_CSS = [("leaflet_css", "leaflet/leaflet.css")]
VECTORGRID_JS = [("vectorGrid", "vectorgrid/vectorgrid.js")]
PROTOMAPS_JS = [("protomaps", "protomaps/protomaps-leaflet.js")]
OWN_JS = [("safe_region", "safe-region.js")]


class ShellMap(Map):
    """A `folium.Map` without data, whose element is named and whose page is styled by our CSS."""

    _template = Template(
        """
        {% macro html(this, kwargs) %}
            <div class="folium-map sr-canvas" id={{ this.get_name()|tojson }}></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = L.map(
                {{ this.get_name()|tojson }}, {{ this.options|tojavascript }}
            );
        {% endmacro %}
        """
    )
    default_js = LEAFLET_JS
    default_css = LEAFLET_CSS

    def __init__(self, *, centre: tuple[float, float], zoom: int) -> None:
        super().__init__(
            location=centre,
            zoom_start=zoom,
            tiles=None,
            zoom_control=False,
            center=list(centre),
            minZoom=FIRST_MAP_ZOOM,
            maxZoom=LAST_MAP_ZOOM,
            attributionControl=False,
        )
        self._id = "hazard"


class VectorTiles(JSCSSMixin, Layer):
    """One of our tile layers, drawn by VectorGrid in the classes' colours."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = SafeRegion.vectorTiles({{ this.options|tojavascript }});
        {% endmacro %}
        """
    )
    default_js = VECTORGRID_JS

    def __init__(self, layer: str, source: TileSource) -> None:
        super().__init__(name=layer, overlay=True, control=False, show=False)
        self._name, self._id = "tiles", layer
        self.options = {
            "layer": layer,
            "url": source.url(layer),
            "bounds": source.corners,
            "minZoom": VECTOR_LAYERS[layer].from_zoom,
            "maxZoom": LAST_MAP_ZOOM,
            "lastTileZoom": _last_zoom(layer, source.role),
        }


class StreetBasemap(JSCSSMixin, Layer):
    """The streets from the same extract: ground below the hazard, roads and names above it."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = SafeRegion.basemap({{ this.options|tojavascript }});
        {% endmacro %}
        """
    )
    default_js = PROTOMAPS_JS

    def __init__(self, source: TileSource, lang: str) -> None:
        super().__init__(name="basemap", overlay=True, control=False, show=False)
        self._name, self._id = "tiles", "basemap"
        self.options = {
            "url": source.url("basemap"),
            "bounds": source.corners,
            "lastTileZoom": LAST_TILE_ZOOM,
            "lang": lang,
        }


class PageScript(JSCSSMixin, Layer):
    """Start our script on a map with its layers; the last element of a page."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            SafeRegion.start({{ this._parent.get_name() }}, {
                basemap: tiles_basemap,
                {% for layer in this.layers %}
                {{ layer }}: tiles_{{ layer }},
                {% endfor %}
            });
        {% endmacro %}
        """
    )
    default_js = OWN_JS

    def __init__(self, layers: tuple[str, ...]) -> None:
        super().__init__(name="start", overlay=True, control=False, show=False)
        self._name, self._id = "page", "start"
        self.layers = layers


# -------------------------------------------------------------------------------------------


def _last_zoom(layer: str, role: str) -> int:
    if layer == "cells" and role == "public":
        return max(last for _, last in PUBLIC_CELL_ZOOMS.values())
    return LAST_TILE_ZOOM
