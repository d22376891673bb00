"""What a build says of schools, homes and the files about them: left out, assumed, not found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

NAMED = 5
"""Ids and lines named in one note; the run card has them all, or the first fifty of them."""


def school_notes(routes: dict[str, Any]) -> Iterator[str]:
    """Yield a line for everything of the walks that a person should look at.

    Parameters
    ----------
    routes
        ``card["streets"]["routes"]`` of the run card.
    """
    if not routes["schools"]:
        yield "no school is known: there is no children's walk"
        return
    if not routes["homes"]:
        yield "no home is known: nobody walks to school"
    elif routes["origins_basis"] == "streets":
        yield "where walks begin is assumed, from the map's streets"
    yield from _reach(routes)
    yield from _gates(routes)
    if routes["overlapping_shifts"]:
        yield f"schools whose shifts overlap: {_ids(routes['overlapping_shifts'])}"
    if routes["school_month"]["fault"]:
        yield "the school calendar has no school day this year; 191 days are assumed"
    if routes["pupils_assumed"]:
        yield "some schools' number of pupils is assumed from the dwellings"
    yield from _files(routes)


# -------------------------------------------------------------------------------------------


def _ids(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - NAMED} more" if len(ids) > NAMED else ""
    return ", ".join(ids[:NAMED]) + more


def _reach(routes: dict[str, Any]) -> Iterator[str]:
    if routes["unreachable_schools"]:
        ids = routes["unreachable_schools"]
        yield f"{len(ids)} schools outside the walking network: {_ids(ids)}"
    if routes["unreachable_homes"]:
        lost, homes = routes["unreachable_homes"], routes["homes"]
        yield f"{lost} of {homes} homes have no school within reach"
    if routes["homes"] and routes["schools_without_homes"]:
        yield f"schools to which no home is led: {_ids(routes['schools_without_homes'])}"


def _gates(routes: dict[str, Any]) -> Iterator[str]:
    without, off = routes["schools_without_gate"], routes["gates_off_streets"]
    if without:
        yield f"{len(without)} schools without a known gate, assumed from the map: {_ids(without)}"
    if off:
        yield f"schools of which some gate is far from every street: {_ids(off)}"


def _files(routes: dict[str, Any]) -> Iterator[str]:
    if routes["school_files"]:
        told = ", ".join(f"{rule} {homes}" for rule, homes in routes["assigned_by"].items())
        yield f"homes by what decided their school: {told}"
    for name, file in routes["school_files"].items():
        if file["refused"]:
            rows = ", ".join(f"row {one['row']} {one['code']}" for one in file["first"][:NAMED])
            yield f"{name}: {file['refused']} rows could not be used: {rows}"
    if routes["unknown_schools"]:
        yield f"unknown schools in the office's files: {_ids(routes['unknown_schools'])}"
    addresses = routes["unknown_addresses"]
    if addresses["count"]:
        rows = _ids([str(row) for row in addresses["first"]])
        yield f"{addresses['count']} addresses of the table lead to no home: rows {rows}"
    if routes["unknown_homes"]:
        yield f"{routes['unknown_homes']} rows of the table name homes that are not known"
    yield from _text(routes["catchment_text"])
    for name, what in (
        ("contradicted_homes", "are named for several schools by the table"),
        ("doubtful_homes", "are listed for several schools by the text"),
        ("contested_homes", "lie in the catchments of several schools"),
    ):
        if routes[name]:
            yield f"{routes[name]} homes {what}"


def _text(text: dict[str, Any] | None) -> Iterator[str]:
    if text is None:
        return
    for name, what in (
        ("unmatched", "streets of the text are not on the map"),
        ("without_homes", "streets of the text have no such home"),
        ("unsure", "streets of the text match names that differ"),
    ):
        found = text[name]
        if found["count"]:
            lines = "; ".join(
                f"line {one['line']} “{one['text']}”" for one in found["first"][:NAMED]
            )
            yield f"{found['count']} {what}: {lines}"
