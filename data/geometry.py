"""The one geometry type of the tables: PostGIS geometry there, WKB bytes in SQLite."""

from __future__ import annotations

from typing import Any

import shapely
from geoalchemy2 import Geometry, WKBElement
from geoalchemy2.shape import to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator, TypeEngine


class Geo(TypeDecorator[BaseGeometry]):
    """A shapely geometry in Python, in whichever form the database keeps.

    Ready WKB bytes are accepted too, for bulk loads made with ``shapely.to_wkb(array)``.
    On PostgreSQL the columns know the PostGIS functions (``Incident.geom.ST_Intersects``), given a
    ``WKBElement`` or ``type_coerce(geometry, Geo())``.
    """

    impl = Geometry
    cache_ok = True
    comparator_factory = Geometry.comparator_factory

    def __init__(self, geometry_type: str = "GEOMETRY", srid: int = 4326) -> None:
        self.geometry_type = geometry_type
        self.srid = srid
        # The spatial index is named in tables.py: made here, migrations would make it twice.
        super().__init__(geometry_type=geometry_type, srid=srid, spatial_index=False)

    def load_dialect_impl(self, dialect: Dialect | None) -> TypeEngine[Any]:
        """Choose the column type; GeoAlchemy2 also asks without a dialect."""
        if dialect is not None and dialect.name == "sqlite":
            return LargeBinary()
        return Geometry(self.geometry_type, srid=self.srid, spatial_index=False)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Turn a geometry (or ready WKB) into what the database takes.

        PostgreSQL gets it as hexadecimal EWKB, because text would round the last bit.
        """
        if value is None or isinstance(value, WKBElement | str):
            return value
        if dialect.name == "sqlite":
            return value if isinstance(value, bytes) else shapely.to_wkb(value, byte_order=1)
        shape = shapely.from_wkb(value) if isinstance(value, bytes) else value
        return shapely.to_wkb(shapely.set_srid(shape, self.srid), hex=True, include_srid=True)

    def process_result_value(self, value: Any, dialect: Dialect) -> BaseGeometry | None:
        """Turn what the database gave into a geometry."""
        if value is None:
            return None
        return shapely.from_wkb(value) if isinstance(value, bytes) else to_shape(value)
