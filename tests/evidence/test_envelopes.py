"""Envelopes: sealed to the server, signed by the kiosk, acknowledged by the server; each can fail."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from uuid import uuid4

import kiosk_client as client
import pytest

from sipas.evidence import curves, envelopes
from sipas.evidence.envelopes import BadEnvelopeError
from sipas.evidence.keys import Keyring
from sipas.evidence.runs import Gap, Run

DAY = date(2026, 11, 18)


@pytest.fixture(scope="module")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    return Keyring.create(tmp_path_factory.mktemp("sealing") / "keys")


@pytest.fixture
def tablet(keyring: Keyring) -> client.Tablet:
    return client.Tablet("ABCD1234", envelopes.sealing_point(keyring, 2026), envelopes.acknowledging_point(keyring))


def test_the_content_key_is_that_of_rfc_7518_appendix_c() -> None:
    shared = bytes.fromhex("9e56d91d817135d372834283bf84269cfb316ea3da806a48f6daa7798cfe90c4")
    key = envelopes.concat_kdf(shared, algorithm=b"A128GCM", parties=(b"Alice", b"Bob"), bits=128)
    assert curves.to_text(key) == "VqqN6vgjbSBcIijNcacQGg"


def test_what_a_tablet_seals_only_the_server_opens(keyring: Keyring, tablet: client.Tablet, tmp_path: Path) -> None:
    sealed = tablet.seal({"answers": {"HL": "5"}, "comment": "cảm ơn"})
    assert envelopes.open_sealed(keyring, sealed) == {"answers": {"HL": "5"}, "comment": "cảm ơn"}
    with pytest.raises(BadEnvelopeError, match="do not open"):
        envelopes.open_sealed(Keyring.create(tmp_path / "others"), sealed)


def test_no_bit_of_a_sealed_answer_can_be_changed(keyring: Keyring, tablet: client.Tablet) -> None:
    sealed = tablet.seal({"answers": {"HL": "5"}})
    for place in range(0, len(sealed), 7):
        changed = sealed[:place] + ("A" if sealed[place] != "A" else "B") + sealed[place + 1 :]
        with pytest.raises(BadEnvelopeError):
            envelopes.open_sealed(keyring, changed)


@pytest.mark.parametrize("sealed", ["", ".", "....", "a.b.c.d.e", "e30....", "bnVsbA....", "W10.", "x" * 999, "é...."])
def test_what_is_no_seal_is_refused_with_a_sentence(keyring: Keyring, sealed: str) -> None:
    with pytest.raises(BadEnvelopeError, match="do not open"):
        envelopes.open_sealed(keyring, sealed)


def test_the_length_of_a_sealed_answer_tells_nothing_of_it(tablet: client.Tablet) -> None:
    lengths = {len(tablet.seal({"stage": stage, "answers": {"HL": level}})) for stage in ("late", "inquiry", "") for level in ("5", None)}
    assert len(lengths) == 1


def test_an_envelope_is_known_by_its_signature(keyring: Keyring, tablet: client.Tablet) -> None:
    envelope = envelopes.read_envelope(tablet.envelope({"answers": {}}))
    assert envelopes.is_from(envelope, tablet.point)
    assert not envelopes.is_from(envelope, envelopes.acknowledging_point(keyring))
    assert not envelopes.is_from(envelope, b"\x04" + b"\0" * 64)
    for name, other in {"seq": 99, "day": "2026-11-17", "iid": str(uuid4()), "dur": ">300", "form": "x@" + "0" * 64}.items():
        assert not envelopes.is_from(envelopes.read_envelope({**envelope.signed, name: other, "sig": envelope.sig}), tablet.point), name


@pytest.mark.parametrize(
    "changed",
    [
        {"v": 2}, {"v": True}, {"v": "1"}, {"k": "abcd1234"}, {"k": "ABCDILOU"}, {"seq": 0}, {"seq": -1}, {"seq": 2**31}, {"seq": 1.0},
        {"seq": True}, {"prev": ""}, {"iid": "0" * 32}, {"iid": "00000000-0000-1000-8000-000000000000"}, {"form": "a@b"}, {"form": None},
        {"day": "18/11/2026"}, {"day": "20261118"}, {"day": "2026-02-30"}, {"clk": "perhaps"}, {"dur": "5"}, {"ct": ""}, {"ct": "é"},
        {"ct": "a" * 24_001}, {"sig": "a"}, {"sig": 5}, {"more": 1}, {"k": "ABCD1234\n"},
    ],
    ids=str,
)  # fmt: skip
def test_a_malformed_envelope_is_refused_by_the_name_of_its_field(tablet: client.Tablet, changed: dict[str, object]) -> None:
    good = tablet.envelope({"answers": {}})
    [name] = changed
    with pytest.raises(BadEnvelopeError, match=name if name in good else "exactly these fields"):
        envelopes.read_envelope(good | changed)


@pytest.mark.parametrize("raw", [None, [], "", 5, {}])
def test_what_is_no_envelope_at_all_is_refused(raw: object) -> None:
    with pytest.raises(BadEnvelopeError, match="exactly these fields"):
        envelopes.read_envelope(raw)


def test_a_chain_is_broken_by_any_change_of_a_link(tablet: client.Tablet) -> None:
    first, second = (envelopes.read_envelope(tablet.envelope({"answers": {}})) for _ in range(2))
    assert first.prev == envelopes.FIRST_PREVIOUS
    assert second.prev == first.hash
    assert envelopes.read_envelope({**first.signed, "dur": ">300", "sig": first.sig}).hash != second.prev


def test_an_acknowledgement_holds_for_its_iid_status_and_receipt_alone(keyring: Keyring, tablet: client.Tablet, tmp_path: Path) -> None:
    said = envelopes.acknowledge(keyring, str(uuid4()), "stored", "ABCDE12345")
    assert tablet.believes(said)
    for name, other in {"iid": str(uuid4()), "status": "duplicate", "receipt": "ABCDE12346", "sig": "A" * 86}.items():
        assert not tablet.believes(said | {name: other}), name
    assert not tablet.believes(envelopes.acknowledge(Keyring.create(tmp_path / "others"), said["iid"], "stored", "ABCDE12345"))


def test_keys_of_a_curve_are_the_same_for_the_same_root_and_differ_by_year(keyring: Keyring) -> None:
    assert envelopes.sealing_point(keyring, 2026) == envelopes.sealing_point(Keyring.open(keyring.folder), 2026)
    assert len({envelopes.sealing_point(keyring, year) for year in range(2026, 2036)}) == 10


@pytest.mark.parametrize("point", [b"", b"\x02" + b"\1" * 32, b"\x04" + b"\1" * 64, b"\x04" + b"\xff" * 64, b"\0" * 65])
def test_a_point_off_the_curve_is_no_key(point: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        curves.read_point(point)


@pytest.mark.parametrize("text", ["=", "a", "ab=", "a b", "AB", "é", "A+/A"])
def test_bytes_have_one_spelling(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        curves.from_text(text)


def test_gaps_are_listed_exactly_in_whatever_order_numbers_come() -> None:
    numbers = [n for n in range(1, 101) if n not in {17, 40, 41, 42, 43}]
    for order in (numbers, numbers[::-1], numbers[::2] + numbers[1::2] + numbers):
        run = Run()
        for number in order:
            run = run.with_number(number, DAY)
        assert [str(gap) for gap in run.gaps] == ["17", "40-43"]
        assert [n for n in range(1, 101) if not run.has(n)] == [17, 40, 41, 42, 43]


def test_a_gap_that_is_cut_keeps_its_day() -> None:
    run = Run().with_number(10, DAY).with_number(5, date(2026, 11, 30))
    assert run.gaps == (Gap(1, 4, DAY), Gap(6, 9, DAY))
    assert json.loads(json.dumps([gap.size for gap in run.gaps])) == [4, 4]
