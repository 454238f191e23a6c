"""Settings are printed as they are, and their page is true."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from sipas.cli.settings import settings, settings_page
from sipas.settings import SETTINGS, BadSettingError

PAGE = Path(__file__).resolve().parents[2] / "docs" / "settings.md"


def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text() == settings_page()


def test_every_setting_is_printed_with_value_default_and_help() -> None:
    result = CliRunner().invoke(settings, env={"SIPAS_PORT": "8123"})
    assert "SIPAS_PORT=8123\n    default: 8000\n" in result.output
    assert "SIPAS_SEAL_AT=00:10\n" in result.output
    assert "SIPAS_DEMO=0\n" in result.output
    assert all(f"{one.name}=" in result.output and one.help in result.output for one in SETTINGS)


def test_a_password_in_the_database_address_is_not_printed() -> None:
    result = CliRunner().invoke(settings, env={"SIPAS_DATABASE": "postgresql://sipas:s3cret@db/sipas"})
    assert "sipas:***@db/sipas" in result.output
    assert "s3cret" not in result.output


def test_a_setting_that_cannot_be_read_is_refused_by_name() -> None:
    result = CliRunner().invoke(settings, env={"SIPAS_PORT": "eighty"})
    assert isinstance(result.exception, BadSettingError)
    assert "SIPAS_PORT='eighty'" in str(result.exception)


@pytest.mark.parametrize("one", SETTINGS, ids=lambda one: one.name)
def test_every_meaning_is_a_sentence(one) -> None:
    assert one.help.endswith(".")
