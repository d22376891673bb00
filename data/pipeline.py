"""Score what is stored, in order: from the inputs of a run to the frames of its snapshot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.copies import computed_beside
from data.equipment import asset_frames, describe_equipment, patrol_doses
from data.inputs import Inputs
from data.patrols import patrol_days, patrol_frames
from data.walks import describe_walks
from geo import columns as c
from geo.cells import build_cell_grid
from geo.columns import of_window
from geo.coverage.daylight import darkness_by_window
from geo.hazard.inputs import Town
from geo.hazard.scored_town import ScoredTown
from geo.hazard.town import TownHazard
from geo.parameters import SCORED_RESOLUTION, WINDOWS, HazardParameters
from geo.streets.alternatives import CalmChoice
from geo.streets.crosswalk import crosswalk_weights, section_parts, snap_to_sections
from geo.streets.network import StreetNetwork, build_network
from geo.streets.routes import SchoolRoutes
from geo.streets.school_gates import gate_table
from geo.streets.school_walks import WalkedStreets, hazard_by_window, school_walks
from geo.streets.section_labels import section_labels
from geo.streets.section_links import EarlierMap, lasting_sections
from geo.streets.sections import Sections, street_sections
from geo.study_area import WGS84

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Streets:
    """The street map as the model and the pages see it.

    Attributes
    ----------
    town
        All the model needs.
    sections
        ``section_id``, geometry, names, label, light, and who walks there: pupils a school day,
        child-minutes a month, ids of their schools.
    routes
        Section and school with the pupils who walk there, for the sections that any walk.
    walked, school_routes
        For the lit and calm ways; the hazard of ``walked`` is not known yet.
    section_links
        Where the sections of earlier maps went whose ids ended.
    facts
        For the run card.
    """

    town: Town
    sections: pd.DataFrame
    routes: pd.DataFrame
    walked: WalkedStreets
    school_routes: SchoolRoutes
    section_links: pd.DataFrame
    facts: dict[str, Any]


def mapped_streets(
    inputs: Inputs, earlier: EarlierMap | None
) -> tuple[StreetNetwork, Sections, pd.DataFrame]:
    """Return network, sections under their lasting ids, and the links of ids that ended.

    Parameters
    ----------
    earlier
        Sections of the run before, whose ids go on; None for the first.
    """
    extract, area = inputs.extract, inputs.area
    network = build_network(extract.nodes, extract.ways, extract.way_nodes, area)
    sections, links = lasting_sections(street_sections(network), earlier, area)
    return network, sections, links


def walked_streets(
    inputs: Inputs,
    network: StreetNetwork,
    sections: Sections,
    as_of: date,
    parameters: HazardParameters,
) -> tuple[WalkedStreets, SchoolRoutes]:
    """Return the streets with their light, and who walks on them; their hazard is not known yet."""
    light, _, _ = describe_equipment(inputs, network, sections, as_of, parameters)
    routes, _, _ = describe_walks(inputs, network, sections, as_of, parameters)
    return WalkedStreets(network, sections, light), routes


def describe_streets(
    inputs: Inputs,
    parameters: HazardParameters,
    *,
    as_of: date,
    progress: Progress,
    earlier: EarlierMap | None = None,
) -> Streets:
    """Build network, sections, light, routes and patrol dose: all the model needs but the rate.

    Parameters
    ----------
    earlier
        Sections of the run before, whose ids go on; None for the first.
    """
    area, extract = inputs.area, inputs.extract
    progress("streets and sections")
    network, sections, links = mapped_streets(inputs, earlier)
    labels = section_labels(sections, network, extract.points, area)
    grid = build_cell_grid(area, SCORED_RESOLUTION)

    with computed_beside(
        lambda: (
            describe_equipment(inputs, network, sections, as_of, parameters),
            patrol_doses(inputs.visits, grid, as_of, parameters),
        )
    ) as conditions:
        progress("incidents along the streets")
        parts = section_parts(sections, network, grid)
        shown = inputs.incidents[~inputs.incidents[c.SENSITIVE].astype(bool)]
        parts["weight"] = crosswalk_weights(parts, sections, network, shown, parameters)
        incidents = _with_sections(inputs.incidents, sections, network, parameters)

        progress("school routes")
        routes, walks, walk_facts = describe_walks(inputs, network, sections, as_of, parameters)

        progress("light, darkness and patrol")
        (light, cameras, odd), (now, history) = conditions()
    middle = shapely.centroid(area.boundary)
    year = (as_of - timedelta(days=365), as_of - timedelta(days=1))
    town = Town(
        area=area,
        grid=grid,
        sections=sections.frame,
        parts=parts,
        incidents=incidents,
        coverage=inputs.periods,
        as_of=as_of,
        darkness=darkness_by_window(middle.y, middle.x, area.time_zone, *year),
        section_light=light,
        section_cameras=cameras,
        patrol_now=now,
        patrol_history=history,
        child_minutes=walks[list(WINDOWS)] if len(routes.flows) else None,
        calendar=inputs.calendar,
        severity_table=inputs.severity_table,
    )
    facts = {
        "label_kinds": labels[c.LABEL_KIND].value_counts().sort_index().to_dict(),
        "components": int(network.component.max()) + 1,
        "routes": walk_facts,
        "light_m": {
            name: round(float(light[name].sum()), 1)
            for name in (c.LIT_M, c.UNLIT_M, c.UNKNOWN_LIGHT_M)
        },
        "equipment": odd,
        "patrols": patrol_days(inputs.visits, as_of).as_json(),
    }
    described = [sections.frame, labels, light, *([] if cameras is None else [cameras])]
    shown_sections = _shown_sections(described, walks, inputs.schools, routes)
    table = _route_table(routes, sections, inputs.schools)
    walked = WalkedStreets(network, sections, light)
    return Streets(town, shown_sections, table, walked, routes, links, facts)


def place_frames(
    inputs: Inputs, streets: Streets, scored: ScoredTown, parameters: HazardParameters
) -> dict[str, pd.DataFrame]:
    """Return the frames of a snapshot that maps are drawn from, by name.

    Places carry what a page says of them, but for the ranks of `ranked_frames`.
    """
    sections = _described_sections(streets, scored.sections)
    return {
        "cells": scored.cells,
        **{f"cells_r{resolution}": frame for resolution, frame in scored.parents.items()},
        "sections": sections,
        "routes": _on_sections(streets.routes, sections),
        "school_gates": _gate_table(streets, inputs.schools),
        "section_links": streets.section_links,
        "schools": inputs.schools,
        **asset_frames(inputs, streets.town.as_of, parameters),
        **patrol_frames(inputs, streets.town, streets.walked, scored, parameters),
        "parts": scored.parts,
        "reference": scored.reference,
        "classes": scored.classes,
    }


def ranked_frames(
    inputs: Inputs, streets: Streets, hazard: TownHazard, parameters: HazardParameters
) -> dict[str, pd.DataFrame]:
    """Return the frames that no map waits for: sections with ranks, the memory, the ways.

    The lit and calm ways to school rest on the hazard of the streets.
    """
    sections = _described_sections(streets, hazard.sections)
    walked = replace(
        streets.walked, hazard=hazard_by_window(streets.walked.sections, hazard.sections)
    )
    calm, walks = school_walks(
        walked, inputs.schools, streets.school_routes, parameters, CalmChoice()
    )
    return {
        "sections": sections,
        "incidents": hazard.incidents,
        "cell_kernels": hazard.cell_kernels,
        "calm_routes": _on_sections(calm, sections),
        "school_walks": walks,
    }


# -------------------------------------------------------------------------------------------


def _with_sections(
    incidents: pd.DataFrame,
    sections: Sections,
    network: StreetNetwork,
    parameters: HazardParameters,
) -> pd.DataFrame:
    """Name the section of each incident that may be shown on one."""
    spots = snap_to_sections(
        incidents[c.LAT], incidents[c.LON], sections, network, parameters.incident_snap_m
    )
    position = spots["section"].to_numpy()
    ids = sections.frame[c.SECTION_ID].to_numpy(object)
    named = pd.Series(ids[position], incidents.index, dtype=object)
    shown = (position >= 0) & ~incidents[c.SENSITIVE].to_numpy(bool)
    return incidents.assign(section_id=named.where(shown, None))


def _shown_sections(
    described: list[pd.DataFrame],
    walks: pd.DataFrame,
    schools: pd.DataFrame,
    routes: SchoolRoutes,
) -> pd.DataFrame:
    walked = walks.rename(
        columns={window: of_window(c.CHILD_MINUTES, window) for window in WINDOWS}
    )
    walked[c.CHILD_MINUTES] = walks[list(WINDOWS)].sum(axis=1)
    shown: pd.DataFrame = pd.concat([*described, walked], axis=1)
    shown = shown.drop(columns=["node_u", "node_v"])
    flows = routes.flows.sort_values(["section", c.PUPILS], ascending=[True, False])
    ids = flows["school"].map(schools[c.SCHOOL_ID])
    # A plain loop: pandas would make a table of each section's rows to join their schools.
    of_section: dict[int, list[str]] = {}
    for section, school in zip(flows["section"].tolist(), ids.tolist(), strict=True):
        of_section.setdefault(section, []).append(school)
    joined = {section: ";".join(some) for section, some in of_section.items()}
    return shown.assign(school_ids=pd.Series(joined, dtype=ids.dtype).reindex(shown.index))


def _described_sections(streets: Streets, sections: pd.DataFrame) -> gpd.GeoDataFrame:
    """Join names, light and walks to the sections that have a hazard."""
    scored = sections[sections[c.HAZARD].notna()]
    described = scored.drop(columns=[c.LENGTH_M]).merge(
        streets.sections, on=c.SECTION_ID, validate="one_to_one"
    )
    return gpd.GeoDataFrame(described, geometry=c.GEOMETRY, crs=WGS84)


def _on_sections(rows: pd.DataFrame, sections: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows of the sections that are shown."""
    # Compared as objects: Arrow texts would be turned into a list first, 25 times slower.
    ids = (frame[c.SECTION_ID].astype(object) for frame in (rows, sections))
    return rows[next(ids).isin(next(ids))].reset_index(drop=True)


def _gate_table(streets: Streets, schools: pd.DataFrame) -> pd.DataFrame:
    """Return the schools' gates with who goes in by each, and the street that it opens on."""
    routes, sections = streets.school_routes, streets.walked.sections
    table = gate_table(routes.gates, routes.homes, schools, sections.edge_section)
    ids = sections.frame[c.SECTION_ID].to_numpy(object)
    section = table.pop("section").to_numpy(np.int64)
    named = pd.Series(ids[section], table.index, dtype=object)
    return table.assign(section_id=named.where(section >= 0, None))


def _route_table(routes: SchoolRoutes, sections: Sections, schools: pd.DataFrame) -> pd.DataFrame:
    flows = routes.flows
    return pd.DataFrame(
        {
            c.SECTION_ID: flows["section"].map(sections.frame[c.SECTION_ID]),
            c.SCHOOL_ID: flows["school"].map(schools[c.SCHOOL_ID]),
            c.PUPILS: flows[c.PUPILS],
            "metres": flows["metres"],
        }
    )
