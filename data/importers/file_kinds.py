"""Tell which of a noun's forms a file has, such as a list of poles or of streets, by its heads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data.importers.parsing.raw_columns import X
from data.importers.tabular import SourceTable
from geo.errors import UsageError

_PLACE = frozenset({"lat", "lon", "x", "y", "location", X})


@dataclass(frozen=True)
class FileKind:
    """One form of a noun's files.

    Attributes
    ----------
    name
        As the mapping's key ``kind_of_file`` names it.
    needs
        Groups of fields; a file of this form has one field of each.
    lacks
        Fields that a file of this form does not have; ``place`` stands for any coordinates.
    """

    name: str
    needs: tuple[frozenset[str], ...] = ()
    lacks: frozenset[str] = frozenset()


def kind_of_file(table: SourceTable, kinds: Sequence[FileKind]) -> str:
    """Return the form that is declared, or the first that the fields fit; the last fits any.

    Raises
    ------
    UsageError
        ``kind_of_file_unknown``: the mapping declares another word.
    """
    names = [*dict.fromkeys(kind.name for kind in kinds)]
    declared = table.mapping.kind_of_file
    if declared is not None:
        if declared not in names:
            raise UsageError(
                f"The mapping's kind_of_file is none of those of {table.noun}: {', '.join(names)}.",
                code="kind_of_file_unknown",
            )
        return declared
    fields = set(table.texts)
    if fields & _PLACE:
        fields.add("place")
    for kind in kinds[:-1]:
        found = [sorted(fields & group) for group in kind.needs]
        if all(found) and not fields & kind.lacks:
            heads = [table.head(group[0]) for group in found]
            table.inferred["kind_of_file"] = f"{kind.name}: it has {', '.join(heads)}"
            return kind.name
    table.inferred["kind_of_file"] = f"{names[-1]}: it is none of {', '.join(names[:-1])}"
    return names[-1]
