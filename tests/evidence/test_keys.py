"""Keys: made once, agreed on by several nodes, and destroyed when promised."""

from __future__ import annotations

import hmac
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest

from sipas.evidence.keys import BadKeysError, DestroyedKeyError, Keyring, KeysExistError, MissingKeysError

DAY = date(2026, 11, 18)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def test_missing_keys_are_named_with_their_cure(folder: Path) -> None:
    with pytest.raises(MissingKeysError, match="sipas keys init"):
        Keyring.open(folder)


def test_init_makes_a_folder_for_this_account_alone_and_never_overwrites(folder: Path) -> None:
    first = Keyring.create(folder).derive("row/1")
    assert oct(folder.stat().st_mode & 0o777) == "0o700"
    assert oct((folder / "root.key").stat().st_mode & 0o777) == "0o400"
    with pytest.raises(KeysExistError, match="here already"):
        Keyring.create(folder)
    assert Keyring.open(folder).derive("row/1") == first


@pytest.mark.parametrize(("name", "mode"), [("", 0o750), ("root.key", 0o444)])
def test_keys_that_others_can_read_are_refused(folder: Path, name: str, mode: int) -> None:
    Keyring.create(folder)
    (folder / name).chmod(mode)
    with pytest.raises(BadKeysError, match="chmod"):
        Keyring.open(folder)


def test_a_damaged_key_is_refused(folder: Path) -> None:
    Keyring.create(folder)
    (folder / "root.key").chmod(0o600)
    (folder / "root.key").write_bytes(b"short")
    with pytest.raises(BadKeysError, match="5 bytes"):
        Keyring.open(folder)


def test_permanent_keys_derive_by_their_label_alone(folder: Path) -> None:
    """RFC 5869 by hand, so that a lost program can be written again."""
    keyring = Keyring.create(folder)
    pseudo = hmac.digest(bytes(32), (folder / "root.key").read_bytes(), "sha256")
    assert keyring.derive("receipt") == hmac.digest(pseudo, b"sipas/receipt\x01", "sha256")
    assert len({keyring.derive(label) for label in ("receipt", "ticket/1", "row/1", "web/session")}) == 4


def test_fifty_threads_on_two_nodes_agree_on_the_keys_of_a_day_and_a_month(folder: Path) -> None:
    Keyring.create(folder)
    nodes, gate = [Keyring.open(folder) for _ in range(2)], threading.Barrier(50, timeout=30)

    def ask(number: int) -> tuple[bytes, bytes]:
        gate.wait()
        return nodes[number % 2].cluster_key(DAY), nodes[number % 2].dup_keys("2026-11")[0]

    with ThreadPoolExecutor(50) as pool:
        assert len(set(pool.map(ask, range(50)))) == 1
    assert Keyring.open(folder).cluster_key(DAY) == nodes[0].cluster_key(DAY)


def test_the_cluster_keys_of_ended_days_are_destroyed_and_never_made_again(folder: Path) -> None:
    keyring, other = Keyring.create(folder), Keyring.open(folder)
    today = keyring.cluster_key(DAY)
    keyring.cluster_key(DAY - timedelta(days=1))
    other.cluster_key(DAY - timedelta(days=1))
    assert keyring.destroy_cluster_keys(DAY) == 1
    assert keyring.cluster_key(DAY) == today
    for node in (keyring, other, Keyring.open(folder)):
        with pytest.raises(DestroyedKeyError):
            node.cluster_key(DAY - timedelta(days=1))


def test_a_destroyed_key_is_overwritten_before_its_name_goes(folder: Path) -> None:
    keyring = Keyring.create(folder)
    key = keyring.cluster_key(DAY)
    (path,) = folder.glob("cluster-*.key")
    with path.open("rb") as held:
        keyring.destroy_cluster_keys(DAY + timedelta(days=1))
        assert key not in held.read()
    assert not path.exists()


def test_keys_for_repeats_live_until_35_days_after_their_month(folder: Path) -> None:
    keyring = Keyring.create(folder)
    november, december = keyring.dup_keys("2026-11")[0], keyring.dup_keys("2026-12")[0]
    assert keyring.dup_keys("2026-12") == (december, november)
    assert keyring.destroy_dup_keys(date(2027, 1, 4)) == 0
    assert keyring.destroy_dup_keys(date(2027, 1, 5)) == 1
    assert keyring.dup_keys("2026-12") == (december,)


def test_no_file_name_tells_a_day(folder: Path) -> None:
    keyring = Keyring.create(folder)
    for number in range(3):
        keyring.cluster_key(DAY + timedelta(days=number))
    keyring.destroy_cluster_keys(DAY + timedelta(days=2))
    names = " ".join(path.name for path in folder.iterdir())
    assert not [number for number in range(3) if f"{DAY + timedelta(days=number):%Y%m%d}" in names.replace("-", "")]


def test_nothing_is_read_again_while_nothing_changes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = Keyring.create(folder)
    keyring.cluster_key(DAY)
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail(f"{path} was read"))
    for _ in range(3):
        keyring.cluster_key(DAY)


def test_a_folder_that_is_gone_is_noticed_at_the_next_answer(folder: Path) -> None:
    keyring = Keyring.create(folder)
    keyring.dup_keys("2026-11")
    (folder / "root.key").rename(folder / "elsewhere")
    with pytest.raises(MissingKeysError, match="root key is gone"):
        keyring.dup_keys("2026-11")
    folder.rename(folder.with_name("moved"))
    with pytest.raises(MissingKeysError, match="folder is gone"):
        keyring.cluster_key(DAY)
