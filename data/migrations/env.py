"""Run the migrations on the connection that the caller has open, inside its transaction."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from data.geometry import Geo
from data.tables import Model


def include_object(
    thing: Any, name: str | None, kind: str, _reflected: bool, _other: object
) -> bool:
    """Leave PostGIS's own table alone, and GiST indexes where there are none."""
    if kind == "table":
        return name != "spatial_ref_sys"
    if kind == "index" and context.get_context().dialect.name != "postgresql":
        return not (name or "").startswith("gix_")
    return True


def render_item(kind: str, thing: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write the geometry type by its own name in a drafted version."""
    if kind != "type" or not isinstance(thing, Geo):
        return False
    autogen.imports.add("from data.geometry import Geo")
    return f"Geo({thing.geometry_type!r}, srid={thing.srid})"


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Model.metadata,
    include_object=include_object,
    render_item=render_item,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
