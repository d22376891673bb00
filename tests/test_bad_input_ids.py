"""Each kind of bad file and row has a test that carries its id."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FILES_AND_ROWS = {f"B{number:02d}" for number in [*range(1, 15), 21, *range(28, 50)]}


@cache
def marked_ids() -> dict[str, set[str]]:
    """Return id → names of the tests that carry it, read from the source."""
    found: dict[str, set[str]] = {}
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for mark in node.decorator_list:
                    if isinstance(mark, ast.Call) and ast.unparse(mark.func).endswith("bad_input"):
                        for argument in mark.args:
                            found.setdefault(ast.literal_eval(argument), set()).add(node.name)
    return found


@pytest.mark.parametrize("bad_input_id", sorted(FILES_AND_ROWS))
def test_a_bad_input_is_proven_by_a_test_that_bears_its_id(bad_input_id):
    assert marked_ids().get(bad_input_id)


def test_only_ids_that_are_known_are_borne():
    assert [one for one in marked_ids() if not re.fullmatch("[BDFHLPS][0-9]{1,2}", one)] == []
