"""Every command is documented as it is."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from sipas.cli import NOUNS, sipas
from sipas.cli.pages import commands_page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "commands.md"


@pytest.mark.parametrize("noun", NOUNS)
def test_every_noun_is_a_command_that_says_what_it_is_for(noun: str) -> None:
    command = sipas.get_command(click.Context(sipas), noun)
    assert command is not None
    assert command.help
    verbs = command.commands.values() if isinstance(command, click.Group) else ()
    assert all(verb.help for verb in verbs)


def test_the_page_of_commands_is_what_the_commands_say() -> None:
    assert PAGE.read_text() == commands_page(), "run: python -m sipas.cli.pages > docs/commands.md"
