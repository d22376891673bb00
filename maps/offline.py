"""The frame of every Folium page: local files only, own head, one inline script with its hash.

Folium and its plug-ins name their scripts by public addresses, in several places. All of them
pass through the figure's header, so that is the one place where addresses are mapped to files of
ours; an address that is not known there raises, and no page ever asks the internet.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from branca.element import CssLink, Figure, JavascriptLink
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from geo.errors import UsageError
from maps.web.assets import read_manifest

LOCAL_FILES = {
    "leaflet.js": "leaflet/leaflet.js",
    "leaflet.css": "leaflet/leaflet.css",
    "Leaflet.VectorGrid.bundled.js": "vectorgrid/vectorgrid.js",
    "Leaflet.VectorGrid.bundled.min.js": "vectorgrid/vectorgrid.js",
    "protomaps-leaflet.js": "protomaps/protomaps-leaflet.js",
}
"""Our file for the last part of a library's address."""

LEFT_OUT = re.compile(
    r"jquery-[\d.]+\.min\.js|bootstrap(-glyphicons|\.bundle)?(\.min)?\.(js|css)|all\.min\.css"
    r"|leaflet\.awesome-markers\.(js|css)|leaflet\.awesome\.rotate\.min\.css"
)
"""What Folium adds to every map and ours does without: it restyles the page around the map."""

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "pages" / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Frame:
    """What surrounds a map on its page.

    Attributes
    ----------
    lang, title
        Language code and title of the document.
    template
        File in ``pages/templates`` that extends ``figure.html``.
    values
        What the template shows, all of it constants of ours; autoescaped.
    base_path
        Prefix of every local address, such as ``/region`` behind a proxy; empty at the root.
    theme
        ``day``, ``night`` or ``auto`` (as the reader's system says).
    """

    lang: str
    title: str
    template: str = "figure.html"
    values: Mapping[str, Any] = field(default_factory=dict)
    base_path: str = ""
    theme: str = "auto"


class OfflineFigure(Figure):
    """A Folium figure whose page loads local files only and keeps a strict CSP.

    After `render`, ``script_hashes`` holds the CSP sources of its inline scripts.
    """

    def __init__(self, frame: Frame) -> None:
        super().__init__(title=frame.title)
        self.frame = frame
        self.script_hashes: list[str] = []

    def render(self, **kwargs: Any) -> str:
        """Return the page; raises `UsageError` ``external_link`` on an address not known."""
        for child in list(self._children.values()):
            child.render(**kwargs)
        links = list(self.header._children.values())
        styles = self._local_urls(link for link in links if isinstance(link, CssLink))
        scripts = self._local_urls(link for link in links if isinstance(link, JavascriptLink))
        script = _tidy(self.script.render(**kwargs))
        self.script_hashes = [script_hash(script)] if script else []
        template = TEMPLATES.get_template(self.frame.template)
        return template.render(
            **self.frame.values,
            frame=self.frame,
            static=StaticFiles(self.frame.base_path),
            styles=styles,
            scripts=scripts,
            # Not escaped: both hold constants of ours only, never data (see the module's head).
            map=Markup(_tidy(self.html.render(**kwargs))),
            script=Markup(script),
        )

    def _local_urls(self, links: Iterable[Any]) -> list[str]:
        static = StaticFiles(self.frame.base_path)
        names = (local_file(link.url) for link in links)
        return list(dict.fromkeys(static.url(name) for name in names if name))


class StaticFiles:
    """Addresses of the built files; each carries its digest, so browsers may keep it for good."""

    def __init__(self, base_path: str = "") -> None:
        self._prefix = f"{base_path}/static/"
        self._digests = read_manifest()

    def url(self, name: str) -> str:
        """Return the address of a built file; an unknown name is a `UsageError`."""
        if name not in self._digests:
            raise UsageError(f"{name!r} is not among the built files.", code="asset_unknown")
        return f"{self._prefix}{name}?v={self._digests[name][:10]}"


def local_file(url: str) -> str | None:
    """Return the built file for a link of Folium, None for what our pages leave out.

    Parameters
    ----------
    url
        The address as Folium or a plug-in gives it, or the name of a built file.

    Raises
    ------
    UsageError
        ``external_link``: the address leads outside and no file of ours stands for it.

    Examples
    --------
    >>> local_file("https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.js")
    'leaflet/leaflet.js'
    """
    if not re.match(r"[a-z][a-z0-9+.-]*:|//", url, re.IGNORECASE):
        return url
    last = url.split("?", maxsplit=1)[0].rsplit("/", maxsplit=1)[-1]
    if LEFT_OUT.fullmatch(last):
        return None
    if last not in LOCAL_FILES:
        raise UsageError(
            f"the page would load {url[:120]!r} from outside; add the library to"
            " maps/web/package.json and its file to maps/offline.py.",
            code="external_link",
        )
    return LOCAL_FILES[last]


def script_hash(script: str) -> str:
    """Return the CSP source of an inline script: ``sha256-`` and the digest of its text."""
    digest = hashlib.sha256(script.encode()).digest()
    return "sha256-" + base64.b64encode(digest).decode()


def content_security_policy(script_hashes: Iterable[str] = (), *, forms: bool = False) -> str:
    """Return the Content-Security-Policy for a page with these inline scripts, and forms or none.

    Styles need no exception: the pages have none inline, and scripts set them as properties.
    """
    scripts = " ".join(["'self'", *(f"'{digest}'" for digest in script_hashes)])
    rules = {
        "default-src": "'none'",
        "script-src": scripts,
        "style-src": "'self'",
        "img-src": "'self' data: blob:",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'" if forms else "'none'",
        "frame-ancestors": "'none'",
        "object-src": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())


def json_block(value: Any) -> Markup:
    """Return JSON that may stand inside a ``<script type="application/json">`` element."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)


# -------------------------------------------------------------------------------------------


def _tidy(text: str) -> str:
    """Drop the blank lines and the indentation that nested templates leave."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())
