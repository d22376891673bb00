"""A workspace comes back as made; whatever is wrong with it is named by file and key."""

import json
from pathlib import Path

import pytest
import shapely

from data.database import open_database
from data.schema_version import upgrade_database
from data.settings import StoreSettings
from data.workspace import (
    Region,
    create_workspace,
    open_workspace,
    propose_region,
    propose_time_zone,
    replace_keys,
)
from geo.errors import InputRefusedError, NotFoundError, UsageError

BOUNDARY = shapely.box(51.2, 51.1, 51.5, 51.3)


def test_a_workspace_opens_as_it_was_made(tmp_path: Path) -> None:
    region = propose_region("Орал", BOUNDARY, region_code="192710")
    made = create_workspace(tmp_path / "oral", region, BOUNDARY)
    opened = open_workspace(tmp_path / "oral")
    assert opened == made
    assert opened.region.metric_crs == "EPSG:32639"  # 48–54° E is zone 39
    assert opened.region.time_zone == "Asia/Oral"
    assert opened.study_area.boundary.equals(BOUNDARY)
    assert sorted(path.name for path in (tmp_path / "oral").iterdir()) == [
        "boundary.geojson",
        "region.toml",
    ]


def test_the_boundary_file_is_geojson_that_others_read(tmp_path: Path) -> None:
    workspace = create_workspace(tmp_path / "w", propose_region("Орал", BOUNDARY), BOUNDARY)
    feature = json.loads((workspace.path / "boundary.geojson").read_text())
    assert feature["type"] == "Feature"
    assert feature["geometry"]["type"] == "Polygon"


@pytest.mark.parametrize(
    "name", ['"quoted" \\ back', "tab\tline\nend", "\x7f\x01", "'''", "Өскемен"]
)
def test_any_name_survives_the_file(tmp_path: Path, name: str) -> None:
    region = propose_region(name, BOUNDARY)
    create_workspace(tmp_path / "w", region, BOUNDARY)
    assert open_workspace(tmp_path / "w").region == region


def test_the_database_is_the_named_one_or_the_workspace_file(tmp_path: Path) -> None:
    folder = tmp_path / "with space % and #"
    workspace = create_workspace(folder, propose_region("Орал", BOUNDARY), BOUNDARY)
    database = open_database(workspace.database_url(StoreSettings(database_url=None)))
    upgrade_database(database)
    database.close()
    assert (folder / "safe_region.db").stat().st_size > 0
    named = StoreSettings(database_url="postgresql+psycopg://host/town")
    assert workspace.database_url(named) == "postgresql+psycopg://host/town"


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFE_REGION_DIR", "/srv/oral")
    monkeypatch.setenv("SAFE_REGION_DATABASE_URL", "postgresql+psycopg://u:geheim@host/town")
    settings = StoreSettings()
    assert settings.dir == Path("/srv/oral")
    assert "geheim" not in repr(settings)


def test_a_folder_that_is_no_workspace_names_the_way_out(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(NotFoundError, match="safe-region init") as caught:
            open_workspace(path)
        assert caught.value.code == "workspace_missing"
        assert caught.value.exit_code == 4


def test_an_existing_workspace_is_not_overwritten(tmp_path: Path) -> None:
    create_workspace(tmp_path / "w", propose_region("Орал", BOUNDARY), BOUNDARY)
    with pytest.raises(UsageError) as caught:
        create_workspace(tmp_path / "w", propose_region("Ақсай", BOUNDARY), BOUNDARY)
    assert caught.value.code == "workspace_exists"
    assert open_workspace(tmp_path / "w").region.name == "Орал"


def test_a_boundary_that_cannot_be_meant_makes_nothing(tmp_path: Path) -> None:
    bow_tie = shapely.Polygon([(51, 51), (52, 52), (52, 51), (51, 52)])
    with pytest.raises(UsageError) as caught:
        create_workspace(tmp_path / "w", propose_region("Орал", BOUNDARY), bow_tie)
    assert caught.value.code == "geometry_invalid"
    assert not (tmp_path / "w").exists()


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("name", 'name = ""'),
        ("metric_crs", "metric_crs = 32639"),
        ("time_zone", 'time_zone = "Asia/Uralsk"'),
        ("languages", 'languages = ["kk", "de"]'),
        ("resolutions", "resolutions = [10, 9]"),
        ("resolutions", "resolutions = [16]"),
        ("boundary", 'boundary = "../boundary.geojson"'),
        ("synthetic", 'synthetic = "no"'),
        ("population", "population = 1"),
    ],
)
def test_a_key_at_fault_is_named(tmp_path: Path, key: str, line: str) -> None:
    workspace = create_workspace(tmp_path / "w", propose_region("Орал", BOUNDARY), BOUNDARY)
    file = workspace.path / "region.toml"
    lines = [old for old in file.read_text().splitlines() if not old.startswith(f"{key} =")]
    file.write_text("\n".join([*lines, line]))
    with pytest.raises(UsageError, match=f"key '{key}") as caught:
        open_workspace(workspace.path)
    assert caught.value.code == "region_invalid"
    assert "region.toml" in str(caught.value)


def test_a_missing_key_and_a_broken_file_are_named(tmp_path: Path) -> None:
    (tmp_path / "region.toml").write_text('name = "Орал"')
    with pytest.raises(UsageError, match="key 'metric_crs'"):
        open_workspace(tmp_path)
    (tmp_path / "region.toml").write_bytes(b"name = \xff")
    with pytest.raises(UsageError, match="not TOML"):
        open_workspace(tmp_path)


def test_a_boundary_file_that_is_gone_or_wrong_is_named(tmp_path: Path) -> None:
    workspace = create_workspace(tmp_path / "w", propose_region("Орал", BOUNDARY), BOUNDARY)
    file = workspace.path / "boundary.geojson"
    file.write_text('{"type": "Feature", "geometry": {"type": "Polygon"}}')
    with pytest.raises(InputRefusedError, match=r"boundary\.geojson"):
        _ = open_workspace(workspace.path).study_area
    file.unlink()
    with pytest.raises(NotFoundError) as caught:
        _ = open_workspace(workspace.path).study_area
    assert caught.value.code == "boundary_missing"


def test_changed_keys_are_checked_like_the_file() -> None:
    region = propose_region("Орал", BOUNDARY)
    assert replace_keys(region, {"time_zone": "Asia/Almaty"}).time_zone == "Asia/Almaty"
    with pytest.raises(UsageError, match="key 'time_zone'"):
        replace_keys(region, {"time_zone": "Asia/Uralsk"})


@pytest.mark.parametrize(
    ("lat", "lon", "zone"),
    [
        (51.23, 51.37, "Asia/Oral"),
        (43.24, 76.90, "Asia/Almaty"),
        (43.65, 51.17, "Asia/Aqtau"),
        (-36.85, 174.76, "Pacific/Auckland"),  # south and far east: both signs are read
        (34.05, -118.24, "America/Los_Angeles"),
    ],
)
def test_the_nearest_principal_place_gives_the_zone(lat: float, lon: float, zone: str) -> None:
    assert propose_time_zone(lat, lon) == zone


def test_the_card_explains_each_key() -> None:
    assert all(field.description for field in Region.model_fields.values())
