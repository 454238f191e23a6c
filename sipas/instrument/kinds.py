"""The kinds of item: what a browser may send for each, and what is kept of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

NOT_MET = 0  # "Chưa gặp / không có ý kiến": an answer, kept apart from an item left blank (None)
LEVELS = 5
DECLINED = "declined"  # the option "Không muốn trả lời", which every choice offers

Answer = int | str | None


def likert5(_options: Iterable[str]) -> Mapping[str, Answer]:
    """The five levels, lowest first, and 0."""
    return MappingProxyType({str(level): level for level in range(NOT_MET, LEVELS + 1)})


def choice(options: Iterable[str]) -> Mapping[str, Answer]:
    """One option by its code."""
    return MappingProxyType({code: code for code in options})


# kind → raw value → what is kept
KINDS: Mapping[str, Callable[[Iterable[str]], Mapping[str, Answer]]] = MappingProxyType({"likert5": likert5, "choice": choice})
