"""The keying page as a form: one small field a question, in the order of the paper. The instrument decides what is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask_wtf import FlaskForm  # type: ignore[import-untyped]
from wtforms import BooleanField, HiddenField, IntegerField, StringField, TextAreaField

from sipas.instrument.keying import PaperField
from sipas.web.language import gettext

PREFIX = "q_"  # a question's code could be the name of another field


class CountForm(FlaskForm):  # type: ignore[misc]
    """How many sheets were counted."""

    declared = IntegerField()


class KeyingForm(FlaskForm):  # type: ignore[misc]
    """One sheet; the questions are added by ``draw_form``."""

    round = HiddenField()
    entry = HiddenField()
    version = HiddenField()  # of this sheet, as the page showed it
    sheet = IntegerField()
    comment = TextAreaField()
    assisted = BooleanField()
    code = StringField()


def draw_form(fields: Iterable[PaperField]) -> type[KeyingForm]:
    """The form of an instrument's paper."""
    return type("PaperForm", (KeyingForm,), {f"{PREFIX}{field.code}": StringField() for field in fields})


def typed_keys(form: KeyingForm, fields: Iterable[PaperField]) -> Mapping[str, str]:
    """What stands in the questions' fields, by question."""
    return {field.code: form[f"{PREFIX}{field.code}"].data or "" for field in fields}


def pin(form: KeyingForm, name: str, problem: str) -> None:
    """Set a problem beside its field."""
    form[name].errors = (problem,)


def pin_wrong(form: KeyingForm, fields: Iterable[PaperField], wrong: Iterable[str]) -> None:
    """Say beside each question which numbers its boxes have."""
    slips = set(wrong)
    for field in fields:
        if field.code in slips:
            keys = ", ".join(box.key for box in field.boxes)
            pin(form, f"{PREFIX}{field.code}", gettext("Chỉ nhận các số %(keys)s, hoặc để trống.", keys=keys))
