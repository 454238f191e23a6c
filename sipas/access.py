"""Who may do what, and where: one table and one question."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from sipas.terms import Role


class Action(StrEnum):
    """Something an official can ask for."""

    VIEW = "view"  # read scorecards on the screen
    COUNTERS = "counters"  # read what each counter's answers say
    SCORECARDS = "scorecards"  # take scorecards away as files
    DATA = "data"  # take cells and micro-data away; wants a fresh one-time code
    FLAGS = "flags"  # read what the nightly run flagged, and decide what comes of it; never inside a rated unit
    SIGNS = "signs"  # print the signs of counters
    ACCOUNT = "account"  # look after one's own sign-in
    PAPER = "paper"  # type paper sheets in; never inside the unit that they rate
    DEVICES = "devices"  # look after kiosks and screens; at the province alone
    RECOVERY = "recovery"  # have recovery codes for one's own second factor


ALLOWED: Mapping[Role, frozenset[Action]] = MappingProxyType(
    {
        Role.OFFICIAL: frozenset({Action.VIEW, Action.SCORECARDS, Action.SIGNS, Action.ACCOUNT}),
        Role.HEAD: frozenset({Action.VIEW, Action.COUNTERS, Action.SCORECARDS, Action.SIGNS, Action.ACCOUNT}),
        Role.ANALYST: frozenset({Action.VIEW, Action.SCORECARDS, Action.DATA, Action.FLAGS, Action.ACCOUNT, Action.RECOVERY}),
        Role.ADMINISTRATOR: frozenset({Action.SIGNS, Action.DEVICES, Action.ACCOUNT, Action.RECOVERY}),
        Role.KEYER: frozenset({Action.PAPER, Action.ACCOUNT}),
    }
)

SECOND_FACTOR = frozenset({Role.ANALYST, Role.ADMINISTRATOR})  # these sign in with a one-time code as well


class Official(Protocol):
    """What the question needs to know about whoever asks it."""

    @property
    def role(self) -> Role: ...

    @property
    def branch(self) -> str:
        """The path of the unit at the top of the official's branch, such as ``/1/17/``."""


def may(official: Official, action: Action, unit_path: str) -> bool:
    """True when the role has the action and the unit lies in the official's branch."""
    return action in ALLOWED[official.role] and in_branch(official, unit_path)


def may_read_counters(official: Official, unit_path: str, province_path: str) -> bool:
    """True for the head of this very unit and of its province: what a counter's people say is nobody else's to read (decision 5)."""
    return may(official, Action.COUNTERS, unit_path) and official.branch in {unit_path, province_path}


def may_type(official: Official, unit_path: str, province_path: str) -> bool:
    """True for a keyer of the province, and never of the unit itself: nobody types in what the own house is told."""
    return may(official, Action.PAPER, unit_path) and official.branch == province_path != unit_path


def may_tend(official: Official, unit_path: str, province_path: str) -> bool:
    """True for an administrator of the province: what is missing from a unit's kiosk is not for the unit to hear first."""
    return may(official, Action.DEVICES, unit_path) and official.branch == province_path


def in_branch(official: Official, unit_path: str) -> bool:
    """True when the unit is the top of the official's branch or stands below it. An empty branch holds nothing."""
    return len(official.branch) > 1 and unit_path.startswith(official.branch)
