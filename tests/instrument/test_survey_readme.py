"""The format guide is true: its examples are read by the program itself."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
from make_surveys import SURVEYS

from sipas.instrument.complaint import Complaint
from sipas.instrument.reader.folder import READERS
from sipas.instrument.reader.table import Table

BLOCKS = [
    tomllib.loads(block) for block in re.findall(r"```toml\n(.*?)```", (SURVEYS / "README.md").read_text(encoding="utf-8"), re.DOTALL)
]
HEADINGS = ("instruments", "sectors", "waves", "targets")


def keys_of(held: Any) -> set[str]:
    if isinstance(held, list):
        return set().union(*map(keys_of, held))
    return {*held, *keys_of(list(held.values()))} if isinstance(held, dict) else set()


def test_guide_shows_one_example_of_each_kind_of_file() -> None:
    assert len(BLOCKS) == len(HEADINGS)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_example_is_read_without_a_complaint(number: int) -> None:
    faults: list[Complaint] = []
    READERS[HEADINGS[number]](Table(BLOCKS[number], file="README.md", place="", faults=faults))
    assert faults == []


def test_example_questionnaire_lacks_only_what_it_abbreviates() -> None:
    faults: list[Complaint] = []
    READERS["instruments"](Table(BLOCKS[0], file="README.md", place="", faults=faults))
    assert {fault.place for fault in faults} == {"based_on", "stem", "not_met"}


@pytest.mark.parametrize("number", range(4))
def test_every_key_that_ships_is_in_the_guide(number: int) -> None:
    shipped = {key for path in (SURVEYS / HEADINGS[number]).glob("*.toml") for key in keys_of(tomllib.loads(path.read_text("utf-8")))}
    if HEADINGS[number] == "targets":
        shipped -= {"agency_service", "services", "combine"}  # told in a sentence
    assert shipped <= keys_of(BLOCKS[number])
