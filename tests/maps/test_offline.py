"""The page's frame: local files only, a strict policy, nothing from outside reaches a template."""

import base64
import hashlib
import re

import folium
import folium.plugins
import pytest
from branca.colormap import linear

from geo.errors import NotFoundError, UsageError
from maps.offline import (
    Frame,
    OfflineFigure,
    StaticFiles,
    content_security_policy,
    json_block,
    local_file,
    script_hash,
)
from maps.web.assets import check_assets, read_manifest


def framed(*elements):
    figure = OfflineFigure(Frame("en", "A map"))
    hazard_map = folium.Map(location=(51.2, 51.4), tiles=None)
    for element in elements:
        hazard_map.add_child(element)
    figure.add_child(hazard_map)
    return figure


def test_a_stock_folium_map_loads_local_files_only():
    html = framed(folium.plugins.VectorGridProtobuf("/tiles/{z}/{x}/{y}.mvt", "cells")).render()

    assert not re.search(r"(src|href)\s*=\s*[\"']?(https?:)?//", html)
    assert "/static/leaflet/leaflet.js?v=" in html
    assert "/static/vectorgrid/vectorgrid.js?v=" in html


def test_what_restyles_the_page_is_left_out():
    html = framed().render().lower()

    for name in ("bootstrap", "jquery", "fontawesome", "glyphicons", "awesome"):
        assert name not in html


@pytest.mark.parametrize(
    "element",
    [
        folium.plugins.Fullscreen(),
        folium.plugins.MarkerCluster(),
        linear.YlOrRd_05.scale(0, 1),
    ],
    ids=["plug-in", "another plug-in", "legend with its own d3"],
)
def test_an_address_that_is_not_known_raises(element):
    with pytest.raises(UsageError) as refused:
        framed(element).render()

    assert refused.value.code == "external_link"


@pytest.mark.parametrize(
    "url", ["http://a/x.js", "https://a/b/evil.js", "//a/x.js", "HTTPS://a/x.js"]
)
def test_no_way_of_writing_an_outside_address_passes(url):
    with pytest.raises(UsageError):
        local_file(url)


def test_head_has_language_title_and_a_viewport_that_zooms():
    html = framed().render()

    assert '<html lang="en"' in html
    assert "<title>A map</title>" in html
    assert html.count('name="viewport"') == 1
    assert "user-scalable" not in html
    assert "maximum-scale" not in html


def test_hash_is_that_of_the_one_inline_script():
    figure = framed()
    html = figure.render()
    inline = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)

    digest = base64.b64encode(hashlib.sha256(inline[0].encode()).digest()).decode()
    assert len(inline) == 1
    assert figure.script_hashes == [f"sha256-{digest}"]


def test_policy_allows_the_hash_and_nothing_inline_or_foreign():
    policy = content_security_policy([script_hash("x")])

    assert f"script-src 'self' '{script_hash('x')}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_json_cannot_end_the_element_it_stands_in():
    block = json_block({"name": "</script><script>alert(1)</script>&"})

    assert "<" not in block
    assert ">" not in block
    assert "&" not in block


def test_built_files_are_whole_and_every_address_carries_their_digest():
    files = check_assets()

    assert StaticFiles("/region").url("leaflet/leaflet.js") == (
        f"/region/static/leaflet/leaflet.js?v={files['leaflet/leaflet.js'][:10]}"
    )
    with pytest.raises(UsageError, match="not among the built files"):
        StaticFiles().url("leaflet/other.js")


def test_missing_build_names_the_way_out(tmp_path):
    with pytest.raises(NotFoundError, match=r"python -m maps\.web\.build") as missing:
        read_manifest(tmp_path)

    assert missing.value.code == "assets_missing"


def test_changed_file_is_found(tmp_path):
    (tmp_path / "a.js").write_text("changed")
    (tmp_path / "manifest.json").write_text('{"files": {"a.js": "00"}}')

    with pytest.raises(NotFoundError, match=r"a\.js") as changed:
        check_assets(tmp_path)

    assert changed.value.code == "assets_changed"
