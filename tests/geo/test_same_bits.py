"""The same town gives the same bytes: again, with more threads, with other hash seeds."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import scipy.fft

from geo.hazard.town import TownHazard, town_hazard
from tests.geo.hazard_towns import PARAMETERS, oral, plain_town, random_incidents
from tests.geo.random_towns import random_light

CALL = "from tests.geo.test_same_bits import digest_of_a_town; print(digest_of_a_town())"


def digest_of_a_town() -> str:
    """Hash of every frame of a town large enough for the convolved kernels."""
    place = oral(0.028)
    assert len(place.grid.cells) > 500
    town = plain_town(place, random_incidents(place.grid, 400, 5))
    light = random_light(len(town.sections), np.random.default_rng(5))
    with scipy.fft.set_workers(int(os.environ.get("OMP_NUM_THREADS", "1"))):
        return digest(town_hazard(type(town)(**vars(town) | {"section_light": light}), PARAMETERS))


def digest(found: TownHazard) -> str:
    whole = hashlib.sha256()
    parents = [found.parents[resolution] for resolution in sorted(found.parents)]
    for frame in (
        found.cells,
        found.sections,
        *parents,
        found.parts,
        found.reference,
        found.classes,
    ):
        # CSV writes a float so that it reads back to the last bit.
        whole.update(frame.to_csv().encode())
    whole.update(repr(found.facts).encode())
    return whole.hexdigest()


def digest_elsewhere(threads: int, hash_seed: int) -> subprocess.Popen:
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = os.environ | dict.fromkeys(names, str(threads))
    environment["PYTHONHASHSEED"] = str(hash_seed)
    return subprocess.Popen(
        [sys.executable, "-c", CALL], env=environment, stdout=subprocess.PIPE, text=True
    )


def test_threads_runs_and_hash_seeds_change_no_byte():
    elsewhere = [digest_elsewhere(threads, seed) for threads, seed in ((1, 1), (4, 2), (1, 3))]

    found = {process.communicate(timeout=120)[0].strip() for process in elsewhere}

    assert found == {digest_of_a_town()}
