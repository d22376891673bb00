"""Street sections: every walkable street part between two crossings, with an id that lasts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo import columns as c
from geo.streets.network import FloatArray, IntArray, StreetNetwork
from geo.study_area import WGS84

TAGS = (c.HIGHWAY, c.NAME, c.NAME_KK, c.NAME_RU, c.LIT, c.SIDEWALK, c.SURFACE)


@dataclass(frozen=True)
class Sections:
    """The sections of a town and where each edge of the network lies on them.

    Attributes
    ----------
    frame
        RangeIndex, sorted by ``section_id``; ``geometry`` (line in longitude, latitude),
        ``length_m``, ``highway, name, name_kk, name_ru, lit, sidewalk, surface`` (the value that
        holds for most metres, missing where most are untagged), ``node_u, node_v`` (positions in
        the network of the line's first and last node; equal for a ring).
    edge_section
        Position of the section that an edge belongs to.
    edge_start_m
        Metres along the section from its start to the edge's nearer end.
    edge_reversed
        Whether the edge runs against its section's direction.
    """

    frame: gpd.GeoDataFrame
    edge_section: IntArray
    edge_start_m: FloatArray
    edge_reversed: npt.NDArray[np.bool_]


def street_sections(network: StreetNetwork) -> Sections:
    """Cut the network at its crossings.

    A section ends where the number of streets that meet is not two, and where the street's name
    changes. A ring without such a place begins at its westernmost node. A line runs from its
    western end (at equal longitude the southern one); its id is made of its coordinates alone,
    so neither the direction of digitising nor the order or splitting of ways changes it.
    """
    darts = _Darts.of(network)
    street = street_keys(network.ways)[network.edge_way]
    onward, broken = _onward(darts, street, len(network.node_id))
    onward = _open_rings(onward, darts, broken, network)
    last, steps = run_to_end(onward)
    start = _canonical_starts(onward, last, darts, network)

    chain = np.full(len(onward), -1)
    chain[last[start]] = np.arange(len(start))
    chain = chain[last]
    in_line = np.flatnonzero(chain >= 0)
    in_line = in_line[np.lexsort((-steps[in_line], chain[in_line]))]
    return _sections(network, darts, in_line, chain[in_line])


def street_keys(ways: pd.DataFrame) -> IntArray:
    """Give each street name a number; −1 is unnamed.

    Where ``name`` is missing, ``name_kk`` and then ``name_ru`` stand for it.
    """
    name = ways[c.NAME].fillna(ways[c.NAME_KK]).fillna(ways[c.NAME_RU])
    return pd.factorize(name, sort=True)[0].astype(np.int64)


def run_to_end(onward: IntArray) -> tuple[IntArray, IntArray]:
    """Follow each item of linked chains to the last of its chain; count the steps.

    By doubling: each round looks twice as far, so the longest chain decides how many rounds.

    Parameters
    ----------
    onward
        For each item the position of the next one; the last of a chain points to itself.

    Returns
    -------
    last
        Position of the chain's last item. On a ring, which has none, any item of it: there
        ``onward[last] != last``.
    steps
        How many links lie between (without meaning on a ring).
    """
    last = onward.copy()
    steps = (onward != np.arange(len(onward))).astype(np.int64)
    for _ in range(int(np.ceil(np.log2(max(len(onward), 2)))) + 1):
        further = last[last]
        if (further == last).all():
            break
        steps = steps + steps[last]
        last = further
    return last, steps


# -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Darts:
    """Both directions of every edge: dart e goes u → v, dart e + E goes v → u."""

    tail: IntArray
    head: IntArray
    edge: IntArray

    @classmethod
    def of(cls, network: StreetNetwork) -> _Darts:
        u, v = network.edge_u, network.edge_v
        edge = np.arange(len(u))
        return cls(np.concatenate([u, v]), np.concatenate([v, u]), np.concatenate([edge, edge]))

    def turned(self, dart: IntArray) -> IntArray:
        """Return the same edges in the other direction."""
        count = len(self.tail) // 2
        return np.where(dart < count, dart + count, dart - count)


def _onward(
    darts: _Darts, street: IntArray, node_count: int
) -> tuple[IntArray, npt.NDArray[np.bool_]]:
    """Return the dart that carries each dart's section on (itself at an end), and end nodes."""
    leaving = np.argsort(darts.tail, kind="stable")
    first = np.searchsorted(darts.tail[leaving], np.arange(node_count))
    degree = np.bincount(darts.tail, minlength=node_count)
    through = degree == 2
    a, b = leaving[first[through]], leaving[first[through] + 1]
    same = street[darts.edge[a]] == street[darts.edge[b]]
    through[np.flatnonzero(through)[~same]] = False

    onward = np.arange(len(darts.tail))
    onward[darts.turned(a[same])] = b[same]
    onward[darts.turned(b[same])] = a[same]
    return onward, ~through


def _open_rings(
    onward: IntArray, darts: _Darts, broken: npt.NDArray[np.bool_], network: StreetNetwork
) -> IntArray:
    """Cut every ring that has no end at its westernmost node."""
    last, _ = run_to_end(onward)
    endless = np.flatnonzero(onward[last] != last)
    if not len(endless):
        return onward
    # The ring a dart runs on is named by the smallest dart that is met on it.
    ring = _least_on_ring(onward, endless)
    head = darts.head[endless]
    order = np.lexsort((network.lat[head], network.lon[head], ring))
    firsts = order[np.flatnonzero(np.diff(ring[order], prepend=-1))]
    opened = onward.copy()
    opened[endless[firsts]] = endless[firsts]
    return opened


def _least_on_ring(onward: IntArray, darts: IntArray) -> IntArray:
    least, jump = np.arange(len(onward)), onward.copy()
    for _ in range(int(np.ceil(np.log2(len(onward)))) + 1):
        least = np.minimum(least, least[jump])
        jump = jump[jump]
    return least[darts]


def _canonical_starts(
    onward: IntArray, last: IntArray, darts: _Darts, network: StreetNetwork
) -> IntArray:
    """Return the first dart of each section in the direction that its coordinates choose."""
    follows = np.zeros(len(onward), bool)
    follows[onward[onward != np.arange(len(onward))]] = True
    start = np.flatnonzero(~follows)
    opposite = darts.turned(last[start])

    def ranks(dart: IntArray) -> tuple[FloatArray, ...]:
        tail, head = darts.tail[dart], darts.head[dart]
        ends = (network.lon[tail], network.lat[tail], network.lon[head], network.lat[head])
        return (*ends, tail.astype(float), head.astype(float))

    smaller = np.zeros(len(start), bool)
    undecided = np.ones(len(start), bool)
    for mine, other in zip(ranks(start), ranks(opposite), strict=True):
        smaller |= undecided & (mine < other)
        undecided &= mine == other
    return start[smaller]


def _sections(
    network: StreetNetwork, darts: _Darts, in_line: IntArray, chain: IntArray
) -> Sections:
    """Build the frame from the darts in line order; sections are sorted by their new ids."""
    count = int(chain[-1]) + 1
    first = np.flatnonzero(np.diff(chain, prepend=-1))
    final = np.append(first[1:], len(chain)) - 1
    edge = darts.edge[in_line]
    length = network.edge_length_m[edge]

    nodes = np.insert(darts.tail[in_line], final + 1, darts.head[in_line[final]])
    index = np.repeat(np.arange(count), np.bincount(chain) + 1)
    corners = np.column_stack([network.lon[nodes], network.lat[nodes]])
    ids = _section_ids(corners, index)
    order = np.argsort(ids, kind="stable")
    position = np.empty(count, np.int64)
    position[order] = np.arange(count)

    run = np.cumsum(length) - length
    start_m = run - run[first][chain]
    length_m = np.add.reduceat(length, first)
    frame = {
        c.SECTION_ID: ids,
        c.LENGTH_M: length_m,
        **_ruling_tags(network, edge, chain, count),
        "node_u": darts.tail[in_line[first]],
        "node_v": darts.head[in_line[final]],
    }
    lines = np.asarray(shapely.linestrings(corners, indices=index), object)
    table = gpd.GeoDataFrame(frame, geometry=lines, crs=WGS84)
    edge_section, edge_start_m = np.empty(len(edge), np.int64), np.empty(len(edge))
    edge_section[edge], edge_start_m[edge] = position[chain], start_m
    edge_reversed = np.zeros(len(edge), bool)
    edge_reversed[edge] = in_line >= len(edge)
    return Sections(
        table.iloc[order].reset_index(drop=True), edge_section, edge_start_m, edge_reversed
    )


def _section_ids(corners: FloatArray, index: IntArray) -> list[str]:
    """Name each line by its coordinates; a second line at the very same place gets a number."""
    units = np.round(corners * 1e7).astype("<i8")
    ids: list[str] = []
    seen: dict[bytes, int] = {}
    for line in np.split(units, np.flatnonzero(np.diff(index)) + 1):
        shape = line.tobytes()
        twin = seen[shape] = seen.get(shape, -1) + 1
        text = hashlib.sha256(shape + (b"%d" % twin if twin else b"")).hexdigest()
        ids.append("s" + text[:12])
    return ids


def _ruling_tags(
    network: StreetNetwork, edge: IntArray, chain: IntArray, count: int
) -> dict[str, pd.Series]:
    """Return for each tag the value on most metres of a section (the first in order if equal)."""
    way = network.edge_way[edge]
    length = network.edge_length_m[edge]
    ruling = {}
    for tag in TAGS:
        codes, values = pd.factorize(network.ways[tag], sort=True, use_na_sentinel=True)
        # The untagged stand last, so that a tag wins a tie.
        code = np.where(codes < 0, len(values), codes)[way]
        pairs, place = np.unique(chain * (len(values) + 1) + code, return_inverse=True)
        metres = np.bincount(place, weights=length)
        section, value = np.divmod(pairs, len(values) + 1)
        order = np.lexsort((value, -metres, section))
        best = value[order[np.flatnonzero(np.diff(section[order], prepend=-1))]]
        ruling[tag] = pd.Series([*values, None], dtype="str").iloc[best].reset_index(drop=True)
    return ruling
