"""Who walks to which school: homes, assignment, routes and child-minutes."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

import pandas as pd

from data.home_schools import assign_by_files
from data.importers.places.known_places import KnownPlaces
from data.inputs import Inputs
from data.known_schools import school_grounds
from geo.parameters import HazardParameters
from geo.streets.exposure import child_minutes, overlapping_shifts
from geo.streets.network import StreetNetwork
from geo.streets.origins import POPULATION, homes_of_population, walk_origins
from geo.streets.routes import SchoolRoutes, school_routes
from geo.streets.school_calendar import mean_school_month
from geo.streets.school_gates import OUTLINE
from geo.streets.sections import Sections


def describe_walks(
    inputs: Inputs,
    network: StreetNetwork,
    sections: Sections,
    as_of: date,
    parameters: HazardParameters,
) -> tuple[SchoolRoutes, pd.DataFrame, dict[str, Any]]:
    """Return routes to the schools, child-minutes of the sections, and facts for the run card."""
    homes, origins = _origins(inputs, sections)
    grounds = school_grounds(inputs.schools, inputs.extract, inputs.area)
    schools = inputs.schools.assign(**{OUTLINE: grounds})
    places = KnownPlaces(inputs.area, inputs.extract, inputs.renames)
    assigned = assign_by_files(homes, inputs.schools, inputs.school_files, places)
    routes = school_routes(network, sections, schools, assigned.homes, parameters)
    month = mean_school_month(inputs.calendar, as_of, parameters)
    minutes = child_minutes(routes, inputs.schools, sections, parameters, month)
    facts = {
        **assigned.facts,
        **routes.facts,
        **origins,
        "overlapping_shifts": overlapping_shifts(inputs.schools),
        "school_month": asdict(month),
    }
    return routes, minutes, facts


# -------------------------------------------------------------------------------------------


def _origins(inputs: Inputs, sections: Sections) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return where walks begin, and from what that is known."""
    if len(inputs.homes):
        return inputs.homes, {"origins_basis": "homes"}
    if inputs.school_files.population is not None:
        homes, facts = homes_of_population(inputs.school_files.population, sections)
        return homes, {**facts, "origins_basis": POPULATION}
    areas = inputs.extract.areas
    homes, basis = walk_origins(areas[areas["kind"] == "building"], sections)
    return homes, {"origins_basis": basis}
