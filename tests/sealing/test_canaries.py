"""Test answers through every channel: each is there once, unaltered, and counted nowhere; one that was dropped or altered is named."""

from __future__ import annotations

import json
import random
from pathlib import Path

import make_answers as make
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from sipas import sealing
from sipas.cli.canaries import BadCanaryFileError, canaries, read_known
from sipas.evidence.keys import Keyring
from sipas.store.engine import Store
from sipas.terms import Channel

HEAD = "receipt,sector,channel,answers\n"


@pytest.fixture
def sent(sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Store, Keyring, Path]:
    """A hundred test answers through four channels among two hundred of citizens, and the list of the former."""
    make.unit(sqlite_store)
    keyring, rng, lines = Keyring.create(tmp_path / "keys"), random.Random(7), []
    make.many(sqlite_store, keyring, 200)
    for number in range(100):
        channel = list(Channel)[number % 4]
        answers = {"HL": rng.randint(1, 5), "TC1": rng.randint(1, 5), "TT1": None, "CC1": number + 100}
        receipt = make.accepted(sqlite_store, keyring, sheet=make.sheet(answers=answers), origin=make.origin(channel=channel))
        told = " ".join(f"{name}={level}" for name, level in answers.items() if level)
        lines.append(f"{receipt.code[:5]}-{receipt.code[5:]},land,{channel.value},{told}\n")
    monkeypatch.setenv("SIPAS_DATABASE", f"sqlite:///{sqlite_store.path}")
    monkeypatch.setenv("SIPAS_KEYS", str(tmp_path / "keys"))
    (tmp_path / "known.csv").write_text(HEAD + "".join(lines))
    return sqlite_store, keyring, tmp_path / "known.csv"


def call(*words: object) -> Result:
    return CliRunner().invoke(canaries, [str(word) for word in words])


def test_a_hundred_test_answers_are_there_once_unaltered_and_uncounted(sent: tuple[Store, Keyring, Path]) -> None:
    store, keyring, file = sent
    assert "100 receipts declared" in call("declare", file).output
    assert "0 receipts declared, 100 were already" in call("declare", file).output
    waiting = call("check", file)
    assert waiting.exit_code == 1
    assert "no seal has met it" in waiting.output
    report = sealing.seal(store, keyring, now=make.NOON, rng=random.Random(1))
    assert report.quarantined == {"canary": 100}
    told = call("check", file)
    assert told.exit_code == 0, told.output
    assert "100 of 100" in told.output
    assert make.rows(store, "SELECT count(*) FROM open_response WHERE quarantine = ''")[0][0] == 200
    assert make.rows(store, "SELECT count(*) FROM canary")[0][0] == 0


def test_a_dropped_and_an_altered_one_are_named(sent: tuple[Store, Keyring, Path]) -> None:
    store, keyring, file = sent
    call("declare", file)
    with store.write() as session:  # a dishonest proxy loses one before it arrives
        session.execute(text("DELETE FROM inbox WHERE answers LIKE :it"), {"it": '%"CC1":105%'})
    sealing.seal(store, keyring, now=make.NOON, rng=random.Random(1))
    with store.write() as session:
        session.execute(text("UPDATE open_response SET answers = replace(answers, :it, :other)"), {"it": '"CC1":117', "other": '"CC1":118'})
    told = call("check", file)
    assert told.exit_code == 1
    assert [line.split(":")[1] for line in told.output.splitlines() if "known.csv" in line and "test answers" not in line] == ["7", "19"]
    assert "98 of 100" in told.output


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("receipt,answers\n", "must name receipt, sector, channel, answers"),
        (HEAD + "short,land,V,HL=4\n", "known.csv:2: 'short' is no receipt"),
        (HEAD + "AAAAA-AAAAA,land,V,HL\n", "known.csv:2: write the answers as HL=4 TC1=5"),
        (HEAD + "AAAAA-AAAAA,land,V,HL=4\nAAAAAAAAAA,land,S,HL=4\n", "the receipt AAAAAAAAAA stands there twice"),
    ],
)
def test_a_list_that_cannot_be_read_says_where(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "known.csv").write_text(content)
    with pytest.raises(BadCanaryFileError, match=words):
        read_known(tmp_path / "known.csv")


def test_nothing_tells_a_test_answer_from_another_before_the_seal(sent: tuple[Store, Keyring, Path]) -> None:
    store, _, _ = sent
    for row in make.rows(store, "SELECT * FROM inbox"):
        assert "canary" not in json.dumps([str(value) for value in row])
