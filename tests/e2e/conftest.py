"""A real browser and the service it looks at."""

import os
import shutil

import pytest

from tests.e2e.canned_service import canned_service

BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def service_url():
    """Return the address of the service under test."""
    with canned_service() as url:
        yield url


@pytest.fixture(scope="module")
def browser():
    """Return Chromium, or skip with the reason where there is none.

    Its event loop runs as long as it does, so it goes with the file that asked for it.
    """
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        if os.environ.get("SAFE_REGION_REQUIRE_CHROMIUM") == "1":
            pytest.fail("Chromium is required here and was not found")
        pytest.skip("Chromium was not found")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=BROWSER_ARGUMENTS)
        yield chromium
        chromium.close()
