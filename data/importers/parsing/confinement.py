"""What takes a parser's powers away: limits of the system, no network, no other program.

Called by a freshly forked child on itself, before it touches a file from outside. A limit cannot
be raised again and the filter cannot be taken off, so a parser that is taken over stays inside.

The network is closed twice: by an empty network namespace where the kernel gives one to this
user, and by a seccomp filter that needs no privilege and forbids sockets altogether (with
io_uring, which would go round it). One of the two must hold; `confine` says which.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import struct
from collections.abc import Iterator

# linux/prctl.h, linux/sched.h
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_CLONE_THREAD = 0x00010000

# linux/bpf_common.h, linux/seccomp.h
_LOAD = 0x20
_JUMP_EQUAL = 0x15
_JUMP_AT_LEAST = 0x35
_JUMP_ANY_BIT = 0x45
_RETURN = 0x06
_ALLOW = 0x7FFF0000
_ERRNO = 0x00050000
_AT_NUMBER = 0
_AT_ARCHITECTURE = 4
_AT_FIRST_ARGUMENT = 16
_X32 = 0x40000000

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_FORBIDDEN = {
    # socket connect fork vfork execve ptrace process_vm_readv process_vm_writev execveat io_uring
    "x86_64": (41, 42, 57, 58, 59, 101, 310, 311, 322, 425),
    "aarch64": (198, 203, 221, 117, 270, 271, 281, 425),
}
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435


def confine(cpu_seconds: int, memory_bytes: int, file_bytes: int, open_files: int) -> str:
    """Take the calling process' powers away and say what keeps it from the network.

    Parameters
    ----------
    cpu_seconds, memory_bytes, file_bytes, open_files
        Processor time, address space, size of a file it writes, files open at once.

    Returns
    -------
    str
        ``namespace+filter``, ``namespace``, ``filter``, or ``none`` where the system has neither.
    """
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + 1)
    _limit(resource.RLIMIT_AS, memory_bytes)
    _limit(resource.RLIMIT_FSIZE, file_bytes)
    _limit(resource.RLIMIT_NOFILE, open_files)

    held = [name for name, close in (("namespace", _leave_network), ("filter", _forbid)) if close()]
    return "+".join(held) or "none"


# -------------------------------------------------------------------------------------------


def _limit(what: int, soft: int, hard: int | None = None) -> None:
    ceiling = resource.getrlimit(what)[1]  # an outer limit may be tighter and cannot be raised
    wanted = (soft, soft if hard is None else hard)
    if ceiling != resource.RLIM_INFINITY:
        wanted = (min(wanted[0], ceiling), min(wanted[1], ceiling))
    resource.setrlimit(what, wanted)


def _leave_network() -> bool:
    unshare = getattr(ctypes.CDLL(None, use_errno=True), "unshare", None)
    if unshare is None:
        return False
    # Without a user namespace first: inside one, root loses its right to other users' files.
    return any(unshare(flags) == 0 for flags in (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET))


def _forbid() -> bool:
    machine = platform.machine()
    prctl = getattr(ctypes.CDLL(None, use_errno=True), "prctl", None)
    if prctl is None or machine not in _ARCHITECTURES or os.uname().sysname != "Linux":
        return False
    program = b"".join(_filter(machine))
    code = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    if prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.c_char_p(head), 0, 0) == 0)


def _filter(machine: str) -> Iterator[bytes]:
    refuse = (_RETURN, 0, 0, _ERRNO | errno.EPERM)
    yield _line(_LOAD, 0, 0, _AT_ARCHITECTURE)
    yield _line(_JUMP_EQUAL, 1, 0, _ARCHITECTURES[machine])
    yield _line(*refuse)
    yield _line(_LOAD, 0, 0, _AT_NUMBER)
    if machine == "x86_64":  # the second numbering of the same calls
        yield _line(_JUMP_AT_LEAST, 0, 1, _X32)
        yield _line(*refuse)
    for number in _FORBIDDEN[machine]:
        yield _line(_JUMP_EQUAL, 0, 1, number)
        yield _line(*refuse)
    # Threads stay possible, processes do not. clone3 hides its flags behind a pointer: it is
    # said to be absent, and the C library then falls back to clone.
    yield _line(_JUMP_EQUAL, 0, 1, _CLONE3)
    yield _line(_RETURN, 0, 0, _ERRNO | errno.ENOSYS)
    yield _line(_JUMP_EQUAL, 0, 3, _CLONE[machine])
    yield _line(_LOAD, 0, 0, _AT_FIRST_ARGUMENT)
    yield _line(_JUMP_ANY_BIT, 1, 0, _CLONE_THREAD)
    yield _line(*refuse)
    yield _line(_RETURN, 0, 0, _ALLOW)


def _line(code: int, if_true: int, if_false: int, value: int) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)
