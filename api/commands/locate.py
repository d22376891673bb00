"""``locate``: the rows that lack nothing but a place, and a pin for one of them."""

from __future__ import annotations

from typing import Annotated

import typer

from api.commands.output import AsJson, Directory, print_result


def locate(
    row: Annotated[str | None, typer.Argument(help="Identity of a waiting row.")] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="LAT,LON", help="Where it belongs, in degrees.")
    ] = None,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """List the rows that wait for a place, or place one of them.

    Example: safe-region locate 0f3c9e5a7d1b42688c0a9d4e2b6f7a15 --at 51.2278,51.3865
    """
    from api.opening import opened_workspace
    from data.intake import pin_row
    from data.store.unplaced import Pin, list_unplaced
    from geo.errors import UsageError

    if (row is None) != (at is None):
        raise UsageError("Name a row and --at LAT,LON together, or neither to list the rows.")
    workspace, database = opened_workspace(directory)
    if row is not None and at is not None:
        lat, lon = parse_position(at)
        pin_row(Pin(row, lat, lon), workspace=workspace, database=database)
        print_result(
            {"identity": row, "lat": lat, "lon": lon},
            as_json=as_json,
            lines=["Placed; the next build counts it."],
        )
        return
    with database.reading() as connection:
        rows = list_unplaced(connection).to_dict("records")
    lines = [
        f"{one['identity']}  {one['file_name']} row {one['row']}  {one['occurred_at']}  "
        f"{one['reason']}  {one['address_raw'] or ''}"
        for one in rows
    ]
    print_result({"rows": rows}, as_json=as_json, lines=lines or ["No row waits for a place."])


def parse_position(text: str) -> tuple[float, float]:
    """Read "51.2278,51.3865" as latitude and longitude.

    Raises
    ------
    UsageError
        ``position_invalid``.
    """
    from geo.errors import UsageError

    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError as error:
        raise UsageError(
            "Write the position as LAT,LON in degrees, such as 51.2278,51.3865.",
            code="position_invalid",
        ) from error
    return lat, lon
