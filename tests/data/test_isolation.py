"""A parser may do anything to itself; the parent lives, and nothing leaves the child."""

import contextlib
import ctypes
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pyarrow as pa
import pytest

from data.importers.parsing.isolation import LARGE, Limits, limits_for, run_isolated
from geo.errors import InputRefusedError, NotFoundError, UsageError

SHORT = Limits(cpu_seconds=1, wall_seconds=20)


def count_letters(path, options):
    text = path.read_text()
    return {"letters": pa.table({"letter": sorted(text)})}, {"times": options["times"]}


def say_what_holds(path, options):
    tried = {}
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX):
        try:
            with socket.socket(family) as line:
                line.settimeout(2)
                line.connect(("127.0.0.1", options["port"]))
            tried[family.name] = "connected"
        except OSError as error:
            tried[family.name] = type(error).__name__
    for name, attempt in (("fork", os.fork), ("exec", lambda: os.execv("/bin/true", ["true"]))):
        try:
            attempt()
            tried[name] = "done"
        except OSError as error:
            tried[name] = type(error).__name__
    thread = threading.Thread(target=lambda: tried.update(thread="ran"))
    thread.start()
    thread.join()
    environment = dict(os.environ)
    return {}, {"tried": tried, "environment": environment, "folder": tempfile.gettempdir()}


def spin(path, options):
    while True:
        pass


def sleep(path, options):
    time.sleep(60)


def swell(path, options):
    return {}, {"bytes": len(bytearray(3 << 30))}


def read_nothing_at_all(path, options):
    ctypes.string_at(0)


def write_too_much(path, options):
    with Path("out").open("wb") as out:
        out.write(b"x" * (4 << 20))


def nest(path, options):
    json.loads("[" * 200_000)


def quote_the_file(path, options):
    raise ValueError(path.read_text())


def refuse(path, options):
    raise UsageError("Name a CRS.", code="crs_unknown", facts={"rows": 3})


def answer_with_rubbish(path, options):
    Path("0.arrow").write_bytes(b"ARROW1\0\0 and then nothing of the kind")
    Path("outcome.json").write_text('{"tables": ["a"], "facts": {}}')
    os._exit(0)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "letters.txt"
    path.write_text("cab")
    return path


def test_tables_and_facts_come_back(file):
    tables, facts, _ = run_isolated(count_letters, file, {"times": 2})
    assert tables["letters"].to_pydict() == {"letter": ["a", "b", "c"]}
    assert facts == {"times": 2}


def test_a_child_reaches_no_server_and_starts_no_program(file, monkeypatch):
    monkeypatch.setenv("SAFE_REGION_DATABASE_URL", "postgresql+psycopg://clerk:secret@db/town")
    hits = []
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(0.2)
        _, facts, _ = run_isolated(say_what_holds, file, {"port": canary.getsockname()[1]})
        with contextlib.suppress(TimeoutError):
            hits.append(canary.accept())
    assert hits == []
    assert facts["tried"] == {
        "AF_INET": "PermissionError",
        "AF_INET6": "PermissionError",
        "AF_UNIX": "PermissionError",
        "fork": "PermissionError",
        "exec": "PermissionError",
        "thread": "ran",
    }
    assert "secret" not in json.dumps(facts["environment"])
    assert not Path(facts["folder"]).exists()


@pytest.mark.parametrize(
    ("parser", "limits", "code"),
    [
        (spin, SHORT, "parser_time"),
        (sleep, Limits(wall_seconds=1), "parser_time"),
        (swell, SHORT, "parser_memory"),
        (read_nothing_at_all, SHORT, "parser_crashed"),
        (write_too_much, Limits(file_bytes=1 << 20), "parser_crashed"),
        (nest, SHORT, "too_deep"),
        (quote_the_file, SHORT, "parser_crashed"),
        (answer_with_rubbish, SHORT, "parser_crashed"),
    ],
)
def test_every_death_is_a_coded_refusal_and_the_next_file_is_read(file, parser, limits, code):
    with pytest.raises(InputRefusedError) as refusal:
        run_isolated(parser, file, {}, limits)
    assert refusal.value.code == code
    assert str(refusal.value).startswith("letters.txt ")
    assert "cab" not in str(refusal.value)
    assert run_isolated(count_letters, file, {"times": 1}).facts == {"times": 1}


def test_what_the_parser_refuses_keeps_its_kind_code_and_facts(file):
    with pytest.raises(UsageError, match="Name a CRS") as refusal:
        run_isolated(refuse, file, {})
    assert refusal.value.code == "crs_unknown"
    assert refusal.value.facts == {"rows": 3}


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(NotFoundError, match=r"gone\.csv is not there") as refusal:
        run_isolated(count_letters, tmp_path / "gone.csv", {})
    assert refusal.value.code == "file_not_found"


def test_threads_of_a_server_parse_at_once(file):
    answers = []

    def ask(number):
        answers.append(run_isolated(count_letters, file, {"times": number}).facts["times"])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == list(range(8))


def test_a_script_from_standard_input_parses_and_runs_once(file):
    root = Path(__file__).resolve().parents[2]
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from data.importers.parsing.isolation import run_isolated\n"
        "from tests.data.test_isolation import count_letters\n"
        "print(run_isolated(count_letters, Path(sys.argv[2]), {'times': 7}).facts['times'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-", str(root), str(file)], input=script, text=True, capture_output=True,
        timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout == "7\n"


def test_a_child_is_cheap_once_the_server_runs(file):
    run_isolated(count_letters, file, {"times": 0})
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        run_isolated(count_letters, file, {"times": 0})
        seconds.append(time.perf_counter() - start)
    # Importing this test module, with pytest, is the child's own work and most of the time.
    assert min(seconds) < 1.5


def test_extracts_and_large_files_get_more_time_and_memory(tmp_path):
    small, extract, large = (tmp_path / name for name in ("a.csv", "a.osm.pbf", "b.csv"))
    small.touch()
    extract.touch()
    with large.open("wb") as sparse:
        sparse.truncate((50 << 20) + 1)
    assert limits_for(small) == Limits(cpu_seconds=30, memory_bytes=1 << 30)
    assert limits_for(extract) == LARGE == limits_for(large)
    assert (LARGE.cpu_seconds, LARGE.memory_bytes) == (120, 2 << 30)
