"""The house rules that no linter knows: sizes, names, rooms at the root, words kept out."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("geo", "data", "maps", "api")
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
VAGUE = {"utils", "helpers", "common", "misc", "core", "base", "manager", "service_layer"}


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_is_small_and_its_functions_fit_one_screen(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 300, "find the second topic"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            statements = node.body[1:] if ast.get_docstring(node) else node.body
            lines = node.end_lineno - statements[0].lineno + 1 if statements else 0
            assert lines <= 60, f"{node.name} has {lines} lines"
            overrides_folium = path.name == "offline.py" and node.name == "render"
            assert node.args.kwarg is None or overrides_folium, f"{node.name} hides its options"


def test_no_module_hides_behind_a_vague_name():
    assert not {path.stem for path in MODULES} & VAGUE


def test_root_holds_only_what_a_reader_expects():
    expected = {
        "geo", "api", "maps", "data", "tests", "docs", "benchmarks", ".ci",
        "docker-compose.yml", "pyproject.toml", "README.md", "Makefile", "Dockerfile", "LICENSE",
        "NOTICE", "CHANGELOG.md", "requirements.lock", "requirements-test.lock",
        ".gitignore", ".dockerignore",
    }  # fmt: skip
    assert {path.relative_to(ROOT).parts[0] for path in tracked_files()} <= expected


def test_no_tracked_file_carries_a_machine_path_or_an_index_address():
    leak = re.compile(
        r"/(work|root|home)/[a-z]|--(extra-)?index-url|files\.pythonhosted|registry\.npm"
    )
    for path in tracked_files():
        if path.suffix in {".png", ".ico"} or path.name == "test_architecture.py":
            continue
        found = leak.search(path.read_text(encoding="utf-8", errors="replace"))
        assert found is None, f"{path.relative_to(ROOT)}: {found.group()}"


def test_locks_pin_every_package_by_hash_and_name_no_address():
    for name in ("requirements.lock", "requirements-test.lock", "benchmarks/requirements.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        pins = re.findall(r"^[\w.-]+==", text, flags=re.MULTILINE)
        assert len(pins) > 20
        assert text.count("--hash=sha256:") >= len(pins)
        assert "://" not in text


def test_schema_has_no_column_about_a_person():
    from data.tables import Model

    words = {
        "name_of",
        "surname",
        "iin",
        "birth",
        "phone",
        "email",
        "ethnic",
        "suspect",
        "sex",
        "age",
    }
    people = {"users"}
    for table in Model.metadata.tables.values():
        for column in table.columns:
            parts = set(column.name.split("_"))
            assert table.name in people or not parts & words, f"{table.name}.{column.name}"
