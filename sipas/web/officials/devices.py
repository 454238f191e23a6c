"""Kiosks and screens: where they stand and what is missing, for an administrator of the province. Days only, and no counts of answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import SystemRandom
from types import MappingProxyType

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm  # type: ignore[import-untyped]
from sqlalchemy.orm import Session
from wtforms import StringField, TextAreaField

from sipas.access import Action, may_tend
from sipas.reports.devices import KioskCard, ScreenCard, list_acts, read_kiosks, read_screens
from sipas.store.kiosks import get_kiosk
from sipas.store.screens import get_screen
from sipas.store.units import Unit, get_unit
from sipas.terms import now, today
from sipas.web import enrolment, guard
from sipas.web.enrolment import By, KioskStateError, ScreenStateError
from sipas.web.house import House, current_house
from sipas.web.language import gettext
from sipas.web.officials.counters import province_path
from sipas.web.officials.devices_words import Say
from sipas.web.officials.proposals import clean_reason
from sipas.web.officials.signin.checks import me


class DeviceForm(FlaskForm):  # type: ignore[misc]
    do = StringField()
    state = StringField()  # what the page showed: whoever was faster must not be overruled unseen
    reason = TextAreaField()


def devices() -> ResponseReturnValue:
    """Every kiosk and screen of the province."""
    if not tends():
        abort(404)
    with current_house().store.read() as session:
        kiosks, screens = read_kiosks(session, me().branch, today()), read_screens(session, me().branch, today())
    return render_template("officials/devices.html", kiosks=kiosks, screens=screens, say=Say)


def kiosk(unit_id: int, code: str) -> ResponseReturnValue:
    """One kiosk: its place, its last word, its gaps, what was done to it, and what can be done."""
    return _kiosk_page(_kiosk(unit_id, code), DeviceForm())


def kiosk_act(unit_id: int, code: str) -> ResponseReturnValue:
    """Give a kiosk a pairing code, end it, or put another in its place."""
    card, form = _kiosk(unit_id, code), DeviceForm()
    if (act := KIOSK_ACTS.get(form.do.data or "")) is None:
        abort(400)
    if form.state.data != card.state or card.state not in act[0]:
        return _kiosk_page(card, form, _newer()), 409
    by = By(me().email, now(), clean_reason(form.reason.data))
    if form.do.data != "pair" and not by.reason:
        return _kiosk_page(card, form, _no_reason()), 422
    try:
        return act[1](current_house(), card, by)
    except KioskStateError:  # somebody was faster
        return _kiosk_page(_kiosk(unit_id, code), form, _newer()), 409


def screen(unit_id: int, code: str) -> ResponseReturnValue:
    """One screen: its place, its key's age, its clock, what was done to it, and what can be done."""
    return _screen_page(_screen(unit_id, code), DeviceForm())


def screen_act(unit_id: int, code: str) -> ResponseReturnValue:
    """Give a screen a pairing code, or end it."""
    card, form = _screen(unit_id, code), DeviceForm()
    if (act := SCREEN_ACTS.get(form.do.data or "")) is None:
        abort(400)
    if form.state.data != f"{card.state}{card.screen.turn}" or card.state == "revoked":
        return _screen_page(card, form, _newer()), 409
    by = By(me().email, now(), clean_reason(form.reason.data))
    if form.do.data != "pair" and not by.reason:
        return _screen_page(card, form, _no_reason()), 422
    try:
        return act(current_house(), card, by)
    except ScreenStateError:
        return _screen_page(_screen(unit_id, code), form, _newer()), 409


def pair_kiosk(house: House, card: KioskCard, by: By) -> ResponseReturnValue:
    """Another pairing code for a kiosk that has no tablet yet, shown on this page alone."""
    with house.store.write() as session:
        found = get_kiosk(session, card.kiosk.code)
        code = enrolment.new_kiosk_code(session, house.keyring, found, rng=SystemRandom(), now=by.now)
        enrolment.write_down(session, by, "kiosk_code", kiosk=found.code)
    return _kiosk_page(card, DeviceForm(formdata=None), code=f"{code[:4]}-{code[4:]}")


def revoke_kiosk(house: House, card: KioskCard, by: By) -> ResponseReturnValue:
    """Count nothing more of a kiosk."""
    with house.store.write() as session:
        enrolment.revoke_kiosk(session, get_kiosk(session, card.kiosk.code), by)
    return redirect(url_for("officials.kiosk", unit_id=card.unit.id, code=card.kiosk.code), 303)


def replace_kiosk(house: House, card: KioskCard, by: By) -> ResponseReturnValue:
    """Another kiosk in the place of one, with its pairing code on this page alone."""
    with house.store.write() as session:
        made, code = enrolment.replace_kiosk(session, house.keyring, get_kiosk(session, card.kiosk.code), by, rng=SystemRandom())
        new = made.code
    return _kiosk_page(_kiosk(card.unit.id, new), DeviceForm(formdata=None), code=f"{code[:4]}-{code[4:]}")


def pair_screen(house: House, card: ScreenCard, by: By) -> ResponseReturnValue:
    """Another pairing code for a screen: the display that uses it takes the place of the one before."""
    with house.store.write() as session:
        found = get_screen(session, card.screen.screen)
        code = enrolment.new_screen_code(house.keyring, found, rng=SystemRandom(), now=by.now)
        enrolment.write_down(session, by, "screen_code", screen=found.screen)
    return _screen_page(card, DeviceForm(formdata=None), code=f"{code[:5]}-{code[5:]}")


def revoke_screen(house: House, card: ScreenCard, by: By) -> ResponseReturnValue:
    """What the screen shows leads nowhere any more."""
    with house.store.write() as session:
        enrolment.revoke_screen(session, get_screen(session, card.screen.screen), by)
    return redirect(url_for("officials.screen", unit_id=card.unit.id, code=card.screen.screen), 303)


KIOSK_ACTS: Mapping[str, tuple[frozenset[str], Callable[[House, KioskCard, By], ResponseReturnValue]]] = MappingProxyType(
    {
        "pair": (frozenset({"new"}), pair_kiosk),
        "revoke": (frozenset({"new", "paired"}), revoke_kiosk),
        "replace": (frozenset({"paired"}), replace_kiosk),
    }
)
SCREEN_ACTS: Mapping[str, Callable[[House, ScreenCard, By], ResponseReturnValue]] = MappingProxyType(
    {"pair": pair_screen, "revoke": revoke_screen}
)


def tends() -> bool:
    """Whether the one who is signed in looks after the devices of a whole province."""
    with current_house().store.read() as session:
        return _may(session, get_unit(session, me().unit_id))


def _may(session: Session, unit: Unit) -> bool:
    return may_tend(guard.official(), unit.path, province_path(session, unit))


def _kiosk(unit_id: int, code: str) -> KioskCard:
    """A kiosk of a unit; not found for whoever does not tend it, and for one of another unit."""
    unit = guard.unit_in_scope(unit_id)
    with current_house().store.read() as session:
        cards = read_kiosks(session, unit.path, today()) if _may(session, unit) else ()
    found = next((card for card in cards if card.kiosk.code == code and card.unit.id == unit.id), None)
    return found or abort(404)


def _screen(unit_id: int, code: str) -> ScreenCard:
    """A screen of a unit, as above."""
    unit = guard.unit_in_scope(unit_id)
    with current_house().store.read() as session:
        cards = read_screens(session, unit.path, today()) if _may(session, unit) else ()
    found = next((card for card in cards if card.screen.screen == code and card.unit.id == unit.id), None)
    return found or abort(404)


def _kiosk_page(card: KioskCard, form: DeviceForm, problem: str = "", *, code: str = "") -> str:
    with current_house().store.read() as session:
        acts = list_acts(session, "kiosk", card.kiosk.code)
    where = f"{current_house().settings.public_url}/kiosk/"
    return render_template("officials/kiosk.html", card=card, form=form, problem=problem, code=code, where=where, acts=acts, say=Say)


def _screen_page(card: ScreenCard, form: DeviceForm, problem: str = "", *, code: str = "") -> str:
    with current_house().store.read() as session:
        acts = list_acts(session, "screen", card.screen.screen)
    where = f"{current_house().settings.public_url}/screen/{card.screen.screen}"
    return render_template("officials/screen.html", card=card, form=form, problem=problem, code=code, where=where, acts=acts, say=Say)


def _newer() -> str:
    return gettext("Tình trạng vừa thay đổi, nên chưa làm gì. Mời Ông/Bà xem lại trang này.")


def _no_reason() -> str:
    return gettext("Mời Ông/Bà ghi lý do, từ 10 đến 2.000 ký tự.")


def add_pages(room: Blueprint) -> None:
    tended = guard.require(Action.DEVICES)
    room.add_url_rule("/devices", view_func=tended(devices))
    for noun, show, act in (("kiosk", kiosk, kiosk_act), ("screen", screen, screen_act)):
        place = f"/units/<int:unit_id>/{noun}s/<code>"
        room.add_url_rule(place, noun, tended(show))
        room.add_url_rule(place, f"{noun}_act", tended(act), methods=["POST"])
