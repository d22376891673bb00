"""Tiles come back whole, bytes do not depend on order, and damage is named, never sent."""

import gzip
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.tile_archive import open_tiles, write_tiles
from geo.errors import NotFoundError, SafeRegionError

TILES = [
    (layer, z, x, y, gzip.compress(f"{layer} {z} {x} {y}".encode() * 20, mtime=0))
    for layer in ("cells", "sections")
    for z in (12, 13)
    for x in range(8)
    for y in range(8)
]


def outcome(action: Callable[[], Any]) -> Any:
    """What the action returns, or the code of its refusal."""
    try:
        return action()
    except SafeRegionError as error:
        return error.code


def test_every_tile_comes_back_and_an_absent_one_is_none(tmp_path: Path) -> None:
    assert write_tiles(tmp_path / "a.zip", iter(TILES)) == len(TILES)
    archive = open_tiles(tmp_path / "a.zip")
    assert len(archive) == len(TILES)
    assert archive.addresses() == sorted(tile[:4] for tile in TILES)
    for layer, z, x, y, content in TILES:
        found = archive.get(layer, z, x, y)
        assert found is not None
        assert found[0] == content
    assert archive.get("cells", 12, 99, 0) is None
    assert archive.get("lamps", 12, 0, 0) is None


def test_the_order_of_tiles_does_not_show_in_the_bytes(tmp_path: Path) -> None:
    shuffled = random.Random(3).sample(TILES, len(TILES))
    write_tiles(tmp_path / "a.zip", TILES)
    write_tiles(tmp_path / "b.zip", shuffled)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_any_zip_program_can_unpack_it(tmp_path: Path) -> None:
    write_tiles(tmp_path / "a.zip", TILES[:1])
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.namelist() == ["cells/12/0/0.mvt.gz"]
        assert archive.read("cells/12/0/0.mvt.gz") == TILES[0][4]


def test_the_mark_tells_content_and_run_apart(tmp_path: Path) -> None:
    write_tiles(tmp_path / "a.zip", [("cells", 1, 0, 0, b"one"), ("cells", 1, 0, 1, b"two")])
    marks = {
        open_tiles(tmp_path / "a.zip", stamp=stamp).get("cells", 1, 0, y)[1]  # type: ignore[index]
        for stamp in ("0" * 16, "1" * 16)
        for y in (0, 1)
    }
    assert len(marks) == 4
    assert all(mark.isascii() and '"' not in mark for mark in marks)


def test_an_archive_without_tiles_is_sound(tmp_path: Path) -> None:
    write_tiles(tmp_path / "a.zip", [])
    assert open_tiles(tmp_path / "a.zip").get("cells", 1, 0, 0) is None


def test_more_tiles_than_the_old_zip_format_counts(tmp_path: Path) -> None:
    many = [("cells", 15, x, y, b"t%d" % (x * 300 + y)) for x in range(250) for y in range(300)]
    write_tiles(tmp_path / "a.zip", many)  # 75 000 > 65 535
    archive = open_tiles(tmp_path / "a.zip")
    assert len(archive) == 75_000
    assert archive.get("cells", 15, 249, 299)[0] == b"t74999"  # type: ignore[index]


@pytest.mark.parametrize("position", [0.1, 0.3, 0.5, 0.7])
def test_a_flipped_byte_is_never_sent(tmp_path: Path, position: float) -> None:
    file = tmp_path / "a.zip"
    write_tiles(file, TILES)
    content = bytearray(file.read_bytes())
    content[int(len(content) * position)] ^= 0xFF
    file.write_bytes(content)

    archive = outcome(lambda: open_tiles(file))
    if archive == "tile_archive_damaged":
        return
    found = {tile[:4]: outcome(lambda tile=tile: archive.get(*tile[:4])) for tile in TILES}
    wrong = [address for address, got in found.items() if got == "tile_damaged"]
    assert len(wrong) <= 1
    for *address, content in TILES:
        got = found[tuple(address)]
        assert got in (None, "tile_damaged") or got[0] == content


def test_a_damaged_tile_is_refused_each_time_it_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    write_tiles(file, [("cells", 1, 0, 0, b"a tile that is long enough to be hit")])
    content = bytearray(file.read_bytes())
    content[content.index(b"long")] ^= 1
    file.write_bytes(content)
    archive = open_tiles(file)
    for _ in range(2):
        with pytest.raises(SafeRegionError, match="cells/1/0/0"):
            archive.get("cells", 1, 0, 0)


@pytest.mark.parametrize("cut", [0, 1, 100, 5000])
def test_a_cut_archive_is_named(tmp_path: Path, cut: int) -> None:
    file = tmp_path / "a.zip"
    write_tiles(file, TILES)
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(SafeRegionError) as caught:
        open_tiles(file)
    assert caught.value.code == "tile_archive_damaged"


def test_a_missing_archive_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        open_tiles(tmp_path / "planner.tiles.zip")
    assert caught.value.code == "tiles_missing"
