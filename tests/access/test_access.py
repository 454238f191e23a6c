"""The table of who may do what, read aloud."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from sipas.access import ALLOWED, SECOND_FACTOR, Action, may, may_tend
from sipas.terms import Role


@dataclass(frozen=True)
class Somebody:
    role: Role
    branch: str = "/1/17/"


def test_every_role_has_a_row_and_every_action_somebody() -> None:
    assert set(ALLOWED) == set(Role)
    assert set().union(*ALLOWED.values()) == set(Action)


@pytest.mark.parametrize("path", ["/1/17/", "/1/17/230/"])
def test_inside_the_branch(path: str) -> None:
    assert may(Somebody(Role.OFFICIAL), Action.VIEW, path)


@pytest.mark.parametrize("path", ["/1/", "/1/170/", "/1/18/17/", "", "1/17/", "/2/17/"])
def test_outside_the_branch(path: str) -> None:
    assert not any(may(Somebody(role), action, path) for role in Role for action in Action)


@pytest.mark.parametrize("branch", ["", "/"])
def test_an_empty_branch_holds_nothing(branch: str) -> None:
    assert not may(Somebody(Role.HEAD, branch), Action.VIEW, "/1/")


def test_only_the_analyst_takes_data_and_only_with_a_second_factor() -> None:
    assert {role for role in Role if Action.DATA in ALLOWED[role]} == {Role.ANALYST}
    assert Role.ANALYST in SECOND_FACTOR


def test_the_administrator_reads_no_answers() -> None:
    assert not ALLOWED[Role.ADMINISTRATOR] & {Action.VIEW, Action.COUNTERS, Action.SCORECARDS, Action.DATA}
    assert Role.ADMINISTRATOR in SECOND_FACTOR


def test_counters_are_the_heads_alone() -> None:
    assert {role for role in Role if Action.COUNTERS in ALLOWED[role]} == {Role.HEAD}


@pytest.mark.parametrize("branch", ["/1/", "/1/17/", "/"])
def test_devices_are_the_provinces_alone(branch: str) -> None:
    assert {role for role in Role if Action.DEVICES in ALLOWED[role]} == {Role.ADMINISTRATOR}
    assert may_tend(Somebody(Role.ADMINISTRATOR, branch), "/1/17/", "/1/") is (branch == "/1/")
    assert not may_tend(Somebody(Role.HEAD, branch), "/1/17/", "/1/")
