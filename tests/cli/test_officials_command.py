"""`sipas officials`: every verb on a database of its own, and what it says to bad input."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from sipas.cli import sipas
from sipas.evidence.keys import Keyring, MissingKeysError
from sipas.store.audit import list_audits
from sipas.store.engine import BadDatabaseError, Store
from sipas.store.officials import OfficialAccount, UnknownAccountError
from sipas.store.units import Unit, UnknownUnitError, add_unit
from sipas.terms import Role, SipasError
from sipas.web.officials.accounts import BadAccountError
from sipas.web.officials.signin.secrets import PASSWORDS

PASSWORD = re.compile(r"One-time password: ((?:[a-z2-9]{4}-){3}[a-z2-9]{4}) ")
ADD = ("officials", "add", "canbo@demo.local", "--name", "Nguyễn Văn A", "--role", "official", "--unit", "48")


class Command:
    """The program in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *words: str) -> str:
        result = self.try_(*words)
        if isinstance(result.exception, SipasError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output

    def try_(self, *words: str) -> Result:
        return CliRunner().invoke(sipas, list(words))

    def store(self) -> Store:
        return Store(f"sqlite:///{self.folder / 'house.sqlite'}")

    def row(self, account: str) -> OfficialAccount:
        with self.store().read() as session:
            return session.scalars(select(OfficialAccount).where(OfficialAccount.account == account)).one()

    def audits(self) -> list[tuple[str, str]]:
        with self.store().read() as session:
            return [(row.official, row.action) for row in list_audits(session)]


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Nothing but settings."""
    monkeypatch.setenv("SIPAS_DATABASE", f"sqlite:///{tmp_path / 'house.sqlite'}")
    monkeypatch.setenv("SIPAS_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("SIPAS_DEMO", "0")
    return Command(tmp_path)


@pytest.fixture
def run(bare: Command) -> Command:
    """Tables, keys and a province."""
    bare("migrate")
    bare("keys", "init")
    with bare.store().write() as session:
        add_unit(session, Unit(code="48", tier="province", kind="Thành phố", name="Đà Nẵng", full_name="Thành phố Đà Nẵng"))
    return bare


def password_in(told: str) -> str:
    found = PASSWORD.search(told)
    assert found, told
    return found[1]


def test_add_prints_a_password_that_fits_the_account_and_must_be_changed(run: Command) -> None:
    told = run(*ADD)
    assert "canbo@demo.local: official in Thành phố Đà Nẵng" in told
    row = run.row("canbo@demo.local")
    assert PASSWORDS.verify(password_in(told), row.password)
    assert (row.name, row.role, row.active, row.must_change, row.totp_secret) == ("Nguyễn Văn A", "official", True, True, "")
    assert run.audits() == [("command line", "official_added")]


def test_the_password_is_kept_nowhere(run: Command) -> None:
    printed = password_in(run(*ADD)).encode()
    for file in run.folder.rglob("*"):
        assert not file.is_file() or printed not in file.read_bytes(), file


@pytest.mark.parametrize("role", list(Role))
def test_only_analysts_and_administrators_are_given_a_second_factor(run: Command, role: Role) -> None:
    told = run("officials", "add", "a", "--name", "A", "--role", role.value, "--unit", "48")
    second = role in {Role.ANALYST, Role.ADMINISTRATOR}
    assert ("otpauth://totp/SIPAS:a?secret=" in told, bool(run.row("a").totp_secret)) == (second, second)
    if second:
        (secret,) = re.findall(r"authenticator app: (\S+)", told)
        assert secret not in run.row("a").totp_secret


def test_account_names_are_trimmed_and_lower_case(run: Command) -> None:
    run("officials", "add", "  CanBo@Demo.Local ", "--name", "A", "--role", "head", "--unit", "48")
    assert run.row("canbo@demo.local").role == "head"


def test_list_names_everyone_with_role_branch_and_state(run: Command) -> None:
    assert run("officials", "list") == "0 accounts\n"
    run(*ADD)
    run("officials", "add", "b", "--name", "B", "--role", "analyst", "--unit", "48")
    run("officials", "disable", "b")
    lines = run("officials", "list").splitlines()
    assert [line.split() for line in lines[:2]] == [
        ["b", "analyst", "Thành", "phố", "Đà", "Nẵng", "disabled"],
        ["canbo@demo.local", "official", "Thành", "phố", "Đà", "Nẵng"],
    ]
    assert lines[2] == "2 accounts"


def test_disable_shuts_the_account_and_says_how_to_open_it(run: Command) -> None:
    run(*ADD)
    before = run.row("canbo@demo.local").uniquifier
    told = run("officials", "disable", "CANBO@demo.local")
    assert "sipas officials reset" in told
    row = run.row("canbo@demo.local")
    assert (row.active, row.uniquifier == before) == (False, False)
    assert run.audits()[-1] == ("command line", "official_disabled")


def test_reset_prints_a_new_password_and_lets_in_again(run: Command) -> None:
    first = password_in(run(*ADD))
    run("officials", "disable", "canbo@demo.local")
    second = password_in(run("officials", "reset", "canbo@demo.local"))
    row = run.row("canbo@demo.local")
    assert first != second
    assert (PASSWORDS.verify(second, row.password), PASSWORDS.verify(first, row.password)) == (True, False)
    assert (row.active, row.must_change) == (True, True)
    assert run.audits()[-1] == ("command line", "official_reset")


def test_reset_gives_an_analyst_a_new_secret(run: Command) -> None:
    told = [run("officials", "add", "a", "--name", "A", "--role", "analyst", "--unit", "48"), run("officials", "reset", "a")]
    secrets = [re.findall(r"authenticator app: (\S+)", one)[0] for one in told]
    assert secrets[0] != secrets[1]


def test_an_account_is_made_once(run: Command) -> None:
    run(*ADD)
    with pytest.raises(BadAccountError, match=r"exists already; `sipas officials reset canbo@demo\.local`"):
        run(*ADD)
    assert run("officials", "list").endswith("1 accounts\n")


@pytest.mark.parametrize("account", ["", "   ", "can bo", "can\tbo"])
def test_an_account_name_without_letters_or_with_blanks_is_refused(run: Command, account: str) -> None:
    with pytest.raises(BadAccountError, match="write a name without blanks"):
        run("officials", "add", account, "--name", "A", "--role", "official", "--unit", "48")


@pytest.mark.parametrize(("unit", "tier"), [("49", "province"), ("48", "commune"), ("", "province")])
def test_an_unknown_unit_is_named_with_the_cure(run: Command, unit: str, tier: str) -> None:
    with pytest.raises(UnknownUnitError, match="`sipas units list` names them"):
        run("officials", "add", "a", "--name", "A", "--role", "official", "--unit", unit, "--tier", tier)
    assert run.audits() == []


@pytest.mark.parametrize("verb", ["disable", "reset"])
def test_an_unknown_account_is_named_with_the_cure(run: Command, verb: str) -> None:
    with pytest.raises(UnknownAccountError, match="there is no account 'nobody'; `sipas officials list`"):
        run("officials", verb, "nobody")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add",), "Missing argument 'ACCOUNT'"),
        (("add", "a", "--role", "official", "--unit", "48"), "Missing option '--name'"),
        (("add", "a", "--name", "A", "--unit", "48"), "Missing option '--role'"),
        (("add", "a", "--name", "A", "--role", "official"), "Missing option '--unit'"),
        (("add", "a", "--name", "A", "--role", "king", "--unit", "48"), "'king' is not one of"),
        (("disable",), "Missing argument 'ACCOUNT'"),
        (("reset",), "Missing argument 'ACCOUNT'"),
        (("promote", "a"), "No such command 'promote'"),
    ],
)
def test_what_is_missing_or_unknown_is_said(run: Command, words: tuple[str, ...], said: str) -> None:
    result = run.try_("officials", *words)
    assert result.exit_code == 2
    assert said in result.output


def test_without_tables_or_keys_the_cure_is_named(bare: Command) -> None:
    with pytest.raises(BadDatabaseError, match="run: sipas migrate"):
        bare("officials", "list")
    bare("migrate")
    with bare.store().write() as session:
        add_unit(session, Unit(code="48", tier="province", kind="Thành phố", name="Đà Nẵng", full_name="Thành phố Đà Nẵng"))
    with pytest.raises(MissingKeysError, match="sipas keys init"):
        bare(*ADD)
    assert bare("officials", "list") == "0 accounts\n"


def test_keys_of_another_installation_do_not_open_the_second_factor(run: Command, tmp_path: Path) -> None:
    run("officials", "add", "a", "--name", "A", "--role", "analyst", "--unit", "48")
    other = Keyring.create(tmp_path / "other")
    assert other.derive("officials/totp") != Keyring.open(tmp_path / "keys").derive("officials/totp")
