"""What changed on one day of a demo, and the planted effect of it, for the file of the truth."""

from __future__ import annotations

import numpy as np

from data.demo import prevention
from data.demo.equipment import CHANGED, Equipment
from data.demo.plane import FloatArray, Plane
from data.demo.street_map import IntArray, StreetMap


def dated_changes(streets: StreetMap, equipment: Equipment, plane: Plane) -> dict[str, object]:
    """Return the day, what changed on it and by which logs offences follow, as JSON holds it.

    ``log_irr`` is that of thefts and robberies in full darkness, of full patrol presence, and of
    a watched camera's view.
    """

    def points(places: FloatArray) -> dict[str, object]:
        return {"type": "MultiPoint", "coordinates": _degrees(places, plane)}

    def ways(chosen: IntArray) -> dict[str, object]:
        lines = []
        for way in chosen.tolist():
            nodes = streets.refs[streets.way == way]
            lines.append(_degrees(np.column_stack([streets.x[nodes], streets.y[nodes]]), plane))
        return {"type": "MultiLineString", "coordinates": lines}

    return {
        "from": CHANGED.isoformat(),
        "light": {
            "log_irr": prevention.DARK_LOG_IRR,
            "lit_relief": prevention.LIT_RELIEF,
            "lit": ways(equipment.lit),
            "gone_dark": ways(equipment.dark),
        },
        "patrol": {"log_irr": prevention.PATROL_LOG_IRR, "stops": points(equipment.beat)},
        "camera": {
            "log_irr": prevention.CAMERA_LOG_IRR,
            "repaired": points(equipment.repaired),
            "dead": points(equipment.dead),
        },
    }


# -------------------------------------------------------------------------------------------


def _degrees(xy: FloatArray, plane: Plane) -> list[list[float]]:
    lat, lon = plane.to_degrees(xy[:, 0], xy[:, 1])
    return [[east, north] for east, north in zip(lon.tolist(), lat.tolist(), strict=True)]
