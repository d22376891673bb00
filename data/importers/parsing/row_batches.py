"""From a reader's blocks of text to Arrow batches: trimmed, repaired, searched, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from data.importers.parsing.cell_repairs import count_lost, repair_column
from data.importers.parsing.personal import PersonalGate
from data.importers.parsing.raw_columns import (
    AREA,
    FAULT,
    GEOMETRY,
    LINE,
    RAW,
    ROW,
    SHEET,
    Block,
    Rows,
    X,
    Y,
    refusal,
)

_OWN = {
    ROW: pa.int64(),
    SHEET: pa.large_string(),
    RAW: pa.binary(32),
    FAULT: pa.large_string(),
}
_POSITIONS = {name: pa.large_string() for name in (X, Y, GEOMETRY, LINE, AREA)}


def batch_reader(rows: Rows, path: Path, facts: dict[str, Any]) -> pa.RecordBatchReader:
    """Return the rows as Arrow batches that are made as they are taken.

    Parameters
    ----------
    rows
        What a reader of a format found.
    path
        For messages.
    facts
        Gains ``letters_lost`` and ``repaired_cells``, complete once the last batch is taken.

    Raises
    ------
    InputRefusedError
        ``personal_data``, at once or when the last batch is taken; ``no_rows``; what the reader
        refuses.
    """
    own = _OWN | (_POSITIONS if rows.positioned else {})
    schema = pa.schema([*((head, pa.large_string()) for head in rows.heads), *own.items()])
    gate = PersonalGate({head: rows.parents.get(head, "") for head in rows.heads}, path.name)
    return pa.RecordBatchReader.from_batches(schema, _batches(rows, schema, gate, path, facts))


# -------------------------------------------------------------------------------------------


def _batches(
    rows: Rows, schema: pa.Schema, gate: PersonalGate, path: Path, facts: dict[str, Any]
) -> Iterator[pa.RecordBatch]:
    facts["letters_lost"] = sum(count_lost(pa.array([head])) for head in rows.heads)
    facts["repaired_cells"] = 0
    empty = True
    for block in rows.blocks:
        empty = False
        texts = {head: _texts(block.get(head), len(block[ROW]), path, facts) for head in rows.heads}
        faults = list(block.get(FAULT) or [None] * len(block[ROW]))
        for row, where in gate.search(texts).items():
            faults[row] = faults[row] or f"{where}\tpii_in_text"
        own: Block = {**block, FAULT: faults}
        columns = [
            texts[field.name] if field.name in texts else _own(own, field) for field in schema
        ]
        yield pa.record_batch(columns, schema=schema)
    if empty:
        raise refusal("no_rows", f"{path.name} has heads but no row; nothing was stored.")
    gate.finish()


def _own(block: Block, field: pa.Field) -> pa.Array:
    values = block.get(field.name)
    if values is None:
        return pa.nulls(len(block[ROW]), field.type)
    return pa.array(values, field.type)


def _texts(values: Any, length: int, path: Path, facts: dict[str, Any]) -> pa.Array:
    if values is None:
        return pa.nulls(length, pa.large_string())
    try:
        column = pa.array(values, pa.large_string())
    except UnicodeEncodeError as error:
        raise refusal(
            "text_invalid", f"{path.name} holds half a character; export it again."
        ) from error
    column, repaired = repair_column(column)
    facts["repaired_cells"] += repaired
    facts["letters_lost"] += count_lost(column)
    trimmed = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.equal(pc.binary_length(trimmed), 0), None, trimmed)
