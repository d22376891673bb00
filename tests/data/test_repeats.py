"""Rows written together say the same bytes as rows written alone."""

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sqlalchemy import text

from data.database import Database
from data.store.contents import content_digests
from data.store.frames import add_rows
from data.store.repeats import joined_rows, repeating_first, repeats_numbered
from data.store.row_values import rows_of_table
from data.tables import Incident, table_of
from geo.errors import FrameError
from tests.data.stored_rows import incidents, save

ROWS = 3_000


def words(name: str, values: pa.Array) -> tuple[pa.Array, ...]:
    said = [f"{name}={value!r};".encode() for value in values.to_pylist()]
    return (pa.array(said, pa.binary()),)


def expected(columns: dict[str, pa.Array]) -> list[bytes]:
    rows = zip(*(column.to_pylist() for column in columns.values()), strict=True)
    return [
        b">" + "".join(f"{n}={v!r};" for n, v in zip(columns, row, strict=True)).encode()
        for row in rows
    ]


@pytest.mark.parametrize("count", [0, 1, 255, 256, ROWS])
def test_every_row_is_its_values_in_the_order_of_the_columns(count: int) -> None:
    random = np.random.default_rng(3)
    columns = {
        "few": pa.array(random.choice(["a", "b", None], count), pa.string()),
        "flag": pa.array(random.choice([True, False, None], count), pa.bool_()),
        "zero": pa.array(random.choice([0.0, -0.0, 1.5], count), pa.float64()),
        "many": pa.array(np.arange(count), pa.int64()),
        "none": pa.nulls(count, pa.string()),
        "late": pa.array(np.where(np.arange(count) < 300, 0, np.arange(count)), pa.int32()),
    }
    assert joined_rows(columns, words, b">").to_pylist() == expected(columns)


def test_rows_with_their_repeats_numbered_say_the_same() -> None:
    rows = np.arange(ROWS)
    columns = {
        "one": pa.array(["erdr"] * ROWS),
        "none": pa.nulls(ROWS, pa.string()),
        "flag": pa.array(rows % 3 == 0, pa.bool_()),
        "sometimes": pa.array([None, 1, 2, 3] * (ROWS // 4), pa.int16()),
        "signed_zero": pa.array(np.where(rows % 2, 0.0, -0.0)),
        "day": pa.array(rows // 40, pa.int32()).cast(pa.date32()),
        "tens": pa.array(rows // 10),  # 300 × 334 pairs with the next, of which 600 are there
        "nines": pa.array(rows // 9),
        "each": pa.array([f"{row}" for row in rows]),
    }
    numbered = repeats_numbered(pa.table(columns))
    kinds = {name: pa.types.is_dictionary(numbered[name].type) for name in columns}
    assert kinds == {name: name != "each" for name in columns}
    assert numbered.to_pylist() == pa.table(columns).to_pylist()

    numbered_columns = {name: numbered[name].chunk(0) for name in columns}
    assert joined_rows(numbered_columns, words, b">").to_pylist() == expected(columns)
    assert joined_rows(columns, words, b">").to_pylist() == expected(columns)


def test_a_run_ends_where_its_combinations_become_as_many_as_the_rows() -> None:
    columns = {
        name: pa.array(np.arange(ROWS) // step % 20, pa.int16())
        for name, step in (("ones", 1), ("twenties", 20), ("hundreds", 400))
    }
    written: list[int] = []

    def counted(name: str, values: pa.Array) -> tuple[pa.Array, ...]:
        written.append(len(values))
        return words(name, values)

    assert joined_rows(columns, counted, b">").to_pylist() == expected(columns)
    assert written == [400, 400, 8]  # 20 × 20 pairs; with the last, 3 000 rows are 3 000 triples


def test_columns_of_few_values_come_first() -> None:
    many, few = pa.array(np.arange(ROWS)), pa.array(np.zeros(ROWS))
    assert repeating_first({"many": many, "few": few}) == ["few", "many"]


def test_a_row_has_the_same_digest_alone_and_among_many() -> None:
    table = table_of(Incident)
    frame = incidents(ROWS).sort_values("identity", ignore_index=True)
    together = content_digests(table, rows_of_table(table, frame)).to_pylist()
    alone = [
        content_digests(table, rows_of_table(table, frame.iloc[row : row + 1])).to_pylist()[0]
        for row in range(0, ROWS, 100)
    ]
    assert together[::100] == alone


def test_a_later_block_may_repeat_less_than_the_first(database: Database) -> None:
    even, both = incidents(ROWS, district="", article="188"), incidents(2 * ROWS, article=None)
    own = both.assign(district=[f"d{row}" for row in range(2 * ROWS)]).iloc[ROWS:]
    with database.writing() as connection:
        import_id = save(connection, incidents(0)).import_id
        added = add_rows(
            connection, table_of(Incident), [even, own], import_id, dt.datetime(2026, 1, 1)
        )
        kept = connection.execute(text("SELECT source_row, district, article FROM incidents")).all()
    assert added.new == 2 * ROWS
    wanted = pd.concat([even, own])
    wanted = wanted.reindex(columns=["source_row", "district", "article"])
    rows = wanted.astype(object).where(wanted.notna(), None).itertuples(index=False, name=None)
    assert sorted(map(str, map(tuple, kept))) == sorted(map(str, rows))


def test_a_block_with_a_column_more_is_refused_not_cut(database: Database) -> None:
    frames = [incidents(2), incidents(4, district="Орал").iloc[2:]]
    with database.writing() as connection:
        import_id = save(connection, incidents(0)).import_id
    with pytest.raises(FrameError, match="district"), database.writing() as connection:
        add_rows(connection, table_of(Incident), frames, import_id, dt.datetime(2026, 1, 1))
