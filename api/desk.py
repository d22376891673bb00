"""Files of a run that are written beside it, in copies of its process.

What a copy changes in memory is lost with it, so it writes files, on a desk that is cleared at
the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from data.copies import CAN_COPY, Copy
from data.sealed_folders import new_folder

Writer = Callable[[Path], object]


class Desk:
    """Folder in which copies of this process write while it goes on.

    Parameters
    ----------
    parent
        Where the folder is made; what a killed run leaves there is removed by the next one.
    """

    def __init__(self, parent: Path) -> None:
        self._parent = parent
        self._stack = ExitStack()
        self._copies: list[Copy] = []
        self._folder: Path | None = None

    def __enter__(self) -> Self:
        """Make the folder."""
        self._folder = self._stack.enter_context(new_folder(self._parent))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End what still writes, and clear the folder."""
        for copy in self._copies:
            copy.end()
        self._stack.__exit__(kind, error, trace)

    def begin(self, writers: Mapping[str, Writer]) -> dict[str, Writer]:
        """Begin to write files; return what waits for each and puts it where it belongs.

        Where a copy fails or cannot be made, a file is written when it is waited for, so that it
        is there or its own error is raised.

        Parameters
        ----------
        writers
            By the files' names; one copy writes them all.
        """
        assert self._folder is not None, "the desk is used in a with block"
        folder = self._folder
        if not CAN_COPY:
            return dict(writers)

        def write_all() -> None:
            for name, write in writers.items():
                write(folder / name)

        copy = Copy(write_all)
        self._copies.append(copy)
        return {name: _handing_over(copy, folder / name, write) for name, write in writers.items()}


# -------------------------------------------------------------------------------------------


def _handing_over(copy: Copy, made: Path, write: Writer) -> Writer:
    def hand_over(path: Path) -> None:
        if copy.done():
            made.replace(path)
        else:
            write(path)

    return hand_over
