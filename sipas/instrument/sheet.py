"""Raw strings in, a frozen sheet out, or everything that a person must mend."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sipas.instrument import flow
from sipas.instrument.kinds import Answer
from sipas.instrument.model import OVERALL, Instrument
from sipas.instrument.speech import clean

COMMENT_LIMIT = 2000  # characters after NFC (decision 16)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: the field it stands beside, what kind of slip, and its figures."""

    field: str
    kind: str  # overall_missing, stage_missing, respondent_missing, forged_option or comment_too_long
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problems:
    """Everything that keeps a sheet from being accepted, in form order."""

    items: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that can be accepted."""

    stage: str
    respondent: str
    filing: str
    answers: Mapping[str, Answer]  # items that were not shown are absent; None was left blank, 0 is "not met"
    comment: str
    wants_reply: bool


def read_sheet(instrument: Instrument, length: str, raw: Mapping[str, str], *, reminded: bool) -> Sheet | Problems:
    """The sheet that ``raw`` holds; never raises, whatever the strings are.

    ``reminded`` says that the person was asked once for what was left open, and left it open again: nothing is forced (decision 7).
    """
    problems: list[Problem] = []
    asked = {what: _read_asked(instrument, length, what, raw, problems, reminded=reminded) for what in flow.WORDS}
    answers = dict(_read_items(instrument, length, asked["stage"], raw, problems))
    if not reminded and answers.get(OVERALL) is None and not any(problem.field == OVERALL for problem in problems):
        problems.append(Problem(OVERALL, "overall_missing"))
    comment = clean(raw.get("comment", ""))
    if len(comment) > COMMENT_LIMIT:
        problems.append(Problem("comment", "comment_too_long", {"limit": COMMENT_LIMIT, "length": len(comment)}))
    if problems:
        return Problems(tuple(problems))
    wants_reply = bool(comment) and raw.get("reply") == "1"
    return Sheet(**asked, answers=MappingProxyType(answers), comment=comment, wants_reply=wants_reply)


def _read_asked(instrument: Instrument, length: str, what: str, raw: Mapping[str, str], problems: list[Problem], *, reminded: bool) -> str:
    if what not in flow.asked(instrument, length):
        return flow.NOT_ASKED
    given = raw.get(what, "")
    if given in flow.WORDS[what]:
        return given
    if given:
        problems.append(Problem(what, "forged_option"))
    elif what != "filing" and not reminded:  # the stage routes and the kind divides: they are worth one reminder
        problems.append(Problem(what, f"{what}_missing"))
    return flow.LEFT_BLANK


def _read_items(
    instrument: Instrument, length: str, stage: str, raw: Mapping[str, str], problems: list[Problem]
) -> Iterator[tuple[str, Answer]]:
    for item in flow.shown(instrument, length, stage):
        given = raw.get(item.code, "")
        if not given:
            yield item.code, None
        elif given in item.accepted:
            yield item.code, item.accepted[given]
        else:
            problems.append(Problem(item.code, "forged_option"))
