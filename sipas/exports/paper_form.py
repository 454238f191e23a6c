"""A questionnaire on paper: boxes with numbers, item codes, a batch's number and QR code; tagged as PDF/UA-1."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import Any

from sipas.exports.cards import DOOR, grouped
from sipas.exports.printing import UnprintableError, check_address, in_capitals, typeset, words_in
from sipas.exports.qr_codes import draw_modules, modules_of, width_with_zone
from sipas.instrument.keying import PaperField, paper_fields
from sipas.instrument.model import Instrument
from sipas.instrument.speech import LEADING, in_language

CODE_MM = 17.0  # of the batch's code, from edge to edge
MOST = 500  # copies with codes of their own in one file
LARGE = 1.35

SPOKEN: Mapping[str, str] = MappingProxyType(
    {
        "batch": "Lô {number}",
        "sheet": "Số thứ tự phiếu trong lô (người nhập ghi):",
        "fill": "Mỗi câu đánh dấu X vào một ô. Chọn nhầm thì khoanh tròn ô sai rồi đánh dấu ô đúng. Câu nào không muốn trả lời thì để trống.",
        "promise": "Phiếu không hỏi và không lưu họ tên, số điện thoại, mã hồ sơ.",
        "no_complaint": "Phiếu này không phải đơn khiếu nại, không làm thay đổi việc giải quyết hồ sơ.",
        "contact": "Muốn hỏi hồ sơ hoặc phản ánh, gọi {phone}.",
        "question": "Nội dung hỏi",
        "with_result": "Chỉ trả lời phần này nếu đã nhận kết quả.",
        "overall": "Đánh giá chung",
        "first": "Về lần làm thủ tục này",
        "respondent": "Về người trả lời (không bắt buộc)",
        "comment": "Ý kiến khác (không bắt buộc). Xin đừng ghi tên, số điện thoại hay mã hồ sơ.",
        "assisted": "Có người giúp điền phiếu này",
        "code": "Mã thẻ đánh giá, nếu được phát:",
        "return": "Điền xong, mời bỏ phiếu vào thùng phiếu; không đưa cho người đã phục vụ mình.",
        "picture": "Mã QR của lô {number}",
        "page": "Trang {page}/{pages}",
        "demonstration": "BẢN MINH HỌA: không phải khảo sát thật",
    }
)


@dataclass(frozen=True, slots=True)
class PaperForm:
    """What stands on every copy of a form."""

    instrument: Instrument
    length: str
    unit: str
    counter: str  # empty where the form belongs to no counter
    sector: Mapping[str, str]  # the sector's name by language
    number: int  # of the batch
    code: str  # of the batch: what its QR code holds, for a hand-held reader at the keyer's desk
    demo: bool
    public_url: str = ""  # needed where copies carry one-time codes
    authority: str = ""
    phone: str = ""


def form_pdf(
    form: PaperForm,
    *,
    language: str = LEADING,
    say: Callable[[str], str] | None = None,
    codes: Sequence[str] = (),
    large: bool = False,
) -> bytes:
    """One copy of the form, or one for each one-time code, in a language of its instrument.

    ``say`` is the language's catalogue, which Vietnamese does not need. UnprintableError for a language that the instrument or the
    catalogue lacks, and for more than 500 codes.
    """
    if language not in form.instrument.languages:
        known = ", ".join(form.instrument.languages)
        raise UnprintableError(f"{form.instrument.code} has no wording in {language!r}; choose from {known}")
    if len(codes) > MOST:
        raise UnprintableError(f"one file holds at most {MOST} copies with codes of their own, not {len(codes):,}; split the codes")
    if codes:
        check_address(form.public_url, demo=form.demo)
    spoken = SPOKEN if language == LEADING or say is None else words_in(language, SPOKEN, say)
    return typeset("paper_form.typ", _content(form, language, spoken, codes, large=large))


def _content(form: PaperForm, language: str, spoken: Mapping[str, str], codes: Sequence[str], *, large: bool) -> Mapping[str, Any]:
    values = {"number": form.number, "phone": form.phone.replace(" ", "\u00a0")}
    said = {name: text if name == "page" else text.format(**values) for name, text in spoken.items()}
    rows = modules_of(form.code)
    return {
        "said": said | {"contact": said["contact"] if form.phone else "", "demonstration": said["demonstration"] if form.demo else ""},
        "language": language,
        "size": LARGE if large else 1.0,
        "title": in_language(form.instrument.title, language),
        "based_on": in_language(form.instrument.based_on, language),
        "about": [text for text in (form.authority, form.unit, form.counter, in_language(form.sector, language)) if text],
        "batch": grouped(form.code, 5),
        "svg": draw_modules(rows, said["picture"]),
        "across": width_with_zone(rows, CODE_MM),
        "blocks": list(_blocks(form, language, said)),
        "copies": [_token(form, code) for code in codes] or [None],
    }


def _token(form: PaperForm, code: str) -> Mapping[str, Any]:
    """A one-time code of its own for one copy."""
    address = in_capitals(form.public_url, DOOR, code)
    rows = modules_of(address)
    return {"groups": grouped(code), "svg": draw_modules(rows, address), "across": width_with_zone(rows, CODE_MM)}


def _blocks(form: PaperForm, language: str, said: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    """Fields in their order, those that share a heading and a kind of answer in one block."""
    instrument = form.instrument
    headed = form.length == "full"
    numbered = list(enumerate(paper_fields(instrument, form.length), start=1))
    factors = {factor.code: in_language(factor.name, language) for factor in instrument.factors}
    headings = {"asked": said["first"], "overall": said["overall"], "respondent": said["respondent"]} | (factors if headed else {})

    def group(entry: tuple[int, PaperField]) -> tuple[str, bool]:
        """Factors of the short form stand together below the stem."""
        field = entry[1]
        section = field.section if headed or field.section not in factors else "stem"
        return section, field.kind == "likert5"

    for (section, scale), entries in groupby(numbered, key=group):
        fields = list(entries)
        heading = headings.get(section, in_language(instrument.stem, language))
        waits = headed and all(field.after_result for _, field in fields)
        yield {
            "heading": heading,
            "stem": in_language(instrument.stem, language) if headed and section in factors else "",
            "note": said["with_result"] if waits else "",
            "scale": scale,
            "head": [in_language(box.text, language) for box in fields[0][1].boxes] if scale else [],
            "rows": [_row(number, field, language) for number, field in fields],
        }


def _row(number: int, field: PaperField, language: str) -> Mapping[str, Any]:
    return {
        "number": str(number),
        "code": "" if field.kind == "asked" else field.code,  # what every form asks first has a number and no code
        "text": in_language(field.text, language),
        "boxes": [{"key": box.key, "text": in_language(box.text, language)} for box in field.boxes],
    }
