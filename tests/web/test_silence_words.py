"""What is said of the silent, in the words that a report may print."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sipas.reports.lines import Estimate, Silence
from sipas.web.results import percent_words
from sipas.web.silence import silence_words, tipping_words

SILENCE = Silence(543, 5430, 0.1, 0.094, 0.994, "undecided", 0.7149, "flips_if_fewer", respondents_only=False)


@pytest.mark.parametrize(
    ("tipping", "said", "words"),
    [
        (0.7149, "flips_if_fewer", "Kết luận sẽ đổi nếu trong số hồ sơ không trả lời có dưới 71% hài lòng."),
        (0.71, "flips_if_fewer", "Kết luận sẽ đổi nếu trong số hồ sơ không trả lời có dưới 71% hài lòng."),
        (0.0042, "flips_if_fewer", "Kết luận sẽ đổi nếu trong số hồ sơ không trả lời có dưới 0,4% hài lòng."),
        (0.9311, "flips_if_more", "Kết luận sẽ đổi nếu trong số hồ sơ không trả lời có từ 94% trở lên hài lòng."),
        (0.9971, "flips_if_more", "Kết luận sẽ đổi nếu trong số hồ sơ không trả lời có từ 99,8% trở lên hài lòng."),
        (0.0, "holds", "Kết luận giữ nguyên dù tất cả những người không trả lời đều không hài lòng."),
        (1.0, "fails", "Kết luận giữ nguyên dù tất cả những người không trả lời đều hài lòng."),
    ],
)
def test_the_tipping_point_is_one_sentence_and_never_rounded_to_the_wrong_side(tipping: float, said: str, words: str) -> None:
    assert tipping_words(replace(SILENCE, tipping=tipping, said=said), dossiers=True) == words


def test_visits_are_not_called_dossiers() -> None:
    assert not [sentence for sentence in silence_words(SILENCE, dossiers=False) if "hồ sơ" in sentence]


def test_bounds_that_hold_the_target_say_what_every_verdict_takes_for_granted() -> None:
    said = silence_words(SILENCE, dossiers=True)
    assert said[0] == "Tỷ lệ trả lời 10,0%: 543 phiếu trên 5.430 hồ sơ đã giải quyết."
    assert any("từ 9,4% đến 99,4%" in sentence for sentence in said)
    assert any("mọi kết luận đều ngầm coi" in sentence for sentence in said)
    assert len(silence_words(replace(SILENCE, settled="holds"), dossiers=True)) == len(said) - 1
    assert "soát lại dàn mẫu" in silence_words(replace(SILENCE, rate=None), dossiers=True)[0]
    assert "chỉ nói về những người đã trả lời" in silence_words(replace(SILENCE, respondents_only=True), dossiers=True)[-1]


@pytest.mark.parametrize(("n", "words"), [(40, "≥ 88% (88–100%)"), (400, "100,0% (88,8–100,0%)")])
def test_few_who_all_agree_are_told_by_the_end_of_their_interval(n: int, words: str) -> None:
    told = Estimate(1.0, 0.888, 1.0, n, 30.0, 0.0, 20.0, 1000, 1.0, None, weighted=True, n_satisfied=n, n_unsatisfied=0, flags=())
    assert percent_words(told) == words
