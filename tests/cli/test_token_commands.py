"""Cards, slips, samples and clients by commands alone; every file with codes is one that only its owner reads."""

from __future__ import annotations

import csv
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from sipas.cli import sipas
from sipas.cli.clients import BadClientError
from sipas.evidence import tokens
from sipas.evidence.clients import is_secret
from sipas.evidence.keys import Keyring
from sipas.imports.complaints import BadFileError
from sipas.imports.directory import UnknownNameError
from sipas.minting import BadBatchError
from sipas.minting.sampling import BadRateError
from sipas.store import migrate
from sipas.store.clients import find_client
from sipas.store.engine import Store
from sipas.store.tokens import TokenBatch, UnknownBatchError
from sipas.store.units import Counter, Unit, add_unit
from sipas.terms import SipasError

Run = Callable[..., Result]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    store = Store(f"sqlite:///{tmp_path / 'house.sqlite'}")
    migrate.upgrade(store)
    Keyring.create(tmp_path / "keys")
    for name, value in {
        "SIPAS_DATABASE": str(store.url), "SIPAS_KEYS": str(tmp_path / "keys"), "SIPAS_DEMO": "1", "SIPAS_CONTACT_PHONE": "0236 1022",
        "SIPAS_PUBLIC_URL": "https://danhgia.example.vn",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    with store.write() as session:
        own = {"tier": "commune", "kind": "Phường"}
        unit = add_unit(session, Unit(code="1", name="Tam Kỳ", full_name="Trường Tiểu học Tam Kỳ", **own))
        add_unit(session, Unit(code="2", name="Hội An", full_name="Phường Hội An", **own))
        session.add(Counter(id=5, unit_id=unit.id, name="Quầy 1", sectors="land"))
    return store


@pytest.fixture
def run(house: Store) -> Run:
    def call(*words: str) -> Result:
        result = CliRunner().invoke(sipas, list(words))
        if isinstance(result.exception, SipasError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result

    return call


def batches(house: Store) -> list[TokenBatch]:
    with house.read() as session:
        return list(session.scalars(select(TokenBatch)))


def private(path: Path) -> bool:
    return stat.S_IMODE(path.stat().st_mode) == 0o600


def test_cards_become_a_pdf_and_a_batch_of_their_number(run: Run, house: Store) -> None:
    said = run("tokens", "mint", "--unit", "1", "--sector", "land", "--counter", "5", "--count", "12", "--out", "cards.pdf").output
    (batch,) = batches(house)
    assert f"12 cards of Trường Tiểu học Tam Kỳ, batch {batch.batch}" in said
    assert (batch.kind, batch.channel, batch.quota, batch.minted, batch.counter_id, batch.ten_digits) == ("card", "V", 12, 12, 5, True)
    assert Path("cards.pdf").read_bytes().startswith(b"%PDF")
    assert private(Path("cards.pdf"))
    assert f"{batch.batch}  card" in run("tokens", "list").output
    assert "12 codes still open the form" in run("tokens", "revoke", batch.batch.lower()).output
    assert "revoked" in run("tokens", "list", "--wave", "demo-2026").output


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        (("--unit", "9", "--out", "x.pdf"), UnknownNameError, "'9' is no unit"),
        (("--unit", "1", "--out", "x.pdf", "--sector", "cooking"), SipasError, "there is no sector 'cooking'"),
        (("--unit", "2", "--out", "x.pdf", "--counter", "5"), BadBatchError, "5 is no counter of Phường Hội An"),
        (("--unit", "1", "--out", "x.pdf", "--wave", "w"), BadBatchError, "there is no wave 'w'"),
        (("--unit", "1", "--out", "old.pdf"), BadBatchError, "is there already"),
    ],
)
def test_cards_that_cannot_be_are_refused_before_anything_is_minted(
    run: Run, house: Store, words: tuple[str, ...], error: type[Exception], said: str
) -> None:
    Path("old.pdf").write_bytes(b"")
    with pytest.raises(error, match=said):
        run("tokens", "mint", "--count", "3", *words)
    assert batches(house) == []


def test_codes_that_reach_no_paper_are_revoked(run: Run, house: Store) -> None:
    with pytest.raises(BadBatchError, match="cannot be written"):
        run("tokens", "mint", "--unit", "1", "--count", "3", "--out", "nowhere/x.pdf")
    assert [batch.revoked for batch in batches(house)] == [True]


def test_slips_of_classes_have_a_batch_and_a_file_each(run: Run, house: Store) -> None:
    Path("classes.csv").write_text("Lớp;Sĩ số\nLớp 5A;31\nLớp 5B;30\n", encoding="utf-8")
    words = ("tokens", "slips", "classes.csv", "--unit", "1", "--sector", "education", "--group", "class", "--out", "slips")
    assert "Lớp 5A: 31 slips, population 31 pupils enrolled" in run(*words).output
    assert {(batch.label, batch.quota, batch.minted, batch.channel) for batch in batches(house)} == {
        ("Lớp 5A", 31, 31, "V"),
        ("Lớp 5B", 30, 30, "V"),
    }
    assert all(private(path) for path in Path("slips").iterdir())
    assert len(list(Path("slips").iterdir())) == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("label,count\nLớp 5A,29\n", "line 2, column count: '29' is under 30; few people could be recognised"),
        ("label,count\nLớp 5A,x\n", "is no whole number"),
        ("label,count\nLớp 5A,-31\n", "is no whole number"),
        ("label,count\n,31\n", "column label is no name"),
        ("label,count\nA,31\na,40\n", "stands already on line 2"),
        ("label,count\nA,5001\n", "is above 5,000"),
        ("label\nA\n", "column count is missing"),
    ],
)
def test_a_class_under_thirty_or_without_a_name_gets_no_slips(run: Run, house: Store, content: str, said: str) -> None:
    Path("x.csv").write_text(content, encoding="utf-8")
    with pytest.raises(BadFileError, match=said):
        run("tokens", "slips", "x.csv", "--unit", "1", "--sector", "education", "--group", "class", "--out", "slips")
    assert batches(house) == []


def test_a_sample_goes_into_one_file_that_says_what_it_is(run: Run, house: Store, tmp_path: Path) -> None:
    rows = "".join(f"H17.18-261105-{number:04d},1,Đất đai\n" for number in range(60)) + "=1+1,2,land\n"
    Path("list.csv").write_text("dossier,unit,sector\n" + rows, encoding="utf-8")
    said = run("tokens", "sample", "list.csv", "--rate", "1", "--out", "send.csv").output
    assert "61 dossiers listed, 0 of them had their chance before, 61 drawn" in said
    assert "Delete it" in said
    drawn = list(csv.DictReader(Path("send.csv").read_text("utf-8-sig").splitlines()))
    keyring = Keyring.open(tmp_path / "keys")
    assert {row["address"].rpartition("/")[2] for row in drawn} == {tokens.read_token(keyring, row["code"]).text for row in drawn}
    assert all("xóa ngay" in row["warning"] and 8 <= int(row["send_at"][11:13]) < 20 for row in drawn)
    assert "'=1+1" in {row["dossier"] for row in drawn}, "a spreadsheet must not calculate"
    assert private(Path("send.csv"))
    assert "61 of them had their chance before, 0 drawn" in run("tokens", "sample", "list.csv", "--rate", "1", "--out", "again.csv").output
    assert {(batch.kind, batch.probability) for batch in batches(house)} == {("sample", 1.0)}


def test_a_sample_that_cannot_be_written_is_not_minted(run: Run, house: Store) -> None:
    Path("list.csv").write_text("dossier,unit,sector\nA,1,land\n", encoding="utf-8")
    with pytest.raises(BadBatchError, match="cannot be written"):
        run("tokens", "sample", "list.csv", "--rate", "1", "--out", "nowhere/x.csv")
    with pytest.raises(BadRateError):
        run("tokens", "sample", "list.csv", "--rate", "2", "--out", "x.csv")
    Path("list.csv").write_text("dossier,unit,sector\nA,1,land\na,1,land\n,9,cooking\n", encoding="utf-8")
    with pytest.raises(BadFileError, match=r"4 faults(.|\n)*stands already on line 2"):
        run("tokens", "sample", "list.csv", "--rate", "1", "--out", "x.csv")
    assert batches(house) == []


def test_the_daily_counts_set_quotas_and_tell_what_is_strange(run: Run) -> None:
    Path("cards.csv").write_text("unit,sector,finished,received\n1,land,2,4\n2,Đất đai,7,\n", encoding="utf-8")
    run("tokens", "mint", "--unit", "1", "--sector", "land", "--count", "5", "--out", "cards.pdf")
    said = run("tokens", "reconcile", "cards.csv").output
    assert "! demo-2026  Trường Tiểu học Tam Kỳ · land: 4 dossiers, 5 card" in said
    assert "  demo-2026  Phường Hội An · land: 7 dossiers, no code" in said
    assert "0 codes were given beyond a quota" in said
    Path("cards.csv").write_text("unit,sector,finished\n1,land,2\n1,land,3\n3,land,-1\n", encoding="utf-8")
    with pytest.raises(BadFileError, match=r"(?s)stands already on line 2.*'3' is no unit|3 faults"):
        run("tokens", "reconcile", "cards.csv")


def test_a_batch_that_is_not_there_cannot_be_revoked(run: Run) -> None:
    with pytest.raises(UnknownBatchError, match="sipas tokens list"):
        run("tokens", "revoke", "ZZZZ")


def test_a_clients_secret_is_shown_once_and_only_its_hash_is_kept(run: Run, house: Store, tmp_path: Path) -> None:
    secret = re.findall(r"Secret: (\S+)", run("clients", "add", "mot-cua", "--unit", "1").output)[0]
    with house.read() as session:
        client = find_client(session, "mot-cua")
        assert client is not None
        assert is_secret(Keyring.open(tmp_path / "keys"), "mot-cua", secret, client.secret_h)
    assert secret not in run("clients", "list").output
    assert all(secret.encode() not in path.read_bytes() for path in tmp_path.glob("house.sqlite*"))
    with pytest.raises(BadClientError, match="never used twice"):
        run("clients", "add", "mot-cua", "--unit", "1")
    assert "is revoked" in run("clients", "revoke", "mot-cua").output
    assert "revoked" in run("clients", "list").output
    with pytest.raises(BadClientError, match="see: sipas clients list"):
        run("clients", "revoke", "nobody")


@pytest.mark.parametrize("name", ["", "A", "Một cửa", "x" * 61, "a.b", "-a"])
def test_a_clients_name_is_plain(run: Run, name: str) -> None:
    with pytest.raises(BadClientError, match="is no client's name"):
        run("clients", "add", "--unit", "1", "--", name)
