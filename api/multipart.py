"""Forms as they arrive: files go to the disk piece by piece, nothing is read whole or parsed.

The limit holds for the bytes that really come, whatever the sender said of them before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO
from urllib.parse import parse_qsl

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool

from api.errors import RequestRefusedError

FORM_LIMIT = 1 << 20
MOST_FIELDS, MOST_FILES = 60, 20
LONGEST_FIELD = 1 << 16

NewFile = Callable[[str], BinaryIO]
Check = Callable[[dict[str, str]], None]


@dataclass
class _Part:
    """One part of the form while it comes in."""

    header: bytes = b""
    headers: dict[bytes, bytes] = field(default_factory=dict)
    value: bytearray = field(default_factory=bytearray)
    file: BinaryIO | None = None
    name: str = ""
    skipped: bool = False


class _FormFiles:
    """Takes a form's bytes; files are opened by ``new_file`` once ``check`` has seen the fields.

    Fields that come after the first file are kept, but were not checked.
    """

    def __init__(self, boundary: bytes, new_file: NewFile, check: Check) -> None:
        self.fields: dict[str, str] = {}
        self._new_file, self._check = new_file, check
        self._files, self._ended = 0, False
        self._part = _Part()
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_begin": self._header_begin,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_headers_finished": self._open,
                "on_part_data": self._data,
                "on_part_end": self._end,
                "on_end": self._last,
            },
        )

    def write(self, chunk: bytes) -> None:
        self._parser.write(chunk)

    def finish(self) -> dict[str, str]:
        self._parser.finalize()
        if not self._ended:
            raise FormParserError("the last boundary is missing")
        return self.fields

    def close(self) -> None:
        if self._part.file is not None:
            self._part.file.close()

    def _begin(self) -> None:
        self._part = _Part()

    def _last(self) -> None:
        self._ended = True

    def _header_begin(self) -> None:
        self._part.header = b""

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._part.header += data[start:end].lower()

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        known = self._part.headers.get(self._part.header, b"")
        self._part.headers[self._part.header] = known + data[start:end]

    def _open(self) -> None:
        part = self._part
        _, options = parse_options_header(part.headers.get(b"content-disposition", b""))
        part.name = options.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" not in options:
            if len(self.fields) >= MOST_FIELDS:
                raise _refused(413, "The form has too many fields.", "form_too_large")
            return
        name = options[b"filename"].decode("utf-8", "replace")
        if not name:  # what a browser sends for a file field that was left empty
            part.skipped = True
            return
        self._files += 1
        if self._files > MOST_FILES:
            raise _refused(413, f"Send at most {MOST_FILES} files at once.", "too_many_files")
        if self._files == 1:
            self._check(self.fields)
        part.file = self._new_file(name)

    def _data(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        if part.file is not None:
            part.file.write(data[start:end])
        elif not part.skipped:
            part.value += data[start:end]
            if len(part.value) > LONGEST_FIELD:
                raise _refused(413, "A field of the form is too long.", "form_too_large")

    def _end(self) -> None:
        part = self._part
        if part.file is not None:
            part.file.close()
            part.file = None
        elif not part.skipped:
            self.fields[part.name] = part.value.decode("utf-8", "replace")


async def read_files(
    request: Request, *, limit: int, new_file: NewFile, check: Check
) -> dict[str, str]:
    """Read a form with files; return its other fields.

    Parameters
    ----------
    request
        With a body that was not read yet.
    limit
        Bytes that the whole request may have.
    new_file
        Opens the next file by the name that the sender gives it.
    check
        Sees the fields before the first file is opened, and raises where it is not to be.

    Raises
    ------
    RequestRefusedError
        ``content_type_unknown`` 415, ``upload_too_large`` 413, ``form_too_large`` 413,
        ``too_many_files`` 413, ``form_invalid`` 400.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise _refused(415, "Send a form of multipart/form-data.", "content_type_unknown")
    _check_length(request, limit)
    came = 0
    form = None
    try:
        form = _FormFiles(options[b"boundary"], new_file, check)
        async for chunk in request.stream():
            came += len(chunk)
            if came > limit:
                raise _too_large(limit)
            await run_in_threadpool(form.write, chunk)
        return form.finish()
    except FormParserError as error:
        raise _refused(400, "The form is broken off or not a form.", "form_invalid") from error
    finally:
        if form is not None:
            form.close()


async def read_form(request: Request) -> dict[str, str]:
    """Read a form without files.

    Raises
    ------
    RequestRefusedError
        ``content_type_unknown`` 415, ``form_too_large`` 413, ``form_invalid`` 400.
    """
    kind, _ = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"application/x-www-form-urlencoded":
        raise _refused(415, "Send a form.", "content_type_unknown")
    body = await read_body(request, FORM_LIMIT)
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=500, errors="strict"
        )
    except ValueError as error:
        raise _refused(400, "The form is not a form.", "form_invalid") from error
    return dict(pairs)


async def read_body(request: Request, limit: int) -> bytes:
    """Read a small body whole.

    Raises
    ------
    RequestRefusedError
        ``form_too_large`` 413.
    """
    _check_length(request, limit)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


# -------------------------------------------------------------------------------------------


def _check_length(request: Request, limit: int) -> None:
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length[:20]) > limit:
        raise _too_large(limit)


def _too_large(limit: int) -> RequestRefusedError:
    shown = f"{limit // (1 << 20)} MiB"
    return _refused(413, f"The request is larger than {shown}.", "upload_too_large")


def _refused(status: int, message: str, code: str) -> RequestRefusedError:
    return RequestRefusedError(status, message, code=code)
