"""Building the browser's files: what is copied is what the library's authors wrote."""

import importlib.util
import re
import shutil
import sys

import pytest

from geo.errors import SafeRegionError
from maps.web.assets import STATIC_FOLDER, WEB_FOLDER, read_manifest
from maps.web.build import LIBRARY_FILES, LICENCES, npm_command, without_source_map


def test_only_the_reference_to_the_source_map_is_taken_out():
    script = 'var a = "\u2028\x0b\x85";\r\nvar b;\n//# sourceMappingURL=a.js.map\n'

    assert without_source_map(script) == 'var a = "\u2028\x0b\x85";\r\nvar b;\n'


def test_every_library_and_its_licence_is_built():
    files = read_manifest()

    assert set(LIBRARY_FILES) <= set(files)
    assert {f"licences/{name}.txt" for name in LICENCES} <= set(files)


def test_built_libraries_are_those_that_npm_installed():
    if not (WEB_FOLDER / "node_modules").is_dir():
        pytest.skip("the libraries are built but npm's folder is gone")
    for target, source in LIBRARY_FILES.items():
        original = (WEB_FOLDER / "node_modules" / source).read_bytes()
        if target.endswith((".js", ".css")):
            original = without_source_map(original.decode()).encode()
        assert (STATIC_FOLDER / target).read_bytes() == original, target


def test_lock_names_no_host_and_gives_a_checksum_for_every_package():
    lock = (WEB_FOLDER / "package-lock.json").read_text("utf-8")

    assert not re.search(r'"resolved"|registry|npmjs|tarball', lock)
    assert lock.count('"integrity": "sha512-') == lock.count('"node_modules/')


def test_npm_of_the_wheel_is_used_where_the_system_has_none(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)

    assert npm_command()[0] == sys.executable
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SafeRegionError, match="npm was not found"):
        npm_command()
