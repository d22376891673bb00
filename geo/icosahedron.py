"""The twenty faces of the icosahedron that H3 projects on, and which of them holds an area."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Icosahedron:
    """The twenty faces, each as its three corners, their middle and its three inward sides.

    Attributes
    ----------
    corners, sides
        Arrays (20, 3, 3) of unit vectors; a direction p lies on a face where p · side > 0
        for its three sides.
    """

    corners: FloatArray
    sides: FloatArray

    def face_of_box(
        self, lat: tuple[float, float], lng: tuple[float, float], margin: float
    ) -> int | None:
        """Find the face that holds a whole box of latitude and longitude, or None.

        Parameters
        ----------
        lat, lng
            Lowest and highest value in degrees, both included.
        margin
            Distance in radians that the box must keep from the sides of the face.
        """
        south, north = np.radians(lat)
        west, east = np.radians(lng)
        x, y, z = np.moveaxis(self.sides, -1, 0)
        # p · side = z·sin(lat) + cos(lat)·level·cos(lng − towards): its least value over the box
        # is found first along the parallel, then along the meridian, exactly.
        towards, level = np.arctan2(y, x), np.hypot(x, y)
        around = level * _least_cosine(west - towards, east - towards)
        upwards, reach = np.arctan2(z, around), np.hypot(z, around)
        least = reach * _least_cosine(south - upwards, north - upwards)
        faces = np.flatnonzero((least > np.sin(margin)).all(axis=1))
        return int(faces[0]) if len(faces) else None


def build_icosahedron(lat: npt.ArrayLike, lng: npt.ArrayLike) -> Icosahedron:
    """Build the faces from the twelve corners of the icosahedron, in degrees."""
    corners = unit_vectors(lat, lng)
    near = corners @ corners.T > 0.4  # neighbours have the cosine 0.447, others −0.447 or −1
    faces = np.array(
        [
            face
            for face in itertools.combinations(range(12), 3)
            if all(near[a, b] for a, b in itertools.combinations(face, 2))
        ]
    )
    vectors = corners[faces]
    sides = np.cross(vectors, np.roll(vectors, -1, axis=1))
    inward = np.sign(np.einsum("fsk,fk->fs", sides, vectors.sum(axis=1)))
    sides *= (inward / np.linalg.norm(sides, axis=2))[:, :, None]
    return Icosahedron(corners=vectors, sides=sides)


def unit_vectors(lat: npt.ArrayLike, lng: npt.ArrayLike) -> FloatArray:
    """Return the directions (n, 3) of points in degrees, from the middle of the sphere."""
    phi, theta = np.radians(np.atleast_1d(lat)), np.radians(np.atleast_1d(lng))
    return np.column_stack([np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)])


# -------------------------------------------------------------------------------------------


def _least_cosine(start: FloatArray, end: FloatArray) -> FloatArray:
    """Return the least cosine on the arc from start to end (radians, end ≥ start)."""
    turns = np.ceil((start - np.pi) / (2 * np.pi))
    holds_half_turn = np.pi + 2 * np.pi * turns <= end
    return np.where(holds_half_turn, -1.0, np.minimum(np.cos(start), np.cos(end)))
