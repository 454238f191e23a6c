"""Recovery codes: ten that are shown once, each of which signs in once instead of the authenticator app.

The library makes them. It would keep them readable, and show them again; here only keyed hashes are kept.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security.proxies import _security
from flask_wtf import FlaskForm  # type: ignore[import-untyped]

from sipas.access import Action
from sipas.store import officials
from sipas.store.audit import add_audit
from sipas.terms import now
from sipas.web import guard
from sipas.web.house import current_house
from sipas.web.language import gettext
from sipas.web.officials.signin.checks import Wait, check_recovery, me
from sipas.web.officials.signin.pages import LONGEST_FIELD, CodeForm, enter, page, pending_account, wait_words
from sipas.web.officials.signin.secrets import RECOVERY_CODES, recovery_hash


def recovery() -> ResponseReturnValue:
    """A recovery code after the password, by who has lost the telephone."""
    if (pending := pending_account()) is None:
        return redirect(url_for("officials.sign_in"), 303)
    form = CodeForm(next=request.args.get("next", ""))
    if request.method == "GET":
        return page("officials/recovery.html", form)
    found = check_recovery(current_house(), pending, (form.code.data or "")[:LONGEST_FIELD], now=now())
    if isinstance(found, Wait):
        return page("officials/recovery.html", form, problem=wait_words(found), status=429)
    if not found:
        return page("officials/recovery.html", form, problem=gettext("Mã dự phòng không đúng hoặc đã được dùng."), status=401)
    return enter(pending, form.next.data or "", second_factor=0)


def recovery_codes() -> ResponseReturnValue:
    """How many are left; ten new ones, which end the old."""
    made: list[str] = []
    house = current_house()
    if request.method == "POST":
        made = _security.totp_factory.generate_recovery_codes(RECOVERY_CODES)
        hashes = [recovery_hash(house.keyring, me().id, code) for code in made]
        with house.store.write() as session:
            officials.replace_recovery_codes(session, me().id, hashes)
            add_audit(session, at=now(), official=me().email, action="recovery_made", details="{}")
    with house.store.read() as session:
        left = officials.count_recovery_codes(session, me().id)
    return render_template("officials/recovery_codes.html", form=FlaskForm(), made=made, left=left)


def add_pages(room: Blueprint) -> None:
    """The routes, each with its policy."""
    both = ("GET", "POST")
    room.add_url_rule("/recovery", view_func=guard.anyone(recovery), methods=both)
    room.add_url_rule("/recovery-codes", view_func=guard.require(Action.RECOVERY, fresh_code=True)(recovery_codes), methods=both)
