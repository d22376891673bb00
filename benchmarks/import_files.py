"""Reading files from outside: a workbook against pandas, and memory as a CSV grows.

``python -m benchmarks.import_files [ROWS]`` (100 000). The workbook has fifteen columns; ours reads
it in its confined child as text with the checks for personal data, the peer is
``pandas.read_excel(dtype=str)``. Equal: every cell that is a text in the workbook. ``peak_mb`` is
the most that ``safe-region import incidents`` held while it imported a CSV of so many rows into
SQLite, without the parser's own child.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import openpyxl
import pandas as pd

from data.importers.parsing.isolation import run_isolated
from data.importers.parsing.table_parsers import parse_table

ROWS = 100_000
SIZES = (100_000, 300_000, 1_000_000)
LARGEST_MB = 600
HEADS = ["№ КУИ", "Күні", "Уақыты", "Бап", "Ендік", "Бойлық", "Место", "Аудан"]
MORE = [f"баған {number}" for number in range(7)]


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(json.dumps(workbook(folder, rows)))
        print(json.dumps(memory(folder, [size * rows // ROWS for size in SIZES])))


def workbook(folder: Path, rows: int) -> dict:
    path = folder / "book.xlsx"
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Тізім")
    sheet.append(HEADS + MORE)
    for row in records(rows):
        sheet.append([*row, *(f"мән {number}" for number in range(7))])
    book.save(path)

    start = time.perf_counter()
    parsed = run_isolated(
        parse_table, path, {"accepted": ["xlsx"], "encoding": None, "sheet": None}
    )
    ours_s = time.perf_counter() - start
    start = time.perf_counter()
    peer = pd.read_excel(path, dtype=str, engine="openpyxl")
    peer_s = time.perf_counter() - start
    texts = [head for head in HEADS + MORE if head not in {"Ендік", "Бойлық"}]
    equal = all(parsed.tables["rows"][head].to_pylist() == peer[head].tolist() for head in texts)
    return {
        "benchmark": "import_files/workbook",
        "rows": rows,
        "ours_s": round(ours_s, 2),
        "peer_s": round(peer_s, 2),
        "peer": f"pandas {pd.__version__} read_excel(openpyxl)",
        "ratio": round(peer_s / ours_s, 1),
        "equal": equal,
    }


def memory(folder: Path, sizes: list[int]) -> dict:
    peaks = {}
    for size in sizes:
        path = folder / f"{size}.csv"
        with path.open("w", encoding="utf-8") as file:
            file.write(";".join(HEADS) + "\n")
            file.writelines(";".join(map(str, row)) + "\n" for row in records(size))
        peaks[size] = import_peak_mb(folder / f"town{size}", path, size)
    return {
        "benchmark": "import_files/memory",
        "peak_mb": peaks,
        "bounds": {"peak_mb": f"≤ {LARGEST_MB} at {sizes[-1]} rows"},
        "equal": True,
    }


def import_peak_mb(town: Path, path: Path, size: int) -> int:
    """Import a file in a process of its own; return the most memory that it held."""
    script = (
        "import resource, sys; from api.commands import main\n"
        "try: main()\n"
        "finally: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    )
    command = [sys.executable, "-c", script]
    where = ["--dir", str(town)]
    outline = ["init", "--name", "Орал", "--bbox", "51.2,51.1,51.6,51.4"]
    subprocess.run([*command, *outline, *where], check=True, capture_output=True)
    ended = subprocess.run(
        [*command, "import", "incidents", str(path), "--json", *where],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert json.loads(ended.stdout)["accepted"] == size
    return int(ended.stderr.split()[-1]) // 1024


def records(rows: int) -> list[list]:
    draw = random.Random(2)
    return [
        [f"К-{number:07d}", f"{1 + number % 28:02d}.{1 + number % 12:02d}.202{number % 5}",
         f"{number % 24:02d}:{number % 60:02d}", ("188", "106", "293")[number % 3],
         round(51.15 + draw.random() * 0.2, 6), round(51.25 + draw.random() * 0.3, 6),
         "улица", "Солтүстік"]
        for number in range(rows)
    ]  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
