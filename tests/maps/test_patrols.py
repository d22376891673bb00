"""The layer of patrols decoded, and the words for plans, doses and last visits."""

import gzip
from datetime import date

import mapbox_vector_tile
import numpy as np
import pandas as pd
import pytest

from geo.cells import format_cells, latlng_to_cells
from geo.parameters import WINDOWS
from maps.layers import ROLE_LAYERS, VECTOR_LAYERS
from maps.palette import DAY, NIGHT
from maps.patrol_layers import PATROL_ZOOMS, patrol_layer
from maps.patrol_texts import (
    delivered_note,
    dose_text,
    gap_note,
    gap_sentence,
    last_visit_text,
    plan_sentence,
    weekdays_text,
    window_head,
)
from maps.tiles import build_tiles
from tests.maps.test_palette_and_style import luminance

CELLS = latlng_to_cells(51.23 + np.arange(4) * 0.003, np.full(4, 51.37), 10)
SPANS = ("", *(f"_{window}" for window in WINDOWS))
PLAN = {
    "plan_id": "p1", "number": "7", "kind": "foot", "starts_at": "18:00", "ends_at": "02:00",
    "weekdays": "123456", "planned_shifts": 24, "planned_minutes": 11520.0, "visited_shifts": 9,
    "delivered_minutes": 118.0, "visits": 11, "compared_by": "line",
}  # fmt: skip


def disclosed(**columns):
    """Four cells: calm, with a gap by night, felt but calm, and without a class."""
    frame = pd.DataFrame({"h3_cell": CELLS})
    for span in SPANS:
        frame[f"gap{span}"] = pd.array([1, 1, 1, None], dtype="Int64")
        frame[f"dose{span}"] = 0.0
    frame["gap_night"] = pd.array([1, 4, 1, None], dtype="Int64")
    frame.loc[2, "dose_evening"] = 0.75
    frame["last_visit_days"] = pd.array([None, None, 3, None], dtype="Int64")
    return frame.assign(**columns)


def features_of(layer, zoom=14):
    found = {}
    for name, z, _, _, content in build_tiles(layer):
        assert name == "patrols"
        if z == zoom:
            for feature in mapbox_vector_tile.decode(gzip.decompress(content))["patrols"][
                "features"
            ]:
                found[feature["properties"]["id"]] = feature["properties"]
    return found


def test_a_tile_holds_the_cells_that_have_something_to_say():
    features = features_of(patrol_layer(disclosed()))
    with_gap, felt = format_cells(CELLS[1:3])
    assert set(features) == {with_gap, felt}
    assert features[with_gap]["gap_night"] == 4
    assert features[with_gap]["gap"] == 1
    assert "last_visit_days" not in features[with_gap]  # never recorded is not 0 days
    assert features[felt]["last_visit_days"] == 3
    assert features[felt]["dose_evening"] == 0.75
    names = {f"{name}{span}" for name in ("gap", "dose") for span in SPANS}
    assert set(features[felt]) == {"id", "last_visit_days"} | names


def test_numbers_of_the_prosecutor_stay_out_of_the_tiles():
    layer = patrol_layer(disclosed(gap_harm=1.25, patrol_dose=0.31, last_visit="2025-09-07"))
    assert not {"gap_harm", "patrol_dose", "last_visit"} & set(layer.properties)


def test_order_of_rows_does_not_matter_and_no_row_makes_no_tile():
    plain = [*build_tiles(patrol_layer(disclosed()))]
    turned = [*build_tiles(patrol_layer(disclosed().iloc[::-1]))]
    assert plain == turned
    assert not [*build_tiles(patrol_layer(disclosed().iloc[:0]))]


def test_the_layer_is_offered_to_those_who_steer_patrols():
    offered = {role for role, layers in ROLE_LAYERS.items() if "patrols" in layers}
    assert offered == {"dispatcher", "prosecutor"}
    assert VECTOR_LAYERS["patrols"].from_zoom == PATROL_ZOOMS[0] == 12
    assert not VECTOR_LAYERS["patrols"].shown


def test_hatching_is_dark_by_day_and_bright_by_night():
    assert luminance(DAY.patrol) < min(luminance(colour) for colour in DAY.classes)
    assert luminance(NIGHT.patrol) > max(luminance(colour) for colour in NIGHT.classes)


@pytest.mark.parametrize(
    ("weekdays", "lang", "text"),
    [
        ("12345", "ru", "пн–пт"), ("67", "en", "Sat, Sun"), ("1357", "en", "Mon, Wed, Fri, Sun"),
        ("12467", "en", "Mon, Tue, Thu, Sat, Sun"), ("123", "kk", "дс–ср"),
        ("1234567", "ru", "ежедневно"), (None, "kk", "күн сайын"),
    ],
)  # fmt: skip
def test_weekdays_are_written_as_a_person_does(weekdays, lang, text):
    assert weekdays_text(weekdays, lang) == text


def test_doses_and_last_visits_in_words():
    assert dose_text(0.5, "en") == "about half of the time"
    assert dose_text(None, "en") == ""
    assert last_visit_text(1, "ru") == "последнее записанное посещение 1 день назад"
    assert last_visit_text(3, "ru") == "последнее записанное посещение 3 дня назад"
    assert last_visit_text(None, "en") == "no visit was ever recorded"
    assert window_head("other", "en") == "Other hours"
    assert window_head("evening", "en") == "Evening, 19:30–22:00"


def test_a_cell_is_told_in_one_sentence():
    row = {"gap": 4, "dose": 0.25, "last_visit_days": 12}
    assert gap_sentence(row, "Abai street", "en") == (
        "Abai street: patrol gap – high; patrols are felt about a quarter of the time; last"
        " recorded visit 12 days ago."
    )


def test_a_plan_is_told_with_what_is_known_of_it():
    assert plan_sentence(PLAN, "Abai street", "en") == (
        "Route 7, on foot (Mon–Sat 18:00–02:00), Abai street: 9 of 24 shifts with a visit; 118 of"
        " 11,520 minutes (1.0 %)."
    )
    unseen = PLAN | {"delivered_minutes": None, "visited_shifts": None}
    assert plan_sentence(unseen, "", "en").endswith("18:00–02:00): no visit is recorded.")
    blind = unseen | {"compared_by": None}
    assert "its line is not known" in plan_sentence(blind, "", "en")
    assert "hours are not written" in plan_sentence(
        blind | {"planned_minutes": None, "starts_at": None}, "", "en"
    )
    post = PLAN | {"kind": "post", "number": None}
    assert plan_sentence(post, "", "en").startswith("Post p1 (Mon–Sat")


def test_notes_say_days_and_that_a_record_is_not_the_whole_truth():
    days = (date(2025, 9, 1), date(2025, 9, 28))
    assert "1,234" in gap_note(1234, days, "en")
    assert "somebody may have been there" in gap_note(1234, days, "en")
    assert "within 100 m" in delivered_note(days, "en", recorded=True)
    assert "no patrol visit is recorded" in delivered_note(days, "en", recorded=False)
    assert "{" not in "".join(gap_note(2, days, lang) for lang in ("kk", "ru"))
