"""The container files say what the settings understand, and open nothing to the network."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.settings import ServiceSettings, check_listening
from data.database import open_database
from data.settings import StoreSettings

ROOT = Path(__file__).resolve().parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()

KNOWN = {
    f"{settings.model_config.get('env_prefix')}{name}".upper()
    for settings in (StoreSettings, ServiceSettings)
    for name in settings.model_fields
}


def test_every_name_in_the_environment_is_a_setting() -> None:
    in_compose = set(SERVICES["service"]["environment"])
    in_dockerfile = set(re.findall(r"\bSAFE_REGION_[A-Z_]+", DOCKERFILE))
    assert in_compose <= KNOWN
    assert in_dockerfile <= KNOWN
    assert "SAFE_REGION_DATABASE_URL" in in_compose


def test_the_settings_take_every_value(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SERVICES["service"]["environment"].items():
        monkeypatch.setenv(name, value.replace("${POSTGRES_PASSWORD}", "abc123"))
    service, store = ServiceSettings(), StoreSettings()
    check_listening(service)
    assert service.port == 8000
    assert store.dir == Path("/data")
    assert store.database_url is not None
    database = open_database(store.database_url)
    assert database.place == "database:5432/safe_region"
    assert database.engine.url.password == "abc123"
    assert "abc123" not in repr(store)


def test_database_and_address_agree() -> None:
    made = SERVICES["database"]["environment"]
    url = SERVICES["service"]["environment"]["SAFE_REGION_DATABASE_URL"]
    assert url == (
        f"postgresql+psycopg://{made['POSTGRES_USER']}:${{POSTGRES_PASSWORD}}"
        f"@database:5432/{made['POSTGRES_DB']}"
    )
    assert made["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")  # no default password


def test_ports_are_published_on_loopback_only() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert published == ["127.0.0.1:8000:8000"]
    assert not any("network_mode" in service for service in SERVICES.values())


def test_every_service_tells_its_health_and_starts_after_the_database() -> None:
    for name, service in SERVICES.items():
        assert service["healthcheck"]["test"][0] == "CMD", name
    assert SERVICES["service"]["depends_on"]["database"]["condition"] == "service_healthy"


def test_named_volumes_are_declared() -> None:
    used = {
        mount.split(":")[0] for service in SERVICES.values() for mount in service.get("volumes", [])
    }
    assert used == set(COMPOSE["volumes"])


def test_images_are_pinned_and_packages_come_by_hash() -> None:
    images = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    images += [service["image"] for service in SERVICES.values() if "image" in service]
    assert all(re.search(r":\d+[\w.-]*$", image) for image in images), images
    assert "--require-hashes -r requirements.lock" in DOCKERFILE
    assert "npm ci" in DOCKERFILE


def test_the_service_does_not_run_as_root() -> None:
    last_stage = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER safe-region$", last_stage, re.MULTILINE)
    assert SERVICES["service"]["cap_drop"] == ["ALL"]


def test_whatever_the_dockerfile_copies_is_there_and_not_ignored() -> None:
    kept = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE):
        for source in sources.split():
            assert source.split("/")[0] in kept, source
            assert (ROOT / source).exists(), source


def test_every_setting_has_a_meaning_in_one_sentence() -> None:
    for settings in (StoreSettings, ServiceSettings):
        for name, field in settings.model_fields.items():
            assert field.description, name
            assert field.description.endswith("."), name
