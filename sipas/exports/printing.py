"""What every printed paper needs: the address that it may carry, and Typst with our own fonts, tagged as PDF/UA-1."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import urlsplit

from sipas.terms import SipasError

FONTS = Path(__file__).resolve().parents[1] / "data" / "fonts"
TEMPLATES = Path(__file__).parent


class UnprintableError(SipasError):
    """A paper that would lead nobody anywhere, or somebody astray."""


class MissingLettersError(UnprintableError):
    """A text whose letters none of our fonts has."""


def typeset(template: str, content: Mapping[str, Any], form: Literal["pdf", "svg"] = "pdf") -> bytes:
    """A template filled with content, which is data and never markup; the same content gives the same bytes.

    A PDF is tagged and has passed Typst's own check of PDF/UA-1; an SVG is of one page.
    """
    import typst  # noqa: PLC0415 -- heavy, and only who prints needs it

    try:
        made: bytes = typst.compile(
            str(TEMPLATES / template),
            format=form,
            pdf_standards="ua-1" if form == "pdf" else None,
            font_paths=[str(FONTS)],
            ignore_system_fonts=True,
            sys_inputs={"content": json.dumps(content, ensure_ascii=False)},
        )
    except typst.TypstError as error:
        if lacking := re.search(r"the text (.+?) could not be displayed", str(error)):
            raise MissingLettersError(
                f"no font has the letters of {lacking[1]}: put a font that has them into {FONTS.name}/, or leave that text out"
            ) from error
        raise
    return made


def check_address(public_url: str, *, demo: bool) -> None:
    """Refuse an address that a phone cannot open safely, unless the paper says that it is a demonstration (decision 13)."""
    parts = urlsplit(public_url)
    if not parts.scheme or not parts.hostname:
        raise UnprintableError(f"SIPAS_PUBLIC_URL={public_url!r} is no address; set it to one such as https://danhgia.danang.gov.vn")
    if demo:
        return
    if is_loopback(parts.hostname):
        raise UnprintableError(
            f"SIPAS_PUBLIC_URL={public_url!r} is this machine itself, which no phone can open; "
            "set it to the public https address, or set SIPAS_DEMO=1 to print papers marked as a demonstration"
        )
    if parts.scheme != "https":
        raise UnprintableError(
            f"SIPAS_PUBLIC_URL={public_url!r} is not encrypted; "
            "set it to the public https address, or set SIPAS_DEMO=1 to print papers marked as a demonstration"
        )


def words_in(language: str, sentences: Mapping[str, str], say: Callable[[str], str]) -> Mapping[str, str]:
    """A paper's sentences in a language other than Vietnamese.

    ``say`` is the language's catalogue. UnprintableError names what the catalogue lacks: nothing is invented.
    """
    words = {name: say(sentence) for name, sentence in sentences.items()}
    if missing := [sentence for name, sentence in sentences.items() if words[name] == sentence]:
        raise UnprintableError(
            f"the language {language!r} lacks {len(missing)} of the {len(sentences)} sentences of this paper, such as {missing[0]!r}; "
            f"add them to translations/{language}/LC_MESSAGES, or choose another language"
        )
    return MappingProxyType(words)


def is_loopback(host: str) -> bool:
    """Whether a host name can only mean the machine on which it is typed."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def in_capitals(public_url: str, door: str, code: str) -> str:
    """``HTTPS://HOST/K/CODE``: capitals need fewer and larger squares, and open the same page. A path in between keeps its case."""
    parts = urlsplit(public_url)
    return f"{parts.scheme}://{parts.netloc}".upper() + f"{parts.path.rstrip('/')}/{door.upper()}/{code}"


def as_typed(public_url: str, door: str) -> str:
    """The beginning of the same address for who types it: in lower case, and without the scheme that browsers add."""
    parts = urlsplit(public_url)
    scheme = "" if parts.scheme == "https" else f"{parts.scheme}://"
    return f"{scheme}{parts.netloc}{parts.path.rstrip('/')}/{door.lower()}/"
