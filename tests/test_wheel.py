"""The wheel is whole: installed outside the checkout, it makes the demo town by itself."""

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BUILT_ASSETS = ROOT / "maps" / "web" / "build" / "manifest.json"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    if not BUILT_ASSETS.exists():
        pytest.skip("the browser libraries are not built: make run or make test builds them")
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (built,) = folder.glob("*.whl")
    return built


def test_wheel_holds_every_file_that_is_read_at_run_time(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    read_at_run_time = [
        *(ROOT / "data" / "codes").glob("*.csv"),
        *(ROOT / "data" / "importers").glob("*.yaml"),
        *(ROOT / "data" / "migrations").rglob("*.py"),
        *(ROOT / "maps" / "locale").rglob("*.po"),
        *(ROOT / "maps" / "pages" / "templates").iterdir(),
        *(path for path in BUILT_ASSETS.parent.rglob("*") if path.is_file()),
        *(path for room in ("geo", "data", "maps", "api") for path in (ROOT / room).rglob("*.py")),
    ]
    wanted = {
        path.relative_to(ROOT).as_posix()
        for path in read_at_run_time
        if "node_modules" not in path.parts
    }
    assert len(wanted) > 150
    assert wanted <= names, sorted(wanted - names)
    assert any(name.endswith("licenses/NOTICE") for name in names)


def test_wheel_holds_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    rooms = ("geo/", "data/", "maps/", "api/", "safe_region-")
    assert [name for name in names if not name.startswith(rooms)] == []
    assert [name for name in names if "node_modules" in name or "__pycache__" in name] == []


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Return the command of the wheel in an environment of its own, outside the checkout.

    Its other packages are those of the running environment, named by path; the project's own
    editable install is not among them, because .pth files of a named path are not read.
    """
    folder = tmp_path_factory.mktemp("installed") / "venv"
    venv.create(folder, symlinks=True, with_pip=False)
    python = folder / "bin" / "python"
    packages = Path(
        subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            check=True, capture_output=True, text=True,
        ).stdout.strip()
    )  # fmt: skip
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps",
         "--no-index", "--no-compile", str(wheel)],
        check=True, capture_output=True, env=_clean_environment(),
    )  # fmt: skip
    import numpy

    (packages / "dependencies.pth").write_text(f"{Path(numpy.__file__).parents[1]}\n")
    return folder / "bin" / "safe-region"


def test_installed_wheel_makes_the_demo_town_without_the_checkout(installed, tmp_path):
    probe = (
        "import api, data, geo, maps; print(*{p for m in (api, data, geo, maps) "
        "for p in m.__path__}, sep='\\n')"
    )
    environment = _clean_environment()
    python = installed.with_name("python")
    origins = subprocess.run(
        [python, "-c", probe], cwd=tmp_path, env=environment,
        check=True, capture_output=True, text=True,
    ).stdout.split("\n")[:-1]  # fmt: skip
    assert len(origins) == 4
    assert all(Path(origin).is_relative_to(installed.parents[1]) for origin in origins)

    made = subprocess.run(
        [installed, "demo", "--no-serve", "--json"], cwd=tmp_path, env=environment,
        check=False, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    result = json.loads(made.stdout)
    assert result["published"] is True
    assert result["counts"]["incidents"] > 1000
    snapshot = tmp_path / "safe-region-data" / "snapshots" / result["run_id"]
    assert (snapshot / "manifest.json").exists()


# -------------------------------------------------------------------------------------------


def _clean_environment():
    """Return the environment without what could lead Python back to the checkout."""
    kept = {"PATH", "LANG", "LC_ALL", "TMPDIR", "HOME", "PYTHONDONTWRITEBYTECODE"}
    return {name: value for name, value in os.environ.items() if name in kept}
