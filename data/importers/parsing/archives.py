"""Look through a ZIP archive before anything in it is used: workbooks and zipped shapefiles.

Nothing that an archive says of itself is believed. Every member is inflated once and its bytes are
counted, so that the libraries that inflate it again later meet only what was counted here, and a
member that reads differently in another program is refused.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from data.importers.parsing.raw_columns import refusal
from geo.errors import InputRefusedError

MIB = 1 << 20


@dataclass(frozen=True)
class ArchiveRules:
    """What an archive may hold.

    Attributes
    ----------
    files
        Members, folders not counted.
    inflated_bytes
        All members together.
    """

    files: int
    inflated_bytes: int


SHAPEFILE_ARCHIVE = ArchiveRules(files=20, inflated_bytes=200 * MIB)
# A sheet of a million rows, the most that there is, takes 700 MB of XML at 15 columns.
WORKBOOK_ARCHIVE = ArchiveRules(files=2000, inflated_bytes=1024 * MIB)

_RATIO = 200
_RATIO_FROM_BYTES = 10 * MIB  # below, even a ratio of 1000:1 harms nobody
_CHUNK = 256 * 1024

_END = struct.Struct("<4s4H2LH")
_LOCAL = struct.Struct("<4s5H3L2H")
_DIRECTORY_BYTES = 512  # of an entry, on the average: more is no list of names
_UTF8 = 0x800
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"Rar!", b"\xfd7zXZ")
_OFFICE = {".xlsx", ".xlsm", ".docx", ".pptx"}  # lie beside the data and are never opened


def check_archive(path: Path, rules: ArchiveRules) -> dict[str, int]:
    """Inflate and count every member of an archive; return their names with their sizes.

    Raises
    ------
    InputRefusedError
        ``archive_unsafe``, with the reason.
    """
    with path.open("rb") as file:
        entries = _entries(file, path, rules)
        _check_names(entries, path, rules)
        left = rules.inflated_bytes
        for entry in entries:
            size = 0
            for chunk in _inflated(file, entry, path):
                if not size:
                    _check_start(chunk, entry, path)
                size += len(chunk)
                _check_size(size, left, entry, path, rules)
            left -= size
    return {entry.filename: entry.file_size for entry in entries if not entry.is_dir()}


def read_member(path: Path, name: str) -> bytes:
    """Return the bytes of one member of an archive that `check_archive` has passed."""
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


# -------------------------------------------------------------------------------------------


def _unsafe(path: Path, why: str) -> InputRefusedError:
    return refusal("archive_unsafe", f"{path.name} was not opened: {why}.")


def _entries(file: IO[bytes], path: Path, rules: ArchiveRules) -> list[zipfile.ZipInfo]:
    count = _declared_entries(file, path)
    # Folders count here: without this, reading the list of names could itself use up the memory.
    if count > 2 * rules.files:
        raise _unsafe(path, f"it lists {count} files; at most {rules.files} are read")
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
        raise _unsafe(path, "its list of files is broken") from error
    if len(entries) != count:
        raise _unsafe(path, "its list of files is broken")
    return entries


def _declared_entries(file: IO[bytes], path: Path) -> int:
    size = file.seek(0, 2)
    file.seek(max(0, size - _END.size - 0xFFFF))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + _END.size > len(tail):
        raise _unsafe(path, "it is cut off or no ZIP archive")
    _, disk, first, here, count, length, offset, comment = _END.unpack_from(tail, at)
    if at + _END.size + comment != len(tail) or disk or first or here != count:
        raise _unsafe(path, "its end is broken or it is one of several parts")
    if b"PK\x06\x07" in tail[max(0, at - 20) : at] or 0xFFFFFFFF in (length, offset):
        raise _unsafe(path, "it is in the ZIP64 format for very large archives")
    if offset + length != size - len(tail) + at:  # something before it, or the list elsewhere
        raise _unsafe(path, "its list of files is broken")
    if length > _DIRECTORY_BYTES * max(count, 1):
        raise _unsafe(path, "its list of files is larger than its files need")
    return int(count)


def _check_names(entries: list[zipfile.ZipInfo], path: Path, rules: ArchiveRules) -> None:
    files = [entry for entry in entries if not entry.is_dir()]
    if len(files) > rules.files:
        raise _unsafe(path, f"it holds {len(files)} files; at most {rules.files} are read")
    # Programs differ in which of two equal names they take, and in whether case matters.
    if any(n > 1 for n in Counter(entry.filename.lower() for entry in entries).values()):
        raise _unsafe(path, "two of its files have the same name")
    for entry in entries:
        name = entry.orig_filename
        if name.startswith("/") or "\\" in name or ":" in name or "\0" in name or not name:
            raise _unsafe(path, "a file in it has a name that points outside the archive")
        if ".." in PurePosixPath(name).parts:
            raise _unsafe(path, "a file in it has a name that points outside the archive")
        mode = entry.external_attr >> 16
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise _unsafe(path, "it holds a link or a device")
        if entry.flag_bits & _ENCRYPTED:
            raise _unsafe(path, "it is protected by a password")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _unsafe(path, "it is compressed in an unusual way")
        if _has_zip64_field(entry.extra):
            raise _unsafe(path, "it is in the ZIP64 format for very large archives")


def _has_zip64_field(extra: bytes) -> bool:
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        if kind == 1:
            return True
        extra = extra[4 + length :]
    return False


def _check_start(chunk: bytes, entry: zipfile.ZipInfo, path: Path) -> None:
    suffix = PurePosixPath(entry.filename).suffix.lower()
    if chunk.startswith(_ARCHIVES) and suffix not in _OFFICE:
        raise _unsafe(path, "it holds another archive")


def _check_size(
    size: int, left: int, entry: zipfile.ZipInfo, path: Path, rules: ArchiveRules
) -> None:
    if size > left:
        most = rules.inflated_bytes // MIB
        raise _unsafe(path, f"it unpacks to more than {most} MiB; split it into smaller files")
    if size > _RATIO_FROM_BYTES and size > _RATIO * entry.compress_size:
        raise _unsafe(path, f"a file in it unpacks to more than {_RATIO} times its size")


def _inflated(file: IO[bytes], entry: zipfile.ZipInfo, path: Path) -> Iterator[bytes]:
    # Not by zipfile: it stops at the declared size, where another program would go on.
    file.seek(entry.header_offset)
    head = file.read(_LOCAL.size)
    if len(head) < _LOCAL.size or not head.startswith(b"PK\x03\x04"):
        raise _unsafe(path, "its list of files is broken")
    _, _, flags, method, *_, length, extra = _LOCAL.unpack(head)
    if (flags ^ entry.flag_bits) & (_UTF8 | _ENCRYPTED) or method != entry.compress_type:
        raise _unsafe(path, "a file in it is not what the archive says of it")
    name = file.read(length).decode("utf-8" if entry.flag_bits & _UTF8 else "cp437", "replace")
    if name != entry.orig_filename:
        raise _unsafe(path, "a file in it has two names")
    file.seek(extra, 1)

    check = size = 0
    for chunk in _chunks(file, entry, path):
        check = zlib.crc32(chunk, check)
        size += len(chunk)
        yield chunk
    if size != entry.file_size or check != entry.CRC:
        raise _unsafe(path, "a file in it is not what the archive says of it")


def _chunks(file: IO[bytes], entry: zipfile.ZipInfo, path: Path) -> Iterator[bytes]:
    left = entry.compress_size
    stored = entry.compress_type == zipfile.ZIP_STORED
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    waiting = b""
    while left or waiting:
        if not waiting:
            waiting = file.read(min(left, _CHUNK))
            left -= len(waiting)
            if not waiting:
                raise _unsafe(path, "it is cut off")
        if stored:
            yield waiting
            waiting = b""
            continue
        try:
            chunk = inflate.decompress(waiting, _CHUNK)
        except zlib.error as error:
            raise _unsafe(path, "a file in it is broken") from error
        waiting = inflate.unconsumed_tail
        if chunk:
            yield chunk
        if inflate.eof and (left or waiting or inflate.unused_data):
            raise _unsafe(path, "a file in it is not what the archive says of it")
    if not stored and not inflate.eof:
        yield from _rest(inflate, path)


def _rest(inflate: zlib._Decompress, path: Path) -> Iterator[bytes]:
    # What the inflater still holds when its last input is consumed.
    while not inflate.eof:
        try:
            chunk = inflate.decompress(b"", _CHUNK)
        except zlib.error as error:
            raise _unsafe(path, "a file in it is broken") from error
        if not chunk:
            raise _unsafe(path, "it is cut off")
        yield chunk
