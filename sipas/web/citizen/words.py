"""The sentences that a slip gets: what happened and what to do."""

from __future__ import annotations

from sipas.instrument.sheet import Problem
from sipas.web.filters import number as figure
from sipas.web.language import gettext


def problem_words(problem: Problem, number: int | None) -> str:
    """One slip as a sentence; ``number`` is the question's number on the page."""
    if problem.kind == "comment_too_long":
        return gettext(
            "Ý kiến dài %(length)s chữ cái, nhiều hơn mức %(limit)s. Mời Ông/Bà rút ngắn lại.",
            length=figure(problem.params["length"]),
            limit=figure(problem.params["limit"]),
        )
    if problem.kind == "overall_missing":
        return gettext(
            "Ông/Bà chưa trả lời câu %(number)s. Mời Ông/Bà chọn một mức; nếu không muốn trả lời, cứ bấm Gửi phiếu lần nữa.", number=number
        )
    if problem.kind == "stage_missing":
        return gettext(
            "Ông/Bà chưa trả lời câu %(number)s. Mời Ông/Bà chọn bước của hồ sơ; nếu không muốn trả lời, cứ bấm Gửi phiếu lần nữa.",
            number=number,
        )
    if problem.kind == "respondent_missing":
        return gettext(
            "Ông/Bà chưa trả lời câu %(number)s. Mời Ông/Bà chọn một dòng; nếu không muốn trả lời, cứ bấm Gửi phiếu lần nữa.", number=number
        )
    return gettext("Câu trả lời cho câu %(number)s không có trong phiếu. Mời Ông/Bà chọn lại một dòng.", number=number)
