"""What the documents promise is there: linked files, commands with help, settings, parameters."""

import re
from pathlib import Path

import pytest
import typer.main

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_linked_files_exist(document):
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target


def test_every_promise_names_a_function_and_a_test_that_exist():
    promises = (ROOT / "README.md").read_text(encoding="utf-8").split("## Promises")[1]
    named = re.findall(r"`((?:geo|data|maps|api|tests)/[^`]*)`", promises.split("## ")[0])
    assert len(named) >= 14
    for path in named:
        assert (ROOT / path).exists(), path


def test_every_command_has_help_and_an_example():
    from api.commands import app

    def commands(group, path=()):
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                yield from commands(command, (*path, name))
            else:
                yield " ".join((*path, name)), command

    for name, command in commands(typer.main.get_command(app)):
        assert f"Example: safe-region {name}" in (command.help or ""), name


def test_every_setting_says_what_it_means():
    from api.settings import ServiceSettings
    from data.settings import StoreSettings

    readme = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    for model in (StoreSettings, ServiceSettings):
        for name, field in model.model_fields.items():
            assert field.description, name
            assert f"`SAFE_REGION_{name.upper()}`" in readme, name


def test_model_page_quotes_the_numbers_of_the_parameters():
    from geo.parameters import HazardParameters

    text = (ROOT / "docs" / "model.md").read_text(encoding="utf-8").replace("\u2212", "-")
    numbers = HazardParameters()
    assert f"+{numbers.dark_log_irr}, sd {numbers.dark_sd}" in text
    assert f"{numbers.patrol_log_irr}, sd {numbers.patrol_sd}" in text
    assert f"{numbers.effect_shape:g}, {numbers.effect_other_groups:g}" in text
    assert f"{-numbers.dark_log_irr * numbers.lit_relief:.3f}" in text
