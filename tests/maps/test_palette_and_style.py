"""Colours that read in grey and with colour blindness; the style that other programs load."""

import itertools
import re

import numpy as np
import pytest

from maps.palette import DAY, NIGHT
from maps.style import LAYER_ZOOMS, VECTOR_FIELDS, style_document, tile_document

CARD = {"run_id": "0123456789abcdef", "bounds": [51.3, 51.19, 51.45, 51.27]}

# Linear-light matrices of full protanopia, deuteranopia and tritanopia (Machado et al. 2009).
BLINDNESS = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]],
}  # fmt: skip


def linear(colour):
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_worse_is_darker_by_day_and_brighter_by_night():
    assert np.all(np.diff([luminance(colour) for colour in (DAY.ground, *DAY.classes)]) < 0)
    assert np.all(np.diff([luminance(colour) for colour in (NIGHT.ground, *NIGHT.classes)]) > 0)


@pytest.mark.parametrize("palette", [DAY, NIGHT], ids=["day", "night"])
def test_score_is_readable_on_every_class_and_names_on_the_ground(palette):
    for fill, text in zip(palette.classes, palette.on_classes, strict=True):
        assert contrast(fill, text) >= 4.5
    assert contrast(palette.text, palette.text_halo) >= 7
    assert contrast(palette.school, palette.text_halo) >= 4.5


@pytest.mark.parametrize("palette", [DAY, NIGHT], ids=["day", "night"])
@pytest.mark.parametrize("kind", list(BLINDNESS))
def test_neighbouring_classes_differ_for_the_colour_blind(palette, kind):
    seen = [np.clip(np.array(BLINDNESS[kind]) @ linear(colour), 0, 1) for colour in palette.classes]
    weights = np.array([0.2126, 0.7152, 0.0722])

    for one, other in itertools.pairwise(seen):
        bright, dim = sorted((one @ weights, other @ weights), reverse=True)
        assert (bright + 0.05) / (dim + 0.05) >= 1.3


@pytest.mark.parametrize("role", ["prosecutor", "planner", "dispatcher", "public"])
def test_style_draws_only_what_it_has_sources_for(role):
    style = style_document("http://127.0.0.1:8000", role=role, card=CARD)
    drawn = [layer for layer in style["layers"] if layer["type"] != "background"]

    assert style["version"] == 8
    for layer in drawn:
        assert layer["source"] in style["sources"]
        assert layer["source-layer"] in VECTOR_FIELDS[layer["source"]]
    assert len({layer["id"] for layer in drawn}) == len(drawn)
    assert ("sections" in style["sources"]) == (role != "public")
    for source in style["sources"].values():
        assert re.search(rf"/tiles/0123456789abcdef/.*role={role}$", source["tiles"][0])
        assert "OpenStreetMap contributors" in source["attribution"]


def test_tilejson_has_what_the_standard_requires():
    url = "http://127.0.0.1:8000/tiles/x/cells/{z}/{x}/{y}.mvt"
    document = tile_document("cells", url, bounds=CARD["bounds"], run_id=CARD["run_id"])

    assert document["tilejson"] == "3.0.0"
    assert document["tiles"] == [url]
    assert (document["minzoom"], document["maxzoom"]) == LAYER_ZOOMS["cells"]
    assert document["bounds"] == CARD["bounds"]
    fields = document["vector_layers"][0]["fields"]
    assert fields["hazard_class"] == "Number"
    assert fields["hazard_score_school_am"] == "Number"
