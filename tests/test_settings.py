"""Settings are read once, and a bad one is named with its cure."""

from __future__ import annotations

import pytest

from sipas.settings import SETTINGS, BadSettingError, read_settings


def test_defaults_make_a_working_installation() -> None:
    settings = read_settings({})
    assert settings.database == "sqlite:///var/sipas.sqlite"
    assert settings.seal_at == (0, 10)
    assert settings.demo is False


@pytest.mark.parametrize(
    ("name", "text"),
    [("SIPAS_PORT", "eighty"), ("SIPAS_SEAL_AT", "25:00"), ("SIPAS_SEAL_AT", "noon"), ("SIPAS_DEMO", "perhaps"),
     ("SIPAS_NODES", "0"), ("SIPAS_NODES", "-2"), ("SIPAS_NODES", "2.5"), ("SIPAS_NODES", "")],
)  # fmt: skip
def test_a_bad_setting_is_named(name: str, text: str) -> None:
    with pytest.raises(BadSettingError, match=name):
        read_settings({name: text})


def test_every_setting_says_what_it_is_for() -> None:
    assert all(len(setting.help) > 20 and setting.name.startswith("SIPAS_") for setting in SETTINGS)
