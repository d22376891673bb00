"""A small town as an opened snapshot: what a build would keep of it, without a build."""

from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
from shapely import LineString

from api.dependencies import OpenedSnapshot
from geo.cells import build_cell_grid
from geo.hazard.town import TownHazard, town_hazard
from geo.parameters import HazardParameters, parameters_hash
from geo.study_area import build_study_area
from tests.geo.hazard_towns import COVERAGE, PARAMETERS, Place

A, B = (51.36674347, 51.23334347), (51.36854766, 51.23384822)
"""Middles of two cells side by side, longitude and latitude."""


def two_cells() -> Place:
    """Two cells side by side, cut to a strip that is the same seen from either end."""
    strip = LineString([A, B]).buffer(0.0002, cap_style="flat")
    area = build_study_area("Row", strip, time_zone="Asia/Oral")
    return Place(area, build_cell_grid(area, 10))


def opened_town(town, found: TownHazard | None = None) -> OpenedSnapshot:
    """Score a town and open it as the service opens a snapshot."""
    found = found or town_hazard(town, PARAMETERS)
    sections = found.sections.merge(town.sections.drop(columns="length_m"), on="section_id")
    sections = sections.assign(label_kind="from", label_name="Абай", label_from=town.sections.index)
    frames = {
        "sections": gpd.GeoDataFrame(sections, geometry="geometry", crs="EPSG:4326"),
        "cells": found.cells,
        "parts": found.parts,
        "incidents": found.incidents,
        "cell_kernels": found.cell_kernels,
        "routes": pd.DataFrame({"section_id": [], "school_id": [], "pupils": [], "metres": []}),
    }
    card = {
        "run_id": "0" * 16,
        "as_of": town.as_of.isoformat(),
        "period": [day.isoformat() for day in COVERAGE[0]],
        "unit": found.facts["unit"],
        "parameters": {"sha256": parameters_hash(HazardParameters())},
        "model": found.facts,
    }
    manifest = {"files": {f"{name}.parquet": {} for name in frames}}
    snapshot = SimpleNamespace(run_card=card, manifest=manifest, read_frame=frames.__getitem__)
    return OpenedSnapshot(snapshot)
