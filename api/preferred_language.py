"""Which of the three languages a browser prefers."""

from __future__ import annotations

from fastapi import Request

from maps.pages.context import LANGUAGE_NAMES


def preferred_language(request: Request) -> str:
    """Return the query's language, else the browser's, else Kazakh."""
    known = [code for code, _, _ in LANGUAGE_NAMES]
    asked = request.headers.get("accept-language", "").lower().split(",")
    wished = [request.query_params.get("lang", ""), *(item.strip()[:2] for item in asked)]
    return next((lang for lang in wished if lang in known), known[0])
