from types import SimpleNamespace

import pandas as pd
import pytest

from api.errors import error_response
from api.section_lookup import get_section_row
from geo.errors import NotFoundError


class Opened:
    """A snapshot of two sections, to which two earlier ones are linked."""

    def __init__(self, *, linked=True):
        names = ["sections", "section_links"] if linked else ["sections"]
        files = {f"{name}.parquet": {} for name in names}
        self.snapshot = SimpleNamespace(manifest={"files": files})

    def disclosed_sections(self, role):
        shown = [] if role == "public" else ["s1", "s2"]
        return pd.DataFrame({"section_id": shown, "hazard": range(len(shown))}, index=shown)

    def frame(self, name):
        assert name == "section_links"
        return pd.DataFrame(
            {
                "old_id": ["s0", "s0", "s0", "s9"],
                "new_id": ["s2", "s1", "s7", "s1"],
                "share": [0.3, 0.6, 0.1, 1.0],
            }
        )


def test_section_of_this_map_is_found():
    assert get_section_row(Opened(), "s2", "prosecutor") == {"section_id": "s2", "hazard": 1}


def test_section_of_an_earlier_map_leads_to_those_in_its_place():
    with pytest.raises(NotFoundError) as caught:
        get_section_row(Opened(), "s0", "prosecutor")

    assert caught.value.code == "section_moved"
    answer = error_response(caught.value)
    assert answer.status_code == 404
    # s7 is not shown to this role, or not scored
    assert b'"moved_to":[{"section_id":"s1","share":0.6},{"section_id":"s2","share":0.3}]' in (
        answer.body
    )


@pytest.mark.parametrize(
    ("opened", "section", "role"),
    [
        (Opened(), "s5", "prosecutor"),
        (Opened(), "s0", "public"),
        (Opened(linked=False), "s0", "prosecutor"),
    ],
)
def test_section_that_nobody_knows_is_unknown(opened, section, role):
    with pytest.raises(NotFoundError) as caught:
        get_section_row(opened, section, role)

    assert caught.value.code == "section_unknown"
