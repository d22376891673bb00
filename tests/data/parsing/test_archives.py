"""An archive is counted through before it is used; what it says of itself is not believed."""

import io
import stat
import struct
import zipfile
import zlib

import pytest

from data.importers.parsing.archives import (
    MIB,
    SHAPEFILE_ARCHIVE,
    WORKBOOK_ARCHIVE,
    ArchiveRules,
    check_archive,
    read_member,
)
from geo.errors import InputRefusedError


def archive(tmp_path, members, kind=zipfile.ZIP_DEFLATED):
    path = tmp_path / "rows.zip"
    with zipfile.ZipFile(path, "w", kind) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def reason(path, rules=SHAPEFILE_ARCHIVE):
    with pytest.raises(InputRefusedError) as refused:
        check_archive(path, rules)
    assert refused.value.code == "archive_unsafe"
    assert "\n" not in str(refused.value)
    return str(refused.value)


def patched(path, at_central, at_local, change):
    """Overwrite the same field of the only member in both its heads."""
    content = bytearray(path.read_bytes())
    for sign, offset in ((b"PK\x01\x02", at_central), (b"PK\x03\x04", at_local)):
        start = content.find(sign) + offset
        content[start : start + len(change)] = change
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("kind", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_a_sound_archive_tells_its_members(tmp_path, kind):
    members = {"a/rows.shp": b"x" * 700_000, "a/rows.dbf": b"", "a/rows.prj": "м".encode()}
    path = archive(tmp_path, members, kind)
    sizes = {"a/rows.shp": 700_000, "a/rows.dbf": 0, "a/rows.prj": 2}
    assert check_archive(path, SHAPEFILE_ARCHIVE) == sizes
    assert read_member(path, "a/rows.shp") == members["a/rows.shp"]


def test_folders_and_office_documents_beside_the_data_are_let_be(tmp_path):
    path = archive(tmp_path, {"a/": b"", "a/rows.shp": b"x", "a/rows.xlsx": b"PK\x03\x04..."})
    assert set(check_archive(path, SHAPEFILE_ARCHIVE)) == {"a/rows.shp", "a/rows.xlsx"}


@pytest.mark.bad_input("B33")
def test_a_bomb_stops_at_the_first_bytes_over_the_limit(tmp_path):
    path = archive(tmp_path, {"rows.shp": bytes(64 * MIB)})  # deflate gives about 1000:1
    assert path.stat().st_size < 100_000
    assert "more than 200 times its size" in reason(path)


@pytest.mark.bad_input("B33")
def test_the_total_counts_over_all_members(tmp_path):
    members = {f"{n}.dbf": bytes([n]) * MIB for n in range(4)}
    path = archive(tmp_path, members, zipfile.ZIP_STORED)
    exact = ArchiveRules(files=4, inflated_bytes=4 * MIB)
    assert len(check_archive(path, exact)) == 4
    assert "unpacks to more than 3 MiB" in reason(path, ArchiveRules(4, 4 * MIB - 1))
    assert "at most 3 are read" in reason(path, ArchiveRules(3, 4 * MIB))


@pytest.mark.bad_input("B33")
def test_a_lying_size_is_found(tmp_path):
    # zipfile stops at the declared size; with the right checksum of that part it is content
    content = b"a" * 1000 + b"b" * 100_000
    path = archive(tmp_path, {"rows.shp": content})
    lie = struct.pack("<L", zlib.crc32(content[:1000]))
    sizes = path.read_bytes()[path.read_bytes().find(b"PK\x01\x02") + 20 :][:4]
    patched(path, 16, 14, lie + sizes + struct.pack("<L", 1000))
    with zipfile.ZipFile(path) as file:
        assert len(file.read("rows.shp")) == 1000
    assert "not what the archive says of it" in reason(path)


@pytest.mark.bad_input("B33")
def test_a_wrong_checksum_is_found(tmp_path):
    path = patched(archive(tmp_path, {"rows.shp": b"abc"}), 16, 14, b"\0\0\0\0")
    assert "not what the archive says of it" in reason(path)


@pytest.mark.parametrize("count", [20, 21])
@pytest.mark.bad_input("B33")
def test_twenty_files_are_the_most_of_a_shapefile(tmp_path, count):
    path = archive(tmp_path, {f"{n}.dbf": b"x" for n in range(count)})
    if count == 20:
        assert len(check_archive(path, SHAPEFILE_ARCHIVE)) == 20
    else:
        assert "it holds 21 files; at most 20" in reason(path)


@pytest.mark.parametrize("rules", [SHAPEFILE_ARCHIVE, WORKBOOK_ARCHIVE])
@pytest.mark.bad_input("B33")
def test_twenty_thousand_entries_are_refused_before_they_are_listed(tmp_path, rules, monkeypatch):
    path = archive(tmp_path, {f"{n}.dbf": b"" for n in range(20_000)}, zipfile.ZIP_STORED)

    def never(*_):
        raise AssertionError

    monkeypatch.setattr(zipfile, "ZipFile", never)
    assert "it lists 20000 files" in reason(path, rules)


@pytest.mark.parametrize(
    "name", ["../rows.shp", "a/../../rows.shp", "/etc/rows.shp", "c:\\rows.shp", "a\\..\\rows.shp"]
)
@pytest.mark.bad_input("B33")
def test_names_that_point_outside_are_refused(tmp_path, name):
    assert "points outside" in reason(archive(tmp_path, {name: b"x"}))


@pytest.mark.bad_input("B33")
def test_a_link_is_refused(tmp_path):
    path = tmp_path / "rows.zip"
    link = zipfile.ZipInfo("rows.shp")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(link, "/etc/passwd")
    assert "a link or a device" in reason(path)


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"\x1f\x8b", b"BZh9", b"Rar!"])
@pytest.mark.bad_input("B33", "B34")
def test_an_archive_in_the_archive_is_refused(tmp_path, start):
    assert "another archive" in reason(archive(tmp_path, {"rows.dbf": start + b"..."}))


@pytest.mark.bad_input("B33")
def test_a_real_nested_archive_is_refused(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as file:
        file.writestr("rows.shp", b"x")
    assert "another archive" in reason(archive(tmp_path, {"inner.zip": inner.getvalue()}))


@pytest.mark.bad_input("B33")
def test_a_password_is_refused(tmp_path):
    path = patched(archive(tmp_path, {"rows.shp": b"abc"}), 8, 6, b"\x01\x00")
    assert "protected by a password" in reason(path)


def test_heads_that_disagree_about_a_member_are_refused(tmp_path):
    for offset in (6, 7, 8):  # its password, the alphabet of its name, its compression
        path = archive(tmp_path, {"rows.shp": b"abc"})
        content = bytearray(path.read_bytes())
        content[offset] ^= 8 if offset > 6 else 1
        path.write_bytes(content)
        assert "not what the archive says of it" in reason(path)


@pytest.mark.parametrize("kind", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.bad_input("B33", "B34")
def test_other_compressions_are_refused(tmp_path, kind):
    assert "unusual way" in reason(archive(tmp_path, {"rows.shp": b"abc"}, kind))


@pytest.mark.bad_input("B33")
def test_zip64_is_refused_by_its_end_and_by_its_field(tmp_path):
    path = archive(tmp_path, {"rows.shp": b"abc"})
    content = path.read_bytes()
    end = content.rfind(b"PK\x05\x06")
    wide = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, 54, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    path.write_bytes(content[:end] + wide + locator + content[end:])
    assert "ZIP64" in reason(path)

    field = zipfile.ZipInfo("rows.shp")
    field.extra = struct.pack("<HHQQ", 1, 16, 3, 3)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(field, b"abc")
    assert "ZIP64" in reason(path)


@pytest.mark.bad_input("B33")
def test_two_members_of_one_name_are_refused(tmp_path):
    path = archive(tmp_path, {"rows.dbf": b"a", "ROWS.DBF": b"b"})
    assert "the same name" in reason(path)


@pytest.mark.bad_input("B33")
def test_members_that_share_their_bytes_are_refused(tmp_path):
    # The overlapping bomb: many entries of the list point at one body.
    path = archive(tmp_path, {"0.dbf": bytes(9 * MIB)})
    content = path.read_bytes()
    start, end = content.find(b"PK\x01\x02"), content.rfind(b"PK\x05\x06")
    entries = b"".join(content[start:end].replace(b"0.dbf", b"%d.dbf" % n) for n in range(5))
    tail = bytearray(content[end:])
    tail[8:16] = struct.pack("<2HL", 5, 5, len(entries))
    path.write_bytes(content[:start] + entries + tail)
    assert "two names" in reason(path)


def test_bytes_before_the_archive_are_refused(tmp_path):
    path = archive(tmp_path, {"rows.shp": b"abc"})
    path.write_bytes(b"PK\x03\x04" + path.read_bytes())
    assert "list of files is broken" in reason(path)


@pytest.mark.parametrize("cut", [1, 30, 200, 900])
def test_an_archive_that_is_cut_is_refused(tmp_path, cut):
    path = archive(tmp_path, {"rows.shp": bytes(range(256)) * 4}, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes()[:-cut])
    assert reason(path)


def test_every_flipped_byte_ends_as_members_or_as_a_named_refusal(tmp_path):
    path = archive(tmp_path, {"a.shp": b"some text " * 9, "a.dbf": b"other"})
    content = path.read_bytes()
    refused = 0
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 0xFF
        path.write_bytes(changed)
        try:
            check_archive(path, SHAPEFILE_ARCHIVE)
        except InputRefusedError as error:
            assert error.code == "archive_unsafe"  # noqa: PT017
            refused += 1
    assert refused > len(content) / 2
