"""Tiles of one snapshot and grain in one file: a ZIP of stored entries, read through memory.

Any ZIP program can list and unpack it. Bytes depend on the tiles alone: entries are sorted and
bear one fixed date. The index is read once; a tile is then found in constant time and its CRC is
checked the first time it is read, so that damaged bytes are never sent.
"""

from __future__ import annotations

import mmap
import struct
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

from geo.errors import NotFoundError, SafeRegionError

Tile = tuple[str, int, int, int, bytes]
Address = tuple[str, int, int, int]

_LOCAL_HEADER = struct.Struct("<4s22xHH")
_FIXED_DATE = (1980, 1, 1, 0, 0, 0)


def write_tiles(path: Path, tiles: Iterable[Tile]) -> int:
    """Write ``(layer, z, x, y, gzipped bytes)`` to a new archive; return the number of tiles.

    The order of the tiles does not show in the file.
    """
    count = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for layer, z, x, y, content in sorted(tiles, key=lambda tile: tile[:4]):
            entry = zipfile.ZipInfo(f"{layer}/{z}/{x}/{y}.mvt.gz", _FIXED_DATE)
            entry.create_system = 3  # the default is the writing computer's
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
            count += 1
    return count


class TileArchive:
    """An opened archive.

    Parameters
    ----------
    path
        The file, named in errors.
    memory
        Its bytes.
    index
        Position of the local header, size and CRC-32 of each tile.
    stamp
        Beginning of every mark, such as the run id.
    """

    def __init__(
        self,
        path: Path,
        memory: mmap.mmap,
        index: dict[Address, tuple[int, int, int]],
        stamp: str,
    ) -> None:
        self.path = path
        self._memory = memory
        self._index = index
        self._stamp = stamp
        self._checked: dict[Address, tuple[int, int, str]] = {}

    def __len__(self) -> int:
        return len(self._index)

    def addresses(self) -> list[Address]:
        """List ``(layer, z, x, y)`` of every tile."""
        return list(self._index)

    def get(self, layer: str, z: int, x: int, y: int) -> tuple[bytes, str] | None:
        """Return a tile's gzipped bytes and its mark for an ETag; None where it is empty.

        Raises
        ------
        SafeRegionError
            ``tile_damaged``: the bytes are not those that were written.
        """
        address = (layer, z, x, y)
        if address not in self._index:
            return None
        place = self._checked.get(address)
        if place is None:
            place = self._checked[address] = self._check(address)
        start, end, mark = place
        return self._memory[start:end], mark

    def _check(self, address: Address) -> tuple[int, int, str]:
        """Return where a tile's bytes start and end and its mark, once they are as written."""
        position, size, crc = self._index[address]
        start = self._content_start(position)
        content = self._memory[start : start + size]
        if zlib.crc32(content) != crc or len(content) != size:
            layer, z, x, y = address
            raise SafeRegionError(
                f"Tile {layer}/{z}/{x}/{y} in {self.path.name} is damaged; run 'safe-region "
                "build' to write the snapshot again.",
                code="tile_damaged",
            )
        return start, start + size, f"{self._stamp}-{crc:08x}-{size:x}"

    def _content_start(self, position: int) -> int:
        header = self._memory[position : position + _LOCAL_HEADER.size]
        if len(header) < _LOCAL_HEADER.size or not header.startswith(b"PK\3\4"):
            return len(self._memory)
        _, name_length, extra_length = _LOCAL_HEADER.unpack(header)
        return int(position + _LOCAL_HEADER.size + name_length + extra_length)


def open_tiles(path: Path, *, stamp: str = "") -> TileArchive:
    """Open an archive and read its index.

    Raises
    ------
    NotFoundError
        ``tiles_missing``.
    SafeRegionError
        ``tile_archive_damaged``: cut off or not an archive of ours.
    """
    try:
        with path.open("rb") as stream:
            memory = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            with zipfile.ZipFile(stream) as archive:
                index = {_address(item.filename): _place(item) for item in archive.infolist()}
    except FileNotFoundError as error:
        raise NotFoundError(
            f"There is no tile archive {path.name}.", code="tiles_missing"
        ) from error
    except (zipfile.BadZipFile, ValueError, struct.error) as error:
        raise SafeRegionError(
            f"The tile archive {path.name} is damaged; run 'safe-region build' to write the "
            "snapshot again.",
            code="tile_archive_damaged",
        ) from error
    return TileArchive(path, memory, index, stamp)


# -------------------------------------------------------------------------------------------


def _address(name: str) -> Address:
    layer, z, x, last = name.split("/")
    return layer, int(z), int(x), int(last.removesuffix(".mvt.gz"))


def _place(item: zipfile.ZipInfo) -> tuple[int, int, int]:
    if item.compress_type != zipfile.ZIP_STORED or item.compress_size != item.file_size:
        raise ValueError(f"{item.filename} is packed")
    return item.header_offset, item.file_size, item.CRC
