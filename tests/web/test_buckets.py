"""Windows slide, networks are told apart by their prefix, and nothing outlives the day."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask import Flask, request

from sipas.settings import read_settings
from sipas.web.buckets import DAY_SECONDS, Buckets, Limit, current_buckets, network_of
from sipas.web.citizen import gate
from sipas.web.kiosk.pairing import MOST_WRONG, Throttle

BAD = Limit("bad", 3, 60)
MORNING = 20_000 * DAY_SECONDS + 3_600.0


def test_a_window_is_full_after_so_many_times_and_slides() -> None:
    buckets = Buckets()
    for moment in (0, 20, 40):
        assert not buckets.is_full(BAD, "here", MORNING + moment)
        buckets.note(BAD, "here", MORNING + moment)
    assert buckets.is_full(BAD, "here", MORNING + 59)
    assert not buckets.is_full(BAD, "there", MORNING + 59)
    assert not buckets.is_full(BAD, "here", MORNING + 60)
    buckets.note(BAD, "here", MORNING + 61)
    assert buckets.is_full(BAD, "here", MORNING + 79)
    assert not buckets.is_full(BAD, "here", MORNING + 81)


def test_a_clock_that_goes_back_shuts_nobody_out() -> None:
    buckets = Buckets()
    for _ in range(3):
        buckets.note(BAD, "here", MORNING + 1_000)
    assert not buckets.is_full(BAD, "here", MORNING)


def test_memory_has_an_end_and_a_day_too() -> None:
    buckets = Buckets(most=10)
    for number in range(100):
        buckets.note(BAD, str(number), MORNING)
    assert len(buckets._moments) == 10
    salt = buckets._salt
    buckets.note(BAD, "here", MORNING + DAY_SECONDS)
    assert buckets._salt != salt
    assert len(buckets._moments) == 1
    assert all(b"here" not in key for key in buckets._moments)


def tries_let_through(limit: Limit, nodes: int, *, tries: int = 1_000) -> int:
    """How many of many tries of one network within the window are looked at, each at the next of so many processes."""
    processes = [Buckets(nodes=nodes) for _ in range(nodes)]
    let = 0
    for number in range(tries):
        buckets = processes[number % nodes]
        if not buckets.is_full(limit, "here", MORNING + 1):
            let += 1
        buckets.note(limit, "here", MORNING + 1)
    return let


@pytest.mark.parametrize("nodes", [1, 2, 3, 4, 7, 60])
def test_several_processes_allow_together_what_one_allows(nodes: int) -> None:
    for limit in (gate.CODE_ANYWHERE, gate.CARD_AT_UNIT, gate.LOOK_ANYWHERE):
        assert limit.times - nodes < tries_let_through(limit, nodes) <= limit.times
    assert sum(Throttle(nodes)._wrong.maxlen or 0 for _ in range(nodes)) <= MOST_WRONG


@pytest.mark.parametrize(
    ("limit", "together"), [(gate.CODE_HERE, (10, 10, 8, 16)), (gate.CARD_HERE, (5, 4, 8, 16)), (gate.LOOK_HERE, (20, 20, 20, 16))]
)
def test_whoever_mistypes_once_is_looked_at_again_at_any_of_them(limit: Limit, together: tuple[int, ...]) -> None:
    for nodes, expected in zip((1, 2, 4, 8), together, strict=True):
        assert tries_let_through(limit, nodes) == expected
        assert limit.share(nodes) >= 2


def test_the_buckets_of_an_application_know_how_many_there_are() -> None:
    app = Flask("x")
    app.extensions["sipas"] = SimpleNamespace(settings=read_settings({"SIPAS_NODES": "20"}))
    with app.app_context():
        buckets = current_buckets()
        assert current_buckets() is buckets
        for number in range(3):
            assert not buckets.is_full(gate.CARD_AT_UNIT, "7", MORNING)
            buckets.note(gate.CARD_AT_UNIT, "7", MORNING + number)
        assert buckets.is_full(gate.CARD_AT_UNIT, "7", MORNING + 9)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("203.0.113.0", "203.0.113.0"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("2001:db8:12:34::1", "2001:db8:12::"),
        ("2001:db8:12::", "2001:db8:12::"),
        ("127.0.0.1", None),
        ("::1", None),
        ("", None),
        ("unix:", None),
        ("203.0.113.77, 10.0.0.1", None),
    ],
)
@pytest.mark.parametrize("header", ["", "X-Sipas-Network"])
def test_a_network_is_a_prefix_and_one_that_cannot_be_told_is_nobodys(address: str, network: str | None, header: str) -> None:
    settings = read_settings({"SIPAS_NETWORK_HEADER": header})
    given = {"headers": {header: address}} if header else {"environ_base": {"REMOTE_ADDR": address}}
    with Flask("x").test_request_context("/", **given):
        assert network_of(request, settings) == network


def test_a_header_that_nobody_asked_for_is_not_believed() -> None:
    with Flask("x").test_request_context("/", headers={"X-Sipas-Network": "203.0.113.7"}, environ_base={"REMOTE_ADDR": "198.51.100.9"}):
        assert network_of(request, read_settings({})) == "198.51.100.0"
