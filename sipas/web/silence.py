"""What is said of those who did not answer: a sentence each, as a civil servant would write it."""

from __future__ import annotations

from math import ceil, floor

from sipas.reports.lines import Silence
from sipas.web.filters import number, percent
from sipas.web.language import gettext

DUST = 1e-9  # of the last digit: a whole number that arithmetic missed


def silence_words(silence: Silence, *, dossiers: bool) -> tuple[str, ...]:
    """What those who did not answer could change, a sentence each; ``dossiers`` for procedures, else visits and pupils."""
    answers, people = number(silence.answers), number(silence.population)
    if silence.rate is None:
        return (
            gettext(
                "Có %(n)s phiếu, nhiều hơn %(population)s hồ sơ, lượt phục vụ trong dàn mẫu: cần soát lại dàn mẫu.",
                n=answers,
                population=people,
            ),
        )
    given = {"rate": percent(silence.rate), "n": answers, "population": people}
    said = [
        gettext("Tỷ lệ trả lời %(rate)s: %(n)s phiếu trên %(population)s hồ sơ đã giải quyết.", **given)
        if dossiers
        else gettext("Tỷ lệ trả lời %(rate)s: %(n)s phiếu trên %(population)s lượt phục vụ.", **given)
    ]
    if silence.said:
        said.append(tipping_words(silence, dossiers=dossiers))
    if silence.rate < 1:
        low, high = percent(silence.low), percent(silence.high)
        said.append(
            gettext(
                "Nếu không giả định gì về người không trả lời, tỷ lệ hài lòng của tất cả nằm trong khoảng từ %(low)s đến %(high)s.",
                low=low,
                high=high,
            )
        )
    if silence.settled == "undecided" and silence.rate < 1:
        said.append(
            gettext("Khoảng này còn chứa chỉ tiêu: mọi kết luận đều ngầm coi người không trả lời đánh giá gần giống người đã trả lời.")
        )
    if silence.respondents_only:
        said.append(gettext("Rất ít người trả lời: con số chỉ nói về những người đã trả lời."))
    return tuple(said)


def tipping_words(silence: Silence, *, dossiers: bool) -> str:
    """How the silent would turn the verdict: “… nếu trong số hồ sơ không trả lời có dưới 71% hài lòng.”."""
    share = 100 * (silence.tipping or 0.0)
    digits = 0 if 1 <= share <= 99 else 1
    step = 10**-digits
    lower = f"{number(max(floor(share / step + DUST) * step, step), digits)}%"  # surely below the point, or at it
    higher = f"{number(ceil(share / step - DUST) * step, digits)}%"
    told = {
        ("flips_if_fewer", True): gettext("Kết luận sẽ đổi nếu trong số hồ sơ không trả lời có dưới %(share)s hài lòng.", share=lower),
        ("flips_if_fewer", False): gettext(
            "Kết luận sẽ đổi nếu trong số lượt phục vụ không trả lời có dưới %(share)s hài lòng.", share=lower
        ),
        ("flips_if_more", True): gettext(
            "Kết luận sẽ đổi nếu trong số hồ sơ không trả lời có từ %(share)s trở lên hài lòng.", share=higher
        ),
        ("flips_if_more", False): gettext(
            "Kết luận sẽ đổi nếu trong số lượt phục vụ không trả lời có từ %(share)s trở lên hài lòng.", share=higher
        ),
    }
    always = {
        "holds": gettext("Kết luận giữ nguyên dù tất cả những người không trả lời đều không hài lòng."),
        "fails": gettext("Kết luận giữ nguyên dù tất cả những người không trả lời đều hài lòng."),
        "no_silent": gettext("Tất cả đều đã trả lời, không còn ai có thể làm đổi kết luận."),
    }
    return always[silence.said] if silence.said in always else told[silence.said, dossiers]
