"""The points of GPS traces in GPX: one row for each point of a track."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from data.importers.parsing.raw_columns import (
    BLOCK_ROWS,
    GEOMETRY,
    RAW,
    ROW,
    Block,
    Rows,
    X,
    Y,
    refusal,
    row_digest,
)

TRACE = "trace"
HEADS = (TRACE, "time", "ele", "speed", "course", "sat")

_CHUNK = 1 << 16
_LONGEST_TEXT = 1000
_DEEPEST = 50


def read_gpx(path: Path, options: dict[str, Any], facts: dict[str, Any]) -> Rows:
    """Return the points of all tracks; way points and planned routes are passed over.

    The trace is the track's name, else its number in the file. Times stand as written, which in
    GPX is UTC. A track may be named after a person: the gate for personal data sees it like any
    text.

    Parameters
    ----------
    path
        The file.
    options
        None are needed.
    facts
        Gains ``crs``, ``tracks`` and ``points``.

    Raises
    ------
    InputRefusedError
        ``format_mismatch``: another XML, or one with a document type; ``file_damaged``.
    """
    facts["crs"], facts["tracks"], facts["points"] = "EPSG:4326", 0, 0
    return Rows(HEADS, _blocks(path, facts), positioned=True)


# -------------------------------------------------------------------------------------------


class _Tracks:
    """Follows the elements of a file and collects the points of its tracks."""

    def __init__(self, path: Path) -> None:
        self.points: list[tuple[str | None, ...]] = []
        self.tracks = 0
        self._path = path
        self._open: list[str] = []
        self._name = ""
        self._cells: dict[str, str] | None = None
        self._text: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if not self._open and name != "gpx":
            raise refusal("format_mismatch", f"{self._path.name} is XML but no GPX.")
        if len(self._open) == _DEEPEST:
            raise refusal("too_deep", f"{self._path.name} is nested too deeply to be GPX.")
        if name == "trk":
            self.tracks += 1
            self._name = str(self.tracks)
        elif name == "trkpt":
            self._cells = {X: attributes.get("lon", ""), Y: attributes.get("lat", "")}
        self._open.append(name)
        self._text = []

    def end(self, _: str) -> None:
        name = self._open.pop()
        text = "".join(self._text)[:_LONGEST_TEXT].strip()
        self._text = []
        if name == "trkpt" and self._cells is not None:
            cells = self._cells | {TRACE: self._name}
            self.points.append(tuple(cells.get(head) or None for head in (*HEADS, X, Y)))
            self._cells = None
        elif name == "name" and self._open[-1:] == ["trk"]:
            self._name = text or self._name
        elif self._cells is not None and name in HEADS and name != TRACE:
            self._cells[name] = text

    def text(self, part: str) -> None:
        if self._cells is not None or self._open[-1:] == ["name"]:
            self._text.append(part)


def _blocks(path: Path, facts: dict[str, Any]) -> Iterator[Block]:
    tracks = _Tracks(path)
    parser = _parser(tracks, path)
    first = 1
    with path.open("rb") as file:
        last = False
        while not last:
            chunk = file.read(_CHUNK)
            last = not chunk
            try:
                parser.Parse(chunk, last)
            except (expat.ExpatError, LookupError, ValueError) as error:  # or its encoding
                raise refusal(
                    "file_damaged",
                    f"{path.name} is broken XML at line {parser.ErrorLineNumber}; export it again.",
                ) from error
            while len(tracks.points) >= BLOCK_ROWS or (last and tracks.points):
                points, tracks.points = (
                    tracks.points[:BLOCK_ROWS],
                    tracks.points[BLOCK_ROWS:],
                )
                yield _block(points, first)
                first += len(points)
                facts["points"] += len(points)
            facts["tracks"] = tracks.tracks


def _parser(tracks: _Tracks, path: Path) -> expat.XMLParserType:
    def refuse_document_type(*_: object) -> None:
        raise refusal(
            "format_mismatch",
            f"{path.name} declares a document type; GPX has none. Export it again.",
        )

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse_document_type
    parser.StartElementHandler = tracks.start
    parser.EndElementHandler = tracks.end
    parser.CharacterDataHandler = tracks.text
    return parser


def _block(points: list[tuple[str | None, ...]], first: int) -> Block:
    columns: Block = dict(zip((*HEADS, X, Y), zip(*points, strict=True), strict=True))
    return {
        **columns,
        GEOMETRY: ["Point"] * len(points),
        ROW: range(first, first + len(points)),
        RAW: [row_digest(point) for point in points],
    }
