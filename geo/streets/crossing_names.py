"""Which named streets cross a street, and where the next one is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.streets.network import FloatArray, IntArray, StreetNetwork
from geo.streets.sections import Sections, run_to_end, street_keys


@dataclass(frozen=True)
class StreetsAtNodes:
    """The two longest named streets at each node (−1 none), the longest first."""

    first: IntArray
    second: IntArray
    street_length_m: FloatArray

    @classmethod
    def of(cls, network: StreetNetwork) -> StreetsAtNodes:
        """Find the streets, numbered as `street_keys` does, and their lengths in the town."""
        edge_street = street_keys(network.ways)[network.edge_way]
        on = edge_street >= 0
        length_m = np.zeros(edge_street.max() + 1)
        np.add.at(length_m, edge_street[on], network.edge_length_m[on])
        node = np.concatenate([network.edge_u[on], network.edge_v[on]])
        pairs = np.unique(np.column_stack([node, np.tile(edge_street[on], 2)]), axis=0)
        node, key = pairs.T
        order = np.lexsort((key, -length_m[key], node))
        node, key = node[order], key[order]
        start = np.flatnonzero(np.diff(node, prepend=-1))
        first = np.full(len(network.node_id), -1)
        second = first.copy()
        first[node[start]] = key[start]
        followed = start[start + 1 < len(node)]
        followed = followed[node[followed + 1] == node[followed]]
        second[node[followed]] = key[followed + 1]
        return cls(first, second, length_m)

    def other(self, node: IntArray, street: IntArray) -> IntArray:
        """Return the longest named street at each node that is not the given one."""
        return np.where(self.first[node] == street, self.second[node], self.first[node])


def section_streets(sections: Sections, network: StreetNetwork) -> IntArray:
    """Return each section's street number; −1 is unnamed."""
    street = np.full(len(sections.frame), -1)
    street[sections.edge_section] = street_keys(network.ways)[network.edge_way]
    return street


def named_crossings(
    sections: Sections, street: IntArray, nearby: StreetsAtNodes
) -> tuple[IntArray, IntArray]:
    """Look along the same street, both ways, for the nearest crossing that has a name.

    The look ends where more than two sections of the street meet, or none goes on.

    Parameters
    ----------
    sections
        The sections of the town.
    street
        Street number of each section.
    nearby
        The named streets at each node.

    Returns
    -------
    low, high
        Street numbers for each section, ``low`` < ``high``; −1 where fewer than two different
        streets are found, in ``high`` too where none is, and for an unnamed section.
    """
    named = np.flatnonzero(street >= 0)
    u, v = (sections.frame[end].to_numpy(np.int64)[named] for end in ("node_u", "node_v"))
    # Dart i goes along section i to its end, dart i + n back to its start.
    tail, head = np.concatenate([u, v]), np.concatenate([v, u])
    key = np.concatenate([street[named], street[named]])
    crossing = nearby.other(head, key)
    onward = _along_street(tail, key, nearby)
    last, _ = run_to_end(onward)
    reached = np.where(onward[last] == last, crossing[last], -1)
    ahead, behind = reached[: len(named)], reached[len(named) :]
    low, high = np.full(len(street), -1), np.full(len(street), -1)
    low[named] = np.where(ahead == behind, -1, np.minimum(ahead, behind))
    high[named] = np.maximum(ahead, behind)
    return low, high


# -------------------------------------------------------------------------------------------


def _along_street(tail: IntArray, key: IntArray, nearby: StreetsAtNodes) -> IntArray:
    """Link darts where exactly two sections of a street meet and no named street crosses."""
    darts = np.arange(len(tail))
    turned = np.roll(darts, len(darts) // 2)
    _, meeting = np.unique(tail * (key.max(initial=0) + 1) + key, return_inverse=True)
    plain = (np.bincount(meeting)[meeting] == 2) & (nearby.other(tail, key) < 0)
    leaving = np.flatnonzero(plain)
    leaving = leaving[np.argsort(meeting[leaving], kind="stable")]
    one, other = leaving[::2], leaving[1::2]
    onward = darts.copy()
    onward[turned[one]] = other
    onward[turned[other]] = one
    return onward
