"""The two byte forms that a vector tile is made of, for many values at once.

A tile is a protocol buffer: nearly everything in it is a *varint* (seven bits a byte, the high
bit set on all bytes but the last) or a run of bytes after its length. Runs of different length
are kept here as one flat array and an array of lengths.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

ByteArray = npt.NDArray[np.uint8]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Runs:
    """Runs of different length, laid end to end.

    Attributes
    ----------
    flat
        The values of all runs.
    lengths
        How many values each run has.
    """

    flat: npt.NDArray
    lengths: IntArray

    @cached_property
    def width(self) -> int | None:
        """Length of every run where all are alike: such runs are the rows of a plain table."""
        return even_length(self.lengths)

    def take(self, rows: IntArray) -> Runs:
        """Return the runs in these rows, in this order."""
        if len(rows) == len(self.lengths) and (rows == np.arange(len(rows))).all():
            return self
        if self.width is not None:
            return Runs(self.flat.reshape(-1, self.width)[rows].ravel(), self.lengths[rows])
        lengths = self.lengths[rows]
        starts = run_starts(self.lengths)[rows]
        return Runs(self.flat[positions_in_runs(starts, lengths)], lengths)

    def joined(self, groups: IntArray, count: int) -> Runs:
        """Join runs that stand next to each other and belong to the same group (0, 1, …)."""
        return Runs(self.flat, totals(self.lengths, groups, count))


def even_length(lengths: IntArray) -> int | None:
    """Return the length that all runs share, or None."""
    if len(lengths) and lengths[0] and (lengths == lengths[0]).all():
        return int(lengths[0])
    return None


def run_starts(lengths: IntArray) -> IntArray:
    """Return where each run begins in the flat array."""
    return np.cumsum(lengths) - lengths


def positions_in_runs(starts: IntArray, lengths: IntArray) -> IntArray:
    """Return starts[0], starts[0] + 1, … for the first run, then the same for the next."""
    return np.arange(int(lengths.sum())) + np.repeat(starts - run_starts(lengths), lengths)


def totals(values: npt.NDArray, groups: IntArray, count: int) -> IntArray:
    """Sum whole numbers by group."""
    # Sums of whole numbers below 2**53 are exact in the floats that bincount works with.
    return np.bincount(groups, weights=values, minlength=count).astype(np.int64)


def run_totals(values: npt.NDArray, lengths: IntArray) -> IntArray:
    """Sum whole numbers over each run; an empty run sums to 0."""
    width = even_length(lengths)
    if width is not None:
        return values.reshape(-1, width).sum(axis=1, dtype=np.int64)
    running = np.concatenate([[0], np.cumsum(values, dtype=np.int64)])
    ends = np.cumsum(lengths)
    return running[ends] - running[ends - lengths]


def zigzag(values: IntArray) -> npt.NDArray[np.uint64]:
    """Fold signed numbers into 0, −1, 1, −2, … → 0, 1, 2, 3, …."""
    return ((values << 1) ^ (values >> 63)).astype(np.uint64)


def varint_sizes(values: npt.NDArray) -> ByteArray:
    """Return how many bytes each number takes as a varint, 1–10."""
    sizes = np.ones(len(values), np.uint8)
    largest = int(values.max()) if len(values) else 0
    for bits in range(7, 64, 7):
        if largest >> bits == 0:
            break
        sizes += values >= values.dtype.type(1 << bits)
    return sizes


def encode_varints(
    values: npt.NDArray, sizes: ByteArray | None = None
) -> tuple[ByteArray, ByteArray]:
    """Encode whole numbers ≥ 0; return the bytes and how many belong to each number.

    ``sizes``, where they are known already, are those of `varint_sizes`.
    """
    sizes = varint_sizes(values) if sizes is None else sizes
    longer = np.flatnonzero(sizes > 1)
    # The cast to a byte keeps the low eight bits; the highest of them says whether more follow.
    first = values.astype(np.uint8)
    first &= 0x7F
    first[longer] |= 0x80
    # Most numbers take one byte: each is repeated as often as it has bytes, and only the further
    # bytes of the longer ones are then written over.
    out = np.repeat(first, sizes)
    further = sizes[longer].astype(np.int64) - 1
    starts = longer + np.cumsum(further) - further
    byte = 1
    while len(longer):
        more = sizes[longer] > byte + 1
        rest = (values[longer] >> values.dtype.type(7 * byte)).astype(np.uint8) & 0x7F
        out[starts + byte] = rest | (more.astype(np.uint8) << 7)
        longer, starts = longer[more], starts[more]
        byte += 1
    return out, sizes


def braid(*strands: Runs) -> Runs:
    """Join the first runs of all strands, then the second ones, and so on."""
    lengths = np.sum([strand.lengths for strand in strands], axis=0)
    tables = [strand.flat.reshape(-1, strand.width) for strand in strands if strand.width]
    if len(tables) == len(strands):
        return Runs(np.concatenate(tables, axis=1).ravel(), lengths)
    flat = np.empty(int(lengths.sum()), np.result_type(*(strand.flat for strand in strands)))
    starts = run_starts(lengths)
    for strand in strands:
        flat[positions_in_runs(starts, strand.lengths)] = strand.flat
        starts = starts + strand.lengths
    return Runs(flat, lengths)


def length_delimited(tag: int, runs: Runs) -> Runs:
    """Put the field's tag byte and the varint of its length before each run of bytes."""
    sizes, size_lengths = encode_varints(runs.lengths.astype(np.uint64))
    tags = Runs(np.full(len(runs.lengths), tag, np.uint8), np.ones(len(runs.lengths), np.int64))
    return braid(tags, Runs(sizes, size_lengths.astype(np.int64)), runs)
