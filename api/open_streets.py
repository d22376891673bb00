"""The streets of the current run as arrays, read back from the store for questions of “what if”."""

from __future__ import annotations

import gc
from dataclasses import dataclass, replace

from api.dependencies import OpenedSnapshot, Published
from data.inputs import Inputs, read_inputs
from data.pipeline import mapped_streets, walked_streets
from geo import columns as c
from geo.errors import NoDataError
from geo.parameters import HazardParameters, parameters_hash
from geo.streets.network import StreetNetwork
from geo.streets.routes import SchoolRoutes
from geo.streets.school_walks import WalkedStreets, hazard_by_window
from geo.streets.section_links import EarlierMap
from geo.streets.sections import Sections

NOT_OF_STREETS = frozenset({"incidents", "visits", "periods", "codes"})
"""Nouns that neither the streets nor the walks rest on: they may have changed since the run."""


@dataclass(frozen=True)
class OpenStreets:
    """The streets of a run, as they were when it was made.

    Attributes
    ----------
    run_id
        Of the run.
    inputs
        Area, map, schools, homes, lamps, lists, outages and cameras on the run's day. Incidents
        and visits are left out: they may be newer than the run.
    network
        The walking graph.
    sections
        In its order of edges, under the ids of the run.
    walked
        Network and sections with their light and with the hazard that the run found.
    routes
        Who walks to which school; schools are numbered as in ``inputs.schools``.
    """

    run_id: str
    inputs: Inputs
    network: StreetNetwork
    sections: Sections
    walked: WalkedStreets
    routes: SchoolRoutes


def open_streets(published: Published) -> OpenStreets:
    """Return the streets of the current run; read at first use and kept for this run alone.

    Others who ask meanwhile wait for the first.

    Raises
    ------
    NoDataError
        ``nothing_published``; ``inputs_changed``: map, schools, homes, lamps or the like are
        other than when the run was made, or it was made by other parameters or code.
    """
    return published.kept_while_current(
        "open_streets", lambda opened: _read_streets(published, opened)
    )


# -------------------------------------------------------------------------------------------


def _read_streets(published: Published, opened: OpenedSnapshot) -> OpenStreets:
    parameters = HazardParameters()
    inputs = read_inputs(published.workspace, published.database, as_of=opened.as_of)
    _check_unchanged(inputs, opened)
    shown = opened.frame("sections")
    network, sections, _ = mapped_streets(inputs, EarlierMap(shown, None))
    if not shown[c.SECTION_ID].isin(sections.frame[c.SECTION_ID]).all():
        raise _changed(opened, "the sections of the map")
    walked, routes = walked_streets(inputs, network, sections, opened.as_of, parameters)
    walked = replace(walked, hazard=hazard_by_window(sections, shown))
    run_id = opened.snapshot.run_id
    streets = OpenStreets(run_id, _still(inputs), network, sections, walked, routes)
    _spare_collector()
    return streets


def _check_unchanged(inputs: Inputs, opened: OpenedSnapshot) -> None:
    """Compare what is stored with what the run card says the run was made from."""
    card = opened.snapshot.run_card
    if card["parameters"]["sha256"] != parameters_hash(HazardParameters()):
        raise _changed(opened, "the parameters of the model")
    known = card["inputs"]
    nouns = (set(known) | set(inputs.hashes)) - NOT_OF_STREETS
    other = sorted(noun for noun in nouns if known.get(noun) != inputs.hashes.get(noun))
    if other:
        raise _changed(opened, ", ".join(other))


def _changed(opened: OpenedSnapshot, what: str) -> NoDataError:
    return NoDataError(
        f"Changed since run {opened.snapshot.run_id}: {what}. Run 'safe-region build' first; the "
        "streets of now and the walks of then are not mixed.",
        code="inputs_changed",
    )


def _still(inputs: Inputs) -> Inputs:
    """Leave out what takes room and may be newer than the run."""
    extract = inputs.extract
    return replace(
        inputs,
        incidents=inputs.incidents.iloc[:0].copy(),
        layer_incidents=inputs.layer_incidents.iloc[:0].copy(),
        visits=inputs.visits.iloc[:0].copy(),
        extract=replace(
            extract,
            nodes=extract.nodes.iloc[:0].copy(),
            way_nodes=extract.way_nodes.iloc[:0].copy(),
            areas=extract.areas.iloc[:0].copy(),
        ),
    )


def _spare_collector() -> None:
    """Take all that lives now out of the garbage collector's rounds.

    A full round over the modules and frames of the service stops every thread for 60 to 100 ms;
    what is asked afterwards leaves little behind.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
