"""The sign that stands on a counter: one code, one question, three steps in two languages; as PDF (PDF/UA-1) and as SVG."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import urlsplit

from sipas.exports.printing import UnprintableError, as_typed, check_address, in_capitals, typeset, words_in
from sipas.exports.qr_codes import draw_modules, modules_of, width_with_zone
from sipas.store.units import Counter, CounterCode, Unit

CODE_MM: Mapping[str, float] = MappingProxyType(
    {"A4": 80, "A5": 62, "tent": 64, "tent-A5": 60}
)  # from edge to edge, the quiet zone not counted; a tent is an A4 or A5 sheet that is folded
PAPERS = tuple(CODE_MM)
DOOR = "k"

# What a sign says in Vietnamese, and in a second language where that language's catalogue says all of it.
SPOKEN: Mapping[str, str] = MappingProxyType(
    {
        "question": "{address_word} được phục vụ thế nào?",
        "step_1": "Mở máy ảnh hoặc Zalo, hướng vào ô\u00a0vuông.",
        "step_2": "Chạm vào đường dẫn hiện ra.",
        "step_3": "Chọn câu trả lời rồi bấm “Gửi phiếu”.",
        "by_hand": "Không quét được? Mở trình duyệt và gõ:",
        "trust": "Trang đúng có địa chỉ bắt đầu bằng {host}.",
        "promise": "Phiếu không ghi tên người trả lời.",
        "free_will": "Trả lời hay không là tùy {address_word}, không ảnh hưởng đến việc được phục vụ.",
    }
)
WORDS: Mapping[str, str] = MappingProxyType(
    {
        "demonstration": "BẢN MINH HỌA: không phải khảo sát thật",
        "unreviewed": "Bản dịch chưa được thẩm định.",
        "picture": "Mã QR mở trang {address}",
        "title": "Biển mời đánh giá: {unit}, {counter}",
        "set": "Bộ biển mời đánh giá: {unit}",
    }
)


@dataclass(frozen=True, slots=True)
class Second:
    """The second language of a sign: what it says for each Vietnamese sentence."""

    language: str  # BCP 47
    words: Mapping[str, str]  # the keys of SPOKEN
    reviewed: bool = True  # False: the sign says that nobody has looked its words through


@dataclass(frozen=True, slots=True)
class Sign:
    """What one counter's sign says."""

    unit: str
    counter: str
    place: str
    code: str
    public_url: str  # SIPAS_PUBLIC_URL, without a slash at its end
    demo: bool
    authority: str = ""
    address_word: str = "Ông/Bà"
    second: Second | None = None

    @property
    def address(self) -> str:
        """What the code holds. In capitals, because such a code needs fewer and larger squares; `/K/` is the same as `/k/`."""
        return in_capitals(self.public_url, DOOR, self.code)

    @property
    def typed(self) -> tuple[str, str]:
        """What somebody types who cannot scan: the beginning, and the code."""
        return as_typed(self.public_url, DOOR), self.code


def second_of(language: str, say: Callable[[str], str], *, reviewed: bool = True) -> Second:
    """A language's words for signs. ``say`` is its catalogue; UnprintableError names what the catalogue lacks: nothing is invented."""
    return Second(language, words_in(language, SPOKEN, say), reviewed)


def sign_of(
    unit: Unit,
    counter: Counter,
    code: CounterCode,
    *,
    public_url: str,
    demo: bool,
    authority: str = "",
    address_word: str = "Ông/Bà",
    second: Second | None = None,
) -> Sign:
    """The sign of a counter; refused for a code that was revoked."""
    if code.revoked:
        raise UnprintableError(f"the code {code.code} was revoked; make another: sipas counters code {counter.id}")
    return Sign(unit.full_name, counter.name, counter.place, code.code, public_url, demo, authority, address_word, second)


def code_svg(address: str) -> str:
    """The bare QR code as SVG: black on white, with its quiet zone, one unit a module."""
    return draw_modules(modules_of(address), WORDS["picture"].format(address=address))


def sign_svg(sign: Sign, *, paper: str = "A4") -> bytes:
    """The whole sign as one SVG picture; its text is drawn, so that it looks the same everywhere."""
    drawn = _typeset([sign], [paper], _title(sign), "svg")
    start = drawn.index(b">") + 1
    return drawn[:start] + f"<title>{escape(_title(sign))}</title>".encode() + drawn[start:]


def sign_pdf(sign: Sign, *, paper: str = "A4") -> bytes:
    """The sign as a tagged PDF of one page; a tent is folded along its lines and stands by itself."""
    return _typeset([sign], [paper], _title(sign))


def sign_set_pdf(signs: Sequence[Sign], *, papers: Sequence[str] = PAPERS) -> bytes:
    """Several signs, each on every paper, a page each: what a unit prints at once. UnprintableError for none."""
    if not signs:
        raise UnprintableError("there is no sign to print: no counter there has a printed code; see: sipas counters list")
    units = "; ".join(dict.fromkeys(sign.unit for sign in signs))
    return _typeset(signs, papers, WORDS["set"].format(unit=units))


def _typeset(signs: Sequence[Sign], papers: Sequence[str], title: str, form: Literal["pdf", "svg"] = "pdf") -> bytes:
    for sign in signs:
        check_address(sign.public_url, demo=sign.demo)
    if unknown := [paper for paper in papers if paper not in CODE_MM]:
        raise UnprintableError(f"there is no paper {unknown[0]!r}; choose from {', '.join(PAPERS)}")
    return typeset("sign.typ", {"title": title, "signs": [_content(sign, paper) for sign in signs for paper in papers]}, form)


def _content(sign: Sign, paper: str) -> Mapping[str, Any]:
    """Everything that the template lays out on one page."""
    values = {"address_word": sign.address_word, "host": urlsplit(sign.public_url).netloc}
    beginning, code = sign.typed
    rows = modules_of(sign.address)
    picture = WORDS["picture"].format(address=sign.address)
    second = sign.second
    return {
        "said": {name: text.format(**values) for name, text in SPOKEN.items()},
        "second": {name: text.format(**values) for name, text in second.words.items()} if second else {},
        "language": second.language if second else "",
        "unreviewed": "" if second is None or second.reviewed else WORDS["unreviewed"],
        "demonstration": WORDS["demonstration"],
        "picture": picture,
        "paper": paper,
        "across": width_with_zone(rows, CODE_MM[paper]),
        "unit": sign.unit,
        "counter": sign.counter,
        "place": sign.place,
        "authority": sign.authority,
        "demo": sign.demo,
        "typed": beginning,
        "code": [code[place : place + 5] for place in range(0, len(code), 5)],
        "svg": draw_modules(rows, picture),
    }


def _title(sign: Sign) -> str:
    return WORDS["title"].format(unit=sign.unit, counter=sign.counter)
