"""The pages of signing in: password, one-time code, new password, confirmation, out."""

from __future__ import annotations

import secrets as chance
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import login_user
from flask_security.proxies import _security
from flask_wtf import FlaskForm  # type: ignore[import-untyped]
from wtforms import HiddenField, PasswordField, StringField

from sipas.access import SECOND_FACTOR, Action
from sipas.store import officials
from sipas.store.audit import add_audit
from sipas.store.units import get_unit
from sipas.terms import now
from sipas.web import guard
from sipas.web.house import current_house
from sipas.web.language import gettext
from sipas.web.officials.signin.account import Account, Accounts
from sipas.web.officials.signin.checks import Wait, check_code, check_password, idle_seconds, me, remember_entry
from sipas.web.officials.signin.secrets import PASSWORDS, hash_password, normal
from sipas.web.officials.signin.sessions import SignedIn
from sipas.web.officials.signin.weakness import LEAST, MOST, weakness

LONGEST_FIELD = 400  # characters that are looked at; more is a wrong password


class SignInForm(FlaskForm):  # type: ignore[misc]
    account = StringField()
    password = PasswordField()
    next = HiddenField()


class CodeForm(FlaskForm):  # type: ignore[misc]
    code = StringField()
    next = HiddenField()


class NewPasswordForm(FlaskForm):  # type: ignore[misc]
    old = PasswordField()
    new = PasswordField()
    again = PasswordField()


def sign_in() -> ResponseReturnValue:
    """Account and password."""
    form = SignInForm(next=request.args.get("next", ""))
    if request.method == "GET":
        return page("officials/sign_in.html", form)
    found = check_password(
        current_house(), (form.account.data or "")[:LONGEST_FIELD], (form.password.data or "")[:LONGEST_FIELD], now=now()
    )
    if isinstance(found, Wait):
        return page("officials/sign_in.html", form, problem=wait_words(found), status=429)
    if found is None:
        return page("officials/sign_in.html", form, problem=gettext("Tên đăng nhập hoặc mật khẩu không đúng."), status=401)
    if found.role in SECOND_FACTOR:
        _session().begin(found.id, idle=300)
        session["pending"] = found.fs_uniquifier
        return redirect(url_for("officials.code", next=guard.own_address(form.next.data or "")), 303)
    return enter(found, form.next.data or "")


def code() -> ResponseReturnValue:
    """The one-time code that follows an analyst's or administrator's password."""
    if (pending := pending_account()) is None:
        return redirect(url_for("officials.sign_in"), 303)
    form = CodeForm(next=request.args.get("next", ""))
    if request.method == "GET":
        return page("officials/code.html", form)
    if problem := _code_problem(pending, form):
        return page("officials/code.html", form, problem=problem, status=401)
    return enter(pending, form.next.data or "", second_factor=int(now().timestamp()))


def pending_account() -> Account | None:
    """Whoever gave the right password and not yet the second factor."""
    found = Accounts(current_house().store).find_user(fs_uniquifier=session.get("pending", ""))
    return found if found is not None and found.active else None


def confirm() -> ResponseReturnValue:
    """The one-time code again, before data are taken away."""
    form = CodeForm(next=request.args.get("next", ""))
    if request.method == "GET":
        return page("officials/confirm.html", form)
    if problem := _code_problem(me(), form):
        return page("officials/confirm.html", form, problem=problem, status=401)
    session["second_factor"] = int(now().timestamp())
    return redirect(guard.own_address(form.next.data or ""), 303)


def change_password() -> ResponseReturnValue:
    """A password of one's own: asked for at the first sign-in, offered ever after."""
    form = NewPasswordForm()
    if request.method == "GET":
        return page("officials/password.html", form)
    if problem := _password_problem(form, _own_names()):
        return page("officials/password.html", form, problem=problem, status=422)
    hashed, uniquifier = hash_password(form.new.data or ""), chance.token_hex(32)
    with current_house().store.write() as database:
        row = officials.get_account(database, me().email)
        row.password, row.must_change, row.uniquifier = hashed, False, uniquifier
        officials.end_sessions(database, row.id)
        add_audit(database, at=now(), official=row.account, action="password_changed", details="{}")
    account = Accounts(current_house().store).find_user(fs_uniquifier=uniquifier)
    assert account is not None
    return enter(account, "", second_factor=session.get("second_factor"))


def sign_out() -> ResponseReturnValue:
    """End the session, on the server too."""
    _session().end()
    answer: Response = make_response(redirect(url_for("officials.sign_in"), 303))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def add_pages(room: Blueprint) -> None:
    """The routes, each with its policy."""
    both = ("GET", "POST")
    account = guard.require(Action.ACCOUNT)
    room.add_url_rule("/sign-in", view_func=guard.anyone(sign_in), methods=both)
    room.add_url_rule("/code", view_func=guard.anyone(code), methods=both)
    room.add_url_rule("/confirm", view_func=account(confirm), methods=both)
    room.add_url_rule("/password", view_func=account(change_password), methods=both)
    room.add_url_rule("/sign-out", view_func=account(sign_out), methods=("POST",))


def enter(account: Account, wanted: str, *, second_factor: int | None = None) -> ResponseReturnValue:
    """A new session for the account; ``second_factor`` is the moment of its one-time code, 0 for none that opens downloads of data."""
    _session().begin(account.id, idle=idle_seconds(account.role))
    login_user(account, remember=False, authn_via=["password"])
    session.pop("_id", None)  # a hash of address and browser that nobody needs
    if second_factor is not None:
        session["second_factor"] = second_factor
    remember_entry(current_house(), account, now=now())
    address = guard.own_address(wanted)
    return redirect(guard.first_page(account.role) if address == guard.HOME else address, 303)


def _code_problem(account: Account, form: Any) -> str:
    found = check_code(current_house(), account, form.code.data or "", now=now(), verify=_security.totp_factory.verify_totp)
    if isinstance(found, Wait):
        return wait_words(found)
    return "" if found else gettext("Mã không đúng hoặc đã được dùng. Mời Ông/Bà chờ ứng dụng hiện mã mới rồi nhập lại.")


def _password_problem(form: Any, names: tuple[str, ...]) -> str:
    old, new = form.old.data or "", form.new.data or ""
    if not PASSWORDS.verify(normal(old[:LONGEST_FIELD]), me().password):
        return gettext("Mật khẩu hiện tại không đúng.")
    if new != form.again.data:
        return gettext("Hai lần nhập mật khẩu mới không giống nhau. Mời Ông/Bà nhập lại.")
    if new == old:
        return gettext("Mật khẩu mới phải khác mật khẩu hiện tại.")
    return {
        "": "",
        "short": gettext("Mật khẩu mới cần ít nhất %(least)d ký tự. Một câu ngắn dễ nhớ là cách tốt.", least=LEAST),
        "long": gettext("Mật khẩu mới dài quá %(most)d ký tự.", most=MOST),
        "common": gettext("Mật khẩu này quá dễ đoán. Mời Ông/Bà chọn mật khẩu khác."),
        "account": gettext("Mật khẩu không được chứa tên đăng nhập."),
        "name": gettext("Mật khẩu không được chứa tên của Ông/Bà hay tên đơn vị."),
    }[weakness(new, me().email, names)]


def _own_names() -> tuple[str, ...]:
    """What a password must not contain: the names of the official and of the unit."""
    with current_house().store.read() as database:
        unit = get_unit(database, me().unit_id)
    return me().name, unit.name, unit.full_name


def wait_words(found: Wait) -> str:
    return gettext("Đã nhập sai nhiều lần. Mời Ông/Bà thử lại sau %(seconds)d giây.", seconds=found.seconds)


def _session() -> SignedIn:
    assert isinstance(session._get_current_object(), SignedIn)  # type: ignore[attr-defined]  # noqa: SLF001 -- the proxy's own name for it
    return session._get_current_object()  # type: ignore[attr-defined,no-any-return]  # noqa: SLF001


def page(template: str, form: Any, *, problem: str = "", status: int = 200) -> ResponseReturnValue:
    return render_template(template, form=form, problem=problem), status
