"""INT-11 by a tablet: test answers with known content go through sealed envelopes, are found unaltered, and are counted nowhere."""

from __future__ import annotations

import hashlib
import json
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import make_answers as make
import pytest
from click.testing import CliRunner, Result
from kiosk_client import Tablet
from kiosk_world import ENVELOPES, NOON, World, answer, filled
from sqlalchemy import text

from sipas import sealing
from sipas.cli.canaries import canaries
from sipas.store.engine import Store
from sipas.store.kiosks import gaps_of

CANARIES, CITIZENS = 25, 15


@pytest.fixture
def known(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[World, Tablet, Path]:
    """Forty answers of one tablet in its queue's order; of a tester's own, what was pressed and the receipt that was shown."""
    url = world.store.url.render_as_string(hide_password=False)
    monkeypatch.setenv("SIPAS_DATABASE", f"sqlite:///{world.store.path}" if world.store.is_sqlite else url)
    monkeypatch.setenv("SIPAS_KEYS", str(tmp_path / "keys"))
    tablet, rng, lines = world.tablet(), random.Random(11), ["receipt,sector,channel,answers"]
    tested = set(rng.sample(range(CANARIES + CITIZENS), CANARIES))
    made = [pressed(tablet, rng) for _ in range(CANARIES + CITIZENS)]
    for at, (content, envelope) in enumerate(made):
        sent(world, tablet, envelope)
        if at in tested:
            lines.append(line_of(content, envelope))
    (tmp_path / "known.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return world, tablet, tmp_path / "known.csv"


def pressed(tablet: Tablet, rng: random.Random) -> tuple[dict[str, Any], dict[str, Any]]:
    """One sheet as it was pressed, and the envelope that it left the tablet in."""
    content = filled(tablet, stub=f"{rng.getrandbits(128):032x}")
    content["answers"] = {code: str(rng.randint(1, 5)) for code in content["answers"]}
    return content, answer(tablet, content=content)


def sent(world: World, tablet: Tablet, envelope: dict[str, Any]) -> None:
    """Let the tablet send it and believe the answer."""
    (ack,) = world.client.post(ENVELOPES, json={"envelopes": [envelope]}).json["acks"]
    assert tablet.believes(ack)
    assert ack["status"] == "stored"


def line_of(content: dict[str, Any], envelope: dict[str, Any]) -> str:
    """What the tester wrote down: the receipt on the screen, as docs/kiosk.md makes it, and what was pressed."""
    digest = hashlib.sha256(f"KS1|receipt|{envelope['iid']}|{content['stub']}".encode()).digest()
    receipt = "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[byte % 32] for byte in digest[:10])
    return f"{receipt},{content['sector']},S,{' '.join(f'{code}={level}' for code, level in content['answers'].items())}"


def call(*words: object) -> Result:
    return CliRunner().invoke(canaries, [str(word) for word in words])


def seal(world: World) -> sealing.SealReport:
    return sealing.seal(world.store, world.keyring, now=NOON + timedelta(hours=13), rng=random.Random(1))


def counted(store: Store) -> int:
    return int(make.rows(store, "SELECT count(*) FROM open_response WHERE quarantine = ''")[0][0])


def test_what_a_tester_pressed_at_a_tablet_is_there_once_unaltered_and_uncounted(known: tuple[World, Tablet, Path]) -> None:
    world, _, file = known
    assert f"{CANARIES} receipts declared" in call("declare", file).output
    assert seal(world).quarantined == {"canary": CANARIES}
    told = call("check", file)
    assert told.exit_code == 0, told.output
    assert f"{CANARIES} of {CANARIES}" in told.output
    assert counted(world.store) == CITIZENS


def test_sent_again_after_a_lost_reply_they_are_still_there_once(world: World, known: tuple[World, Tablet, Path]) -> None:
    _, tablet, file = known
    call("declare", file)
    content, envelope = pressed(tablet, random.Random(3))
    sent(world, tablet, envelope)
    for _ in range(3):
        assert world.send(tablet, envelope) == ["duplicate"]
    file.write_text(f"{file.read_text('utf-8')}{line_of(content, envelope)}\n", encoding="utf-8")
    call("declare", file)
    assert seal(world).quarantined == {"canary": CANARIES + 1}
    assert call("check", file).exit_code == 0


def test_one_that_was_dropped_or_altered_behind_the_door_is_named(known: tuple[World, Tablet, Path]) -> None:
    world, _, file = known
    call("declare", file)
    with world.store.write() as session:  # the negative control: a dishonest server loses what it has acknowledged
        lost = session.execute(text("SELECT receipt_h FROM canary ORDER BY receipt_h")).scalars().first()
        session.execute(text("DELETE FROM inbox WHERE receipt_h = :it"), {"it": lost})
    seal(world)
    one = "SELECT id FROM open_response WHERE quarantine = 'canary' ORDER BY id LIMIT 1"
    with world.store.write() as session:
        bent = f"UPDATE open_response SET answers = replace(answers, :level, :other) WHERE id = ({one})"
        session.execute(text(bent), {"level": '"HL":', "other": '"HL":1'})
    told = call("check", file)
    assert told.exit_code == 1
    assert f"{CANARIES - 2} of {CANARIES}" in told.output


def test_one_that_never_left_the_tablet_shows_as_a_gap_in_its_chain(known: tuple[World, Tablet, Path]) -> None:
    world, tablet, _ = known
    pressed(tablet, random.Random(4))  # taken out of the queue with its storage
    sent(world, tablet, pressed(tablet, random.Random(5))[1])
    number = CANARIES + CITIZENS + 1
    assert [(first, last) for first, last, _ in gaps_of(world.ledger(tablet))] == [(number, number)]


def test_nothing_tells_a_test_answer_from_another_before_the_seal(known: tuple[World, Tablet, Path]) -> None:
    world, tablet, _ = known
    for row in make.rows(world.store, "SELECT * FROM inbox"):
        said = json.dumps([str(value) for value in row])
        assert "canary" not in said
        assert tablet.code not in said  # nor by which tablet it came
