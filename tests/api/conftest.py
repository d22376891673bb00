"""The demo town and the service over it, for the tests of the doors."""

import httpx
import pytest

from api.dependencies import Published
from api.opening import opened_workspace
from tests.demo_town import demo_result, demo_workspace, service_url

__all__ = ["demo_result", "demo_workspace", "service_url"]


@pytest.fixture(scope="module")
def published(demo_workspace):
    """What is published of the demo town."""
    return Published(*opened_workspace(demo_workspace))


@pytest.fixture(scope="module")
def client(service_url):
    """A client of the service over the demo town."""
    with httpx.Client(base_url=service_url, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def first_school(published):
    """The id of school No. 1."""
    schools = published.current().frame("schools")
    (school_id,) = schools.loc[schools["name"].str.fullmatch(r".*\b1\b.*"), "school_id"].head(1)
    return school_id
