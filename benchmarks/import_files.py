"""Reading files from outside: a workbook against pandas, and memory as a CSV grows.

``python -m benchmarks.import_files [ROWS]`` (100 000). The workbook has fifteen columns; ours reads
it in its confined child as text with the checks for personal data, the peer is
``pandas.read_excel(dtype=str)``. Equal: every cell that is a text in the workbook. ``peak_mb`` is
the most that ``safe-region import incidents`` held while it imported a CSV of so many rows into
SQLite, ``parser_mb`` what the child held that read the file. One row in twenty is at fault, one in
seven lies in a dwelling, each names an address.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pandas as pd

from data.importers.parsing.isolation import run_isolated
from data.importers.parsing.table_parsers import parse_table
from data.process_memory import peak_memory_mb

ROWS = 100_000
FAULTY = 20
COMMAND = "from api.commands import main; main()"
SIZES = (100_000, 300_000, 1_000_000)
LARGEST_MB = 600
MOST_GROWTH = 1.25
"""Of the memory where a file has ten times the rows."""
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
    peaks, parsers = {}, {}
    for size in sizes:
        path = folder / f"{size}.csv"
        with path.open("w", encoding="utf-8") as file:
            file.write(";".join([*HEADS, "Мекенжай"]) + "\n")
            file.writelines(";".join(map(str, row)) + "\n" for row in messy_records(size))
        peaks[size], parsers[size] = import_peaks_mb(folder / f"town{size}", path, size)
    return {
        "benchmark": "import_files/memory",
        "peak_mb": peaks,
        "parser_mb": parsers,
        "growth": round(peaks[sizes[-1]] / peaks[sizes[0]], 2),
        "bounds": {
            "peak_mb": f"≤ {LARGEST_MB} at {sizes[-1]} rows",
            "growth": f"≤ {MOST_GROWTH} from {sizes[0]} to {sizes[-1]} rows",
        },
        "equal": True,
    }


def import_peaks_mb(town: Path, path: Path, size: int) -> tuple[int, int]:
    """Import a file in a process of its own; return the most that it and its parser held."""
    command, where = [sys.executable, "-c", COMMAND], ["--dir", str(town)]
    outline = ["init", "--name", "Орал", "--bbox", "51.2,51.1,51.6,51.4"]
    subprocess.run([*command, *outline, *where], check=True, capture_output=True)
    report = town / "report.json"
    with report.open("w") as said:
        running = subprocess.Popen(
            [*command, "import", "incidents", str(path), "--json", *where], stdout=said
        )
        own = parser = 0.0
        while running.poll() is None:
            own = max(own, peak_memory_mb(running.pid))
            parser = max([parser, *map(peak_memory_mb, children(running.pid))])
            time.sleep(0.05)
    told = json.loads(report.read_text(encoding="utf-8"))
    assert told["accepted"] + told["quarantined"] == told["rows_read"] == size
    assert told["quarantined"] == sum(row % FAULTY == 0 for row in range(size))
    return round(own), round(parser)


def children(process: int) -> list[int]:
    """Return the processes that a process has started, and theirs."""
    try:
        started = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return []
    return [one for child in map(int, started) for one in (child, *children(child))]


def messy_records(rows: int) -> Iterator[list]:
    """Yield records with an address; some in dwellings, some with a day that cannot be."""
    for number, record in enumerate(records(rows)):
        if number % FAULTY == 0:
            record[1] = "31.02.2024"
        elif number % 7 == 0:
            record[6] = "квартира"
        yield [*record, f"Абай көшесі, {number % 300}"]


def records(rows: int) -> Iterator[list]:
    draw = random.Random(2)
    return (
        [f"К-{number:07d}", f"{1 + number % 28:02d}.{1 + number % 12:02d}.202{number % 5}",
         f"{number % 24:02d}:{number % 60:02d}", ("188", "106", "293")[number % 3],
         round(51.15 + draw.random() * 0.2, 6), round(51.25 + draw.random() * 0.3, 6),
         "улица", "Солтүстік"]
        for number in range(rows)
    )  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
