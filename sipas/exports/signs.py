"""The sign that stands on a counter: one code, one sentence, three steps; as PDF (PDF/UA-1) and as SVG."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from ipaddress import ip_address
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import urlsplit

import qrcode
from qrcode.exceptions import DataOverflowError

from sipas.store.units import Counter, CounterCode, Unit
from sipas.terms import SipasError

FONTS = Path(__file__).resolve().parents[1] / "data" / "fonts"
TEMPLATE = Path(__file__).with_name("sign.typ")
QUIET_ZONE = 4  # modules of white that a reader needs on every side
CODE_MM: Mapping[str, float] = MappingProxyType({"A4": 80, "A5": 62, "tent": 64})  # from edge to edge, the quiet zone not counted
PAPERS = tuple(CODE_MM)

WORDS: Mapping[str, Any] = MappingProxyType(
    {
        "question": "{address_word} được phục vụ thế nào?",
        "steps": (
            "Mở máy ảnh hoặc Zalo, hướng vào ô\u00a0vuông.",
            "Chạm vào đường dẫn hiện ra.",
            "Chọn câu trả lời rồi bấm “Gửi phiếu”.",
        ),
        "by_hand": "Không quét được? Mở trình duyệt và gõ:",
        "promise": "Phiếu không ghi tên người trả lời.",
        "free_will": "Trả lời hay không là tùy {address_word}, không ảnh hưởng đến việc được phục vụ.",
        "demonstration": "BẢN MINH HỌA: không phải khảo sát thật",
        "picture": "Mã QR mở trang {address}",
        "title": "Biển mời đánh giá: {unit}, {counter}",
    }
)


class UnprintableSignError(SipasError):
    """A sign that would lead nobody anywhere, or somebody astray."""


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

    @property
    def address(self) -> str:
        """What the code holds. In capitals, because such a code needs fewer and larger squares; `/K/` is the same as `/k/`."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}".upper() + f"{parts.path.rstrip('/')}/K/{self.code}"

    @property
    def typed(self) -> tuple[str, str]:
        """What somebody types who cannot scan: the beginning, and the code in lower case."""
        parts = urlsplit(self.public_url)
        scheme = "" if parts.scheme == "https" else f"{parts.scheme}://"
        return f"{scheme}{parts.netloc}{parts.path.rstrip('/')}/k/", self.code


def sign_of(
    unit: Unit,
    counter: Counter,
    code: CounterCode,
    *,
    public_url: str,
    demo: bool,
    authority: str = "",
    address_word: str = "Ông/Bà",
) -> Sign:
    """The sign of a counter; refused for a code that was revoked."""
    if code.revoked:
        raise UnprintableSignError(f"the code {code.code} was revoked; make another: sipas counters code {counter.id}")
    return Sign(unit.full_name, counter.name, counter.place, code.code, public_url, demo, authority, address_word)


def check_printable(sign: Sign) -> None:
    """Refuse an address that a phone cannot open safely, unless the sign says that it is a demonstration (decision 13)."""
    parts = urlsplit(sign.public_url)
    if not parts.scheme or not parts.hostname:
        raise UnprintableSignError(
            f"SIPAS_PUBLIC_URL={sign.public_url!r} is no address; set it to one such as https://danhgia.danang.gov.vn"
        )
    if sign.demo:
        return
    if is_loopback(parts.hostname):
        raise UnprintableSignError(
            f"SIPAS_PUBLIC_URL={sign.public_url!r} is this machine itself, which no phone can open; "
            "set it to the public https address, or set SIPAS_DEMO=1 to print signs marked as a demonstration"
        )
    if parts.scheme != "https":
        raise UnprintableSignError(
            f"SIPAS_PUBLIC_URL={sign.public_url!r} is not encrypted; "
            "set it to the public https address, or set SIPAS_DEMO=1 to print signs marked as a demonstration"
        )


def is_loopback(host: str) -> bool:
    """Whether a host name can only mean the machine on which it is typed."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def code_svg(address: str) -> str:
    """The bare QR code as SVG: black on white, with its quiet zone, one unit a module."""
    return _draw(_modules(address), address)


def _draw(rows: list[list[bool]], address: str) -> str:
    path = "".join(_row_path(y, row) for y, row in enumerate(rows))
    side = len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges" role="img">'
        f"<title>{escape(WORDS['picture'].format(address=address))}</title>"
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{path}"/></svg>'
    )


def sign_svg(sign: Sign, *, paper: str = "A4") -> bytes:
    """The whole sign as one SVG picture; its text is drawn, so that it looks the same everywhere."""
    drawn = _compile(sign, paper, "svg")
    start = drawn.index(b">") + 1
    return drawn[:start] + f"<title>{escape(_title(sign))}</title>".encode() + drawn[start:]


def sign_pdf(sign: Sign, *, paper: str = "A4") -> bytes:
    """The sign as a tagged PDF of one page; a tent is folded along its lines and stands by itself."""
    return _compile(sign, paper, "pdf")


def _compile(sign: Sign, paper: str, form: Literal["pdf", "svg"]) -> bytes:
    import typst  # noqa: PLC0415 -- heavy, and only who prints needs it

    check_printable(sign)
    if paper not in CODE_MM:
        raise UnprintableSignError(f"there is no paper {paper!r}; choose from {', '.join(PAPERS)}")
    return typst.compile(
        str(TEMPLATE),
        format=form,
        pdf_standards="ua-1" if form == "pdf" else None,
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"sign": json.dumps(_content(sign, paper), ensure_ascii=False)},
    )


def _content(sign: Sign, paper: str) -> Mapping[str, Any]:
    """Everything that the template lays out; it is data and never markup."""
    words = {"address_word": sign.address_word, "address": sign.address, "unit": sign.unit, "counter": sign.counter}
    said = {name: text.format(**words) if isinstance(text, str) else text for name, text in WORDS.items()}
    beginning, code = sign.typed
    rows = _modules(sign.address)
    return {
        **said,
        "paper": paper,
        "across": CODE_MM[paper] * len(rows) / (len(rows) - 2 * QUIET_ZONE),
        "unit": sign.unit,
        "counter": sign.counter,
        "place": sign.place,
        "authority": sign.authority,
        "demo": sign.demo,
        "typed": beginning,
        "code": [code[place : place + 5] for place in range(0, len(code), 5)],
        "svg": _draw(rows, sign.address),
    }


def _title(sign: Sign) -> str:
    title: str = WORDS["title"].format(unit=sign.unit, counter=sign.counter)
    return title


def _modules(address: str) -> list[list[bool]]:
    """The code's squares. Level Q survives a scratched sign; it is taken where it costs no larger code than level M."""
    code = _qr(address, qrcode.constants.ERROR_CORRECT_M, None)
    with suppress(DataOverflowError):
        code = _qr(address, qrcode.constants.ERROR_CORRECT_Q, code.version)
    return [[bool(module) for module in row] for row in code.get_matrix()]


def _qr(address: str, level: int, version: int | None) -> qrcode.QRCode[Any]:
    code: qrcode.QRCode[Any] = qrcode.QRCode(version=version, error_correction=level, border=QUIET_ZONE)
    code.add_data(address)
    code.make(fit=version is None)
    return code


def _row_path(y: int, row: list[bool]) -> str:
    """The dark runs of one row."""
    runs, x = [], 0
    while x < len(row):
        width = 1
        while x + width < len(row) and row[x + width] == row[x]:
            width += 1
        if row[x]:
            runs.append(f"M{x} {y}h{width}v1h-{width}z")
        x += width
    return "".join(runs)
