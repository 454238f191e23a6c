"""An answer given without network goes to the week and the cluster of the day that it claims."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from random import Random

import make_answers as make
import pytest

from sipas import sealing
from sipas.evidence.keys import Keyring
from sipas.intake import Origin
from sipas.store.engine import Store
from sipas.terms import Channel

SUNDAY, MONDAY = make.NOON + timedelta(days=4), make.NOON + timedelta(days=5)


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring.create(tmp_path / "keys")


@pytest.fixture(autouse=True)
def _unit(store: Store) -> None:
    make.unit(store)


def claimed(day: date, band: str = "60-300") -> Origin:
    return Origin(Channel.ON_SITE, day=day, band=band)


def last(store: Store) -> tuple[str, str, bytes]:
    [row] = make.rows(store, "SELECT week, reasons, cluster FROM inbox")
    return row[0], row[1], bytes(row[2])


def test_the_week_of_the_claimed_day_holds_while_it_is_open(store: Store, keyring: Keyring) -> None:
    make.accepted(store, keyring, origin=claimed(SUNDAY.date()), now=MONDAY)
    assert last(store)[:2] == ("2026-W47", "")


def test_a_week_that_a_seal_has_closed_takes_nothing_more(store: Store, keyring: Keyring) -> None:
    sealing.seal(store, keyring, now=MONDAY, rng=Random(1))
    make.accepted(store, keyring, origin=claimed(SUNDAY.date()), now=MONDAY)
    assert last(store)[:2] == ("2026-W48", "late")


def test_a_seal_of_the_same_week_closes_nothing(store: Store, keyring: Keyring) -> None:
    sealing.seal(store, keyring, now=SUNDAY, rng=Random(1))
    make.accepted(store, keyring, origin=claimed(SUNDAY.date() - timedelta(days=2)), now=MONDAY)
    assert last(store)[:2] == ("2026-W47", "")


def test_a_claimed_day_shares_its_label_while_its_key_lives(store: Store, keyring: Keyring) -> None:
    make.accepted(store, keyring, now=make.NOON)
    make.accepted(store, keyring, origin=claimed(make.NOON.date()), now=make.NOON + timedelta(days=1))
    assert make.scalar(store, "SELECT count(DISTINCT cluster) FROM inbox") == 1


def test_a_claimed_day_whose_key_is_gone_shares_a_label_of_its_arrival(store: Store, keyring: Keyring) -> None:
    later = make.NOON + timedelta(days=2)
    make.accepted(store, keyring, now=make.NOON)
    sealing.seal(store, keyring, now=later, rng=Random(1))
    old = bytes(make.scalar(store, "SELECT cluster FROM open_response"))
    for day in (0, 0, 1):
        make.accepted(store, keyring, origin=claimed(make.NOON.date() + timedelta(days=day)), now=later)
    make.accepted(store, keyring, now=later)
    labels = [bytes(label) for (label,) in make.rows(store, "SELECT cluster FROM inbox")]
    assert len(labels) == 4
    assert len(set(labels)) == 3
    assert old not in labels
    keys = [path.name for path in keyring.folder.glob("cluster-*.key")]
    assert len(keys) == 1  # asking for a day that has ended makes no key


def test_the_moment_of_arrival_flags_nothing_and_the_band_is_kept(store: Store, keyring: Keyring) -> None:
    night = make.NOON.replace(hour=23)
    for _ in range(7):
        make.accepted(store, keyring, origin=claimed(make.NOON.date()), now=night)
    make.accepted(store, keyring, origin=claimed(make.NOON.date(), band="<20"), now=night)
    assert sorted(make.rows(store, "SELECT DISTINCT duration, reasons FROM inbox")) == [("60-300", ""), ("<20", "fast")]
