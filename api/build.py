"""Compose one run: stored rows → scores → what each role may see → tiles → published snapshot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd

from api.desk import Desk
from api.role_tiles import basemap_writer, role_writers
from api.run_card import build_notes, run_card
from api.run_identity import HandedOn, RunIdentity, identify_run, json_digest, quarter
from api.stages import Stages, loaded_code_at_rest
from data.database import Database
from data.inputs import Inputs, data_end, read_inputs
from data.pipeline import describe_streets, place_frames, ranked_frames
from data.process_memory import peak_memory_mb
from data.snapshots import (
    Snapshot,
    check_not_older,
    find_current_run,
    list_runs,
    open_snapshot,
    publish_run,
    tiles_file,
    write_snapshot,
)
from data.store.runs import RunRow
from data.workspace import Workspace
from geo.hazard.fitted import FittedQuantities
from geo.hazard.town import complete_hazard, score_town
from geo.hazard.town_fitting import fit_town
from geo.parameters import HazardParameters
from geo.streets.section_links import EarlierMap

REFERENCE, CLASSES, LINKS = "reference", "classes", "section_links"


@dataclass(frozen=True)
class _Before:
    """What earlier runs hand on: current snapshot, and the quarter's reference and estimates."""

    current: Snapshot | None
    reference: Snapshot | None
    fitted: dict[str, Any] | None

    def hashes(self) -> HandedOn:
        streets = None if self.current is None else self.current.manifest["files"]
        return HandedOn(
            reference=_hash_of(self.reference, REFERENCE),
            fitted=None if self.fitted is None else json_digest(self.fitted),
            classes=_hash_of(self.current, CLASSES),
            street_map=None if streets is None else json_digest(_map_hashes(streets)),
        )

    def frame(self, name: str) -> pd.DataFrame | None:
        snapshot = self.reference if name == REFERENCE else self.current
        return None if snapshot is None else snapshot.read_frame(name)

    def held(self) -> FittedQuantities | None:
        return None if self.fitted is None else FittedQuantities.from_json(self.fitted)

    def street_map(self) -> EarlierMap | None:
        if self.current is None:
            return None
        kept = f"{LINKS}.parquet" in self.current.manifest["files"]
        links = self.current.read_frame(LINKS) if kept else None
        return EarlierMap(self.current.read_frame("sections"), links)


@loaded_code_at_rest()
def build_run(
    workspace: Workspace,
    database: Database,
    *,
    as_of: date | None,
    force: bool,
    progress: Callable[[str], None],
) -> dict[str, Any]:
    """Score what is stored and publish it; equal inputs publish nothing new.

    A run that was made before and is not the current one any more becomes current again.

    Parameters
    ----------
    as_of
        The day the run stands on; None takes the day after the data ends.
    force
        Publish although the current run stands on a later day.
    progress
        Receives each stage's name.

    Returns
    -------
    dict
        ``run_id, published, as_of, inputs, counts, seconds (by stage), peak_memory_mb``.

    Raises
    ------
    NoDataError
        ``no_map`` or ``no_incidents``.
    UsageError
        ``run_older``.
    """
    parameters = HazardParameters()
    stages = Stages(progress)
    stages.start("reading what is stored")
    inputs = read_inputs(workspace, database, as_of=as_of)
    covered_until = data_end(inputs)
    as_of = as_of or covered_until
    check_not_older(find_current_run(database), as_of, force=force)
    before = _find_before(workspace, database, as_of)
    identity = identify_run(
        inputs.hashes,
        as_of,
        parameters,
        before.hashes(),
    )
    if before.current is not None and before.current.run_card["basis"] == identity.basis:
        return _result(before.current.run_card, identity, stages, published=False)
    known = next((run for run in list_runs(database) if run.run_id == identity.run_id), None)
    if known is not None:
        card = open_snapshot(workspace.snapshots, known.run_id).run_card
        stages.start("publishing")
        publish_run(database, known, force=force)
        return _result(card, identity, stages, published=True)

    card, sha256 = _make_snapshot(workspace, inputs, before, identity, stages)

    stages.start("publishing")
    row = RunRow(
        run_id=identity.run_id,
        as_of=as_of,
        parameters_version=parameters.version,
        parameters_hash=identity.parameters,
        code_version=identity.code,
        manifest_sha256=sha256,
        published_at=datetime.now(UTC).replace(tzinfo=None),
        seconds=stages.seconds()["total"],
        peak_memory_mb=peak_memory_mb(),
        facts={"inputs": inputs.hashes, "counts": card["counts"]},
    )
    publish_run(database, row, force=force)
    return _result(card, identity, stages, published=True)


# -------------------------------------------------------------------------------------------


def _make_snapshot(
    workspace: Workspace,
    inputs: Inputs,
    before: _Before,
    identity: RunIdentity,
    stages: Stages,
) -> tuple[dict[str, Any], str]:
    """Score the inputs and write the run's folder; return its card and the manifest's SHA-256.

    The archives of tiles are written beside: the street map's while the places are scored, the
    roles' as soon as they are.
    """
    parameters, as_of = HazardParameters(), identity.as_of
    with Desk(workspace.snapshots) as desk:
        streets = describe_streets(
            inputs, parameters, as_of=as_of, progress=stages.start, earlier=before.street_map()
        )
        stages.start("what past months teach")
        fitted = fit_town(streets.town, parameters, before.held())

        stages.start("hazard, scores and reasons")
        ground = basemap_writer(inputs.extract, inputs.area.boundary.bounds)
        writers = desk.begin({tiles_file("basemap"): ground})
        town = replace(streets.town, fitted=fitted)
        scored = score_town(town, parameters, before.frame(REFERENCE), before.frame(CLASSES))
        frames = place_frames(inputs, streets, scored, parameters)
        roles = role_writers(dict(frames))
        writers |= desk.begin({tiles_file(role): write for role, write in roles.items()})

        stages.start("ranks, lit and calm ways, tiles and snapshot")
        hazard = complete_hazard(town, scored, parameters, identity.seed)
        del scored
        frames |= ranked_frames(inputs, streets, hazard, parameters)
        card = run_card(workspace, inputs, streets, hazard, identity)
        card |= {"fitted": fitted.as_json()}
        sha256 = write_snapshot(workspace.snapshots, identity.run_id, frames, writers, card)
    return card, sha256


def _find_before(workspace: Workspace, database: Database, as_of: date) -> _Before:
    """Find the current run, and the first run of the quarter, whose reference is kept."""
    run = find_current_run(database)
    current = _find_snapshot(workspace, run)
    same_quarter = [run for run in list_runs(database) if quarter(run.as_of) == quarter(as_of)]
    holds = run is not None and current is not None and quarter(run.as_of) == quarter(as_of)
    return _Before(
        current=current,
        reference=_find_snapshot(workspace, same_quarter[-1] if same_quarter else None),
        fitted=current.run_card.get("fitted") if current is not None and holds else None,
    )


def _hash_of(snapshot: Snapshot | None, name: str) -> str | None:
    if snapshot is None:
        return None
    return str(snapshot.manifest["files"][f"{name}.parquet"]["sha256"])


def _map_hashes(files: dict[str, Any]) -> list[str]:
    """Return the hashes of the frames that hold the sections' ids, lines and links."""
    names = (f"{name}.parquet" for name in ("sections", LINKS))
    return [str(files[name]["sha256"]) for name in names if name in files]


def _find_snapshot(workspace: Workspace, run: RunRow | None) -> Snapshot | None:
    return None if run is None else open_snapshot(workspace.snapshots, run.run_id)


def _result(
    card: dict[str, Any], identity: RunIdentity, stages: Stages, *, published: bool
) -> dict[str, Any]:
    return {
        "run_id": card["run_id"],
        "published": published,
        "as_of": card["as_of"],
        "inputs": identity.inputs,
        "counts": card["counts"],
        "notes": build_notes(card),
        "seconds": stages.seconds(),
        "peak_memory_mb": round(peak_memory_mb(), 1),
    }
