"""The HTTP doors over the demo town: what they answer, to whom, and what they refuse."""

import gzip
import math

import h3
import mapbox_vector_tile
import mercantile
import pytest

from geo.parameters import PARTS


@pytest.fixture(scope="module")
def run(client):
    return client.get("/runs/current").json()


@pytest.fixture(scope="module")
def worst(client):
    answer = client.get("/sections", params={"limit": 1}).json()
    return answer["features"][0]


def tile_at(feature, zoom):
    lon, lat = feature["geometry"]["coordinates"][0]
    return mercantile.tile(lon, lat, zoom)


def test_health_and_readiness_name_the_current_run(client, demo_result):
    assert client.get("/healthz").json() == {"status": "alive"}
    assert client.get("/readyz").json()["run_id"] == demo_result["run_id"]


def test_current_run_says_what_the_map_was_made_from(run):
    assert run["synthetic"] is True
    assert run["period"] == ["2023-10-01", "2026-09-30"]
    assert run["as_of"] == "2026-10-01"
    assert run["unit"] == "days"
    assert run["reading_note"]


def test_list_is_numbered_and_ordered_and_marks_too_few(client):
    features = client.get("/sections", params={"lang": "en"}).json()["features"]
    assert len(features) == 20
    properties = [feature["properties"] for feature in features]
    numbered = [p for p in properties if p["numbered"]]
    assert [p["rank"] for p in numbered] == list(range(1, len(numbered) + 1))
    scores = [p["hazard_score"] for p in numbered]
    assert scores == sorted(scores, reverse=True)
    assert len(numbered) >= 12
    assert all(p["label"] and p["reason"] and p["class_word"] for p in properties)
    assert len({p["label"] for p in properties}) == 20


@pytest.mark.parametrize("window", ["day", "school_am", "night"])
def test_factors_multiply_to_the_hazard(client, worst, window):
    section = worst["properties"]["section_id"]
    told = client.get(f"/sections/{section}/explain", params={"window": window}).json()
    total = told["ln_area_mean"] + sum(part["log"] for part in told["parts"])
    assert math.exp(total) == pytest.approx(told["hazard"]["value"], rel=1e-9)
    assert {part["part"] for part in told["parts"]} <= set(PARTS)
    assert told["hazard"]["low"] < told["hazard"]["value"] < told["hazard"]["high"]
    assert told["run_id"]
    assert told["period"]


def test_cell_answers_and_explains(client, worst):
    lon, lat = worst["geometry"]["coordinates"][0]
    cell = h3.latlng_to_cell(lat, lon, 10)
    answer = client.get(f"/cells/{cell}").json()
    assert answer["h3_cell"] == cell
    assert answer["hazard"] > 0
    assert client.get(f"/cells/{cell}/explain").json()["parts"]


@pytest.mark.parametrize("alias", ["upper", "0x", "zero", "junk", "coarse"])
@pytest.mark.bad_input("B15")
def test_alias_of_a_cell_id_is_refused(client, alias):
    text = {
        "upper": "8A1F1B6C0007FFF",
        "0x": "0x8a1f1b6c0007fff",
        "zero": "08a1f1b6c0007fff",
        "junk": "zzz",
        "coarse": "881f1b6c01fffff",
    }[alias]
    answer = client.get(f"/cells/{text}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_tile_is_gzipped_and_revalidated(client, run, worst):
    z = tile_at(worst, 15)
    address = f"/tiles/{run['run_id']}/sections/{z.z}/{z.x}/{z.y}.mvt"
    first = client.get(address)
    assert first.status_code == 200
    assert first.headers["content-encoding"] == "gzip"
    assert first.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert first.headers["cache-control"] == "private, max-age=0, must-revalidate"
    again = client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    plain = client.get(address, headers={"Accept-Encoding": "identity"})
    assert plain.content == first.content
    decoded = mapbox_vector_tile.decode(plain.content)["sections"]
    found = {f["properties"]["id"]: f["properties"] for f in decoded["features"]}
    mine = found[worst["properties"]["section_id"]]
    assert mine["hazard_score"] == worst["properties"]["hazard_score"]
    assert mine["hazard_class"] == worst["properties"]["hazard_class"]


def test_short_address_leads_to_the_current_snapshot(client, run, worst):
    z = tile_at(worst, 14)
    answer = client.get(f"/tiles/cells/{z.z}/{z.x}/{z.y}.mvt?role=planner")
    assert answer.status_code == 307
    expected = f"/tiles/{run['run_id']}/cells/{z.z}/{z.x}/{z.y}.mvt?role=planner"
    assert answer.headers["location"] == expected


@pytest.mark.parametrize(
    "address",
    ["cells/+1/1/1", "cells/01/1/1", "cells/1_0/1/1", "cells/1.0/1/1", "cells/-0/0/0",
     "cells/3/8/0", "cells/23/0/0", "cells/1/0/99999999", "secrets/3/1/1", "cells/3/1/%2e%2e"],
)  # fmt: skip
@pytest.mark.bad_input("B16")
def test_odd_tile_address_is_unknown(client, run, address):
    assert client.get(f"/tiles/{run['run_id']}/{address}.mvt").status_code == 404


@pytest.mark.bad_input("B64")
def test_roles_never_share_an_etag_or_a_grain(client, run, worst):
    z = tile_at(worst, 13)
    tags, names = set(), {}
    for role in ("public", "planner", "dispatcher", "prosecutor"):
        answer = client.get(f"/tiles/{run['run_id']}/cells/{z.z}/{z.x}/{z.y}.mvt?role={role}")
        assert answer.status_code == 200, role
        tags.add(answer.headers["etag"])
        decoded = mapbox_vector_tile.decode(answer.content)["cells"]["features"]
        names[role] = set().union(*(f["properties"] for f in decoded))
    assert len(tags) == 4
    assert names["public"] == {"id", "hazard_class"}
    assert "hazard_score" in names["prosecutor"]
    assert not any(name.startswith(("hazard_score", "count")) for name in names["planner"])
    assert not any(name.startswith(("hazard_score", "count")) for name in names["dispatcher"])


def test_public_gets_no_section_no_lamp_no_route(client, run, worst):
    assert client.get("/sections", params={"role": "public"}).json()["features"] == []
    section = worst["properties"]["section_id"]
    assert client.get(f"/sections/{section}", params={"role": "public"}).status_code == 404
    z = tile_at(worst, 15)
    for layer in ("sections", "routes", "lighting", "cameras"):
        path = f"/tiles/{run['run_id']}/{layer}/{z.z}/{z.x}/{z.y}.mvt?role=public"
        assert client.get(path).status_code == 204, layer


def test_lower_role_is_not_told_the_parts(client, worst):
    section = worst["properties"]["section_id"]
    for role in ("planner", "dispatcher"):
        told = client.get(f"/sections/{section}/explain", params={"role": role}).json()
        assert told["hazard"] is None
        assert told["parts"] == []
        assert told["ln_area_mean"] is None
        assert told["hazard_class"] == 5
        assert told["light"]
        feature = client.get(f"/sections/{section}", params={"role": role}).json()
        assert "hazard" not in feature["properties"]


def test_tilejson_names_fields_zooms_and_bounds(client, run):
    document = client.get("/tiles/cells/tilejson.json").json()
    assert document["tilejson"] == "3.0.0"
    assert document["bounds"] == run["bounds"]
    assert run["run_id"] in document["tiles"][0]
    fields = document["vector_layers"][0]["fields"]
    assert {"hazard_score", "hazard_class", "confidence"} <= set(fields)
    assert client.get("/style.json").json()["version"] == 8


@pytest.mark.parametrize(
    "query",
    ["?limit=0", "?limit=101", "?limit=x", "?role=admin", "?lang=de", "?window=noon", "?x=1",
     "?limit=1&limit=2"],
)  # fmt: skip
@pytest.mark.bad_input("B19")
def test_bad_query_is_refused_as_a_problem(client, query):
    answer = client.get(f"/sections{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.content) <= 2048


@pytest.mark.bad_input("B27")
def test_foreign_host_is_refused(client):
    assert client.get("/healthz", headers={"Host": "evil.example"}).status_code == 400


def test_every_answer_forbids_framing_and_sniffing(client):
    for path in ("/healthz", "/kk", "/kk/prosecutor", "/runs/current", "/nothing/here/at/all"):
        answer = client.get(path)
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], path
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("role", ["prosecutor", "planner", "dispatcher", "public"])
@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_page_is_small_and_loads_nothing_from_elsewhere(client, lang, role):
    page = client.get(f"/{lang}/{role}")
    assert page.status_code == 200
    assert len(page.content) <= 20_000
    for marker in ('src="http', 'href="http', "src='http", "//cdn"):
        assert marker not in page.text


def test_first_page_follows_the_browser_and_defaults_to_kazakh(client):
    for header, lang in (("ru-RU,ru;q=0.9", "ru"), ("de-DE", "kk"), ("en", "en")):
        answer = client.get("/", headers={"Accept-Language": header})
        assert answer.headers["location"] == f"/{lang}"


def test_interface_description_is_served_from_here(client):
    assert client.get("/openapi.json").json()["info"]["title"] == "Safe Region"
    page = client.get("/docs")
    assert page.status_code == 200
    assert "https://" not in page.text


def test_schools_come_with_gate_and_shifts(client):
    features = client.get("/schools", params={"lang": "ru"}).json()["features"]
    assert len(features) == 18
    assert all(feature["properties"]["name"] for feature in features)
    assert not any("pupils" in feature["properties"] for feature in features)


def test_decoded_tiles_gunzip_to_the_same_bytes_on_disk(client, run, worst, demo_workspace):
    from data.snapshots import open_snapshot

    z = tile_at(worst, 15)
    archive = open_snapshot(demo_workspace / "snapshots", run["run_id"]).tile_archive("prosecutor")
    stored, _ = archive.get("sections", z.z, z.x, z.y)
    served = client.get(f"/tiles/{run['run_id']}/sections/{z.z}/{z.x}/{z.y}.mvt")
    assert gzip.decompress(stored) == served.content


@pytest.mark.parametrize("kind", ["sections", "cells"])
def test_incidents_are_named_to_the_prosecutor_alone_and_kept_nowhere(client, worst, kind):
    lon, lat = worst["geometry"]["coordinates"][0]
    place = {
        "sections": worst["properties"]["section_id"],
        "cells": h3.latlng_to_cell(lat, lon, 10),
    }[kind]
    address = f"/{kind}/{place}/incidents"

    answer = client.get(address, params={"role": "prosecutor", "lang": "en"})
    assert answer.headers["cache-control"] == "no-store"
    assert len(answer.json()["incidents"]) == 5
    for role, least in (("planner", 5), ("dispatcher", 3)):
        told = client.get(address, params={"role": role}).json()
        assert told["incidents"] == []
        counts = [r["incidents"] for row in told["quarters"] for r in row["rings"]]
        assert min(count for count in counts if count is not None) >= least
    assert client.get(address, params={"role": "public"}).status_code == 404
    assert client.get(address, params={"window": "day"}).status_code == 422


def test_explanation_holds_counts_and_no_single_incident(client, worst):
    section = worst["properties"]["section_id"]
    told = client.get(f"/sections/{section}/explain", params={"lang": "en"}).json()
    assert len(told["quarters"]) == 8
    assert "incidents" not in told
    assert told["badges"] == []


def test_some_cells_bear_a_badge_and_the_run_says_how_many(client, run, worst, demo_workspace):
    from data.snapshots import open_snapshot

    snapshot = open_snapshot(demo_workspace / "snapshots", run["run_id"])
    cells = snapshot.read_frame("cells")
    facts = snapshot.run_card["model"]["hotspots"]
    assert 0 < cells["hotspot"].sum() == facts["badges"] < len(cells) / 5
    hot = f"{int(cells.loc[cells['hotspot'], 'h3_cell'].iloc[0]):x}"
    for role in ("prosecutor", "planner", "dispatcher"):
        told = client.get(f"/cells/{hot}/explain", params={"role": role, "lang": "kk"}).json()
        assert [badge["word"] for badge in told["badges"]] == ["Ошақ"]
