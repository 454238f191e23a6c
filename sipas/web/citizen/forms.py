"""A page of an instrument as a WTForms form. WTForms draws; the instrument decides what is accepted (``instrument/sheet.py``).

There is no CSRF token and no session: the signed ticket in the form is the protection. It is minted for one opening of one code, and
an answer sent without one of ours is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from wtforms import BooleanField, Field, Form, HiddenField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older than the class

from sipas.instrument import flow
from sipas.instrument.kinds import NOT_MET
from sipas.instrument.model import OVERALL, Instrument, Item
from sipas.instrument.sheet import Problems
from sipas.instrument.speech import LEADING
from sipas.web.citizen.words import problem_words
from sipas.web.language import named, worded


@dataclass(frozen=True, slots=True)
class Question:
    """One field as it is drawn: its number on the page, its kind and whether it is the overall one."""

    name: str
    number: int
    kind: str  # asked, likert5 or choice


@dataclass(frozen=True, slots=True)
class Section:
    """Questions under one heading: what is asked first, a factor, the overall item, or the respondent."""

    kind: str  # asked, factor, overall or respondent
    heading: str
    after_result: bool  # answered only by who has a result
    questions: tuple[Question, ...]


def draw_form(instrument: Instrument, length: str, language: str) -> type[Form]:
    """The form class of an instrument's page in a language."""
    return type("CitizenForm", (Form,), dict(_fields(instrument, length, language)))


def _fields(instrument: Instrument, length: str, language: str) -> Iterable[tuple[str, object]]:
    yield "ticket", HiddenField()
    yield "reminded", HiddenField()
    yield "work", HiddenField()
    for what in flow.asked(instrument, length):
        choices = [SelectChoice(code, named(words)) for code, words in flow.WORDS[what].items()]
        yield what, RadioField(named(flow.QUESTIONS[what]), choices=choices, validate_choice=False)
    for item in instrument.form(length):
        yield (
            item.code,
            RadioField(worded(item.text, language), choices=item_choices(instrument, item, language), validate_choice=False),
        )
    yield "comment", TextAreaField()
    yield "reply", BooleanField()


def item_choices(instrument: Instrument, item: Item, language: str) -> list[SelectChoice]:
    """The options of an item in the order of the official form, *Chưa gặp / không có ý kiến* last."""
    if not item.is_scale:
        return [SelectChoice(code, worded(words, language)) for code, words in item.options.items()]
    levels = instrument.scales[item.scale].levels
    words = [worded({spoken: level[at] for spoken, level in levels.items()}, language) for at in range(len(levels[LEADING]))]
    scale = [SelectChoice(str(level), word) for level, word in enumerate(words, start=1)]
    return [*scale, SelectChoice(str(NOT_MET), worded(item.not_met, language))]


def sections(instrument: Instrument, length: str, language: str) -> tuple[Section, ...]:
    """The page in its order, numbered through."""
    factors = {factor.code: factor for factor in instrument.factors}
    asked = flow.asked(instrument, length)
    found: list[Section] = []
    if asked:
        found.append(
            Section("asked", "", after_result=False, questions=tuple(Question(what, n, "asked") for n, what in enumerate(asked, 1)))
        )
    for number, item in enumerate(instrument.form(length), start=len(asked) + 1):
        question = Question(item.code, number, item.kind)
        factor = factors.get(item.factor or "")
        heading = worded(factor.name, language) if factor else ""
        kind = "factor" if factor else "overall" if item.code == OVERALL else "respondent"
        if found and (found[-1].kind, found[-1].heading) == (kind, heading):
            last = found.pop()
            found.append(Section(kind, heading, last.after_result, (*last.questions, question)))
        else:
            waits = factor is not None and factor.needs_result and "stage" in instrument.asks
            found.append(Section(kind, heading, waits, (question,)))
    return tuple(found)


def pin(form: Form, problems: Problems, numbers: Mapping[str, int]) -> None:
    """Set each problem beside its field."""
    for problem in problems.items:
        field: Field | None = form._fields.get(problem.field)
        if field is not None:
            field.errors = (*field.errors, problem_words(problem, numbers.get(problem.field)))
