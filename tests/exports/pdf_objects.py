"""A reader of PDF files, small and independent of what made them: objects, object streams, content streams."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

TOKEN = re.compile(
    rb"\s*(?:(?P<comment>%[^\r\n]*)|(?P<open><<|\[)|(?P<close>>>|\])|(?P<hex><[0-9A-Fa-f\s]*>)|/(?P<name>[^\s()<>\[\]{}/%]*)"
    rb"|(?P<number>[+-]?(?:\d+\.?\d*|\.\d+))|(?P<text>\()|(?P<word>[A-Za-z'\"*]+[01]?\*?))"
)


@dataclass(frozen=True)
class Ref:
    number: int


@dataclass(frozen=True)
class Name:
    text: str


@dataclass(frozen=True)
class Word:
    """An operator, or true, false, null, R."""

    text: str


def tokens(content: bytes, place: int = 0) -> Iterator[tuple[Any, int]]:
    """Values and operators in their order, with the place after each."""
    while found := TOKEN.match(content, place):
        place = found.end()
        kind = found.lastgroup
        if kind == "comment":
            continue
        raw = found[kind]
        if kind == "text":
            value, place = literal(content, place)
            yield value, place
        elif kind in {"open", "close"}:
            yield Word(raw.decode()), place
        elif kind == "hex":
            digits = re.sub(rb"\s", b"", raw[1:-1]).decode()
            yield bytes.fromhex(digits + "0" * (len(digits) % 2)), place
        elif kind == "name":
            yield Name(re.sub(r"#([0-9A-Fa-f]{2})", lambda code: chr(int(code[1], 16)), raw.decode("latin-1"))), place
        else:
            yield (float(raw) if b"." in raw else int(raw)) if kind == "number" else Word(raw.decode()), place


def literal(content: bytes, place: int) -> tuple[bytes, int]:
    """A string in parentheses."""
    depth, made = 1, bytearray()
    escapes = {ord("n"): 10, ord("r"): 13, ord("t"): 9, ord("b"): 8, ord("f"): 12}
    while depth:
        letter = content[place]
        place += 1
        if letter == 0x5C:
            octal = re.match(rb"[0-7]{1,3}", content[place : place + 3])
            if octal:
                made.append(int(octal[0], 8) & 255)
                place += octal.end()
            else:
                made.append(escapes.get(content[place], content[place]))
                place += 1
            continue
        depth += (letter == 0x28) - (letter == 0x29)
        if depth:
            made.append(letter)
    return bytes(made), place


def value_of(stream: Iterator[tuple[Any, int]]) -> tuple[Any, int]:
    """The next value, with everything inside it."""
    token, place = next(stream)
    return _value(token, place, stream)


def _value(token: Any, place: int, stream: Iterator[tuple[Any, int]]) -> tuple[Any, int]:
    if not isinstance(token, Word) or token.text not in {"<<", "["}:
        plain = {"true": True, "false": False, "null": None}
        return (plain.get(token.text, token) if isinstance(token, Word) else token), place
    items: list[Any] = []
    for inner, after in stream:
        if isinstance(inner, Word) and inner.text in {">>", "]"}:
            place = after
            break
        if isinstance(inner, Word) and inner.text == "R":
            items[-2:] = [Ref(items[-2])]
        else:
            items.append(_value(inner, after, stream)[0])
    if token.text == "[":
        return items, place
    return {key.text: item for key, item in zip(items[::2], items[1::2], strict=True)}, place


class Pdf:
    """A file without encryption, its objects by number."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.objects: dict[int, Any] = {}
        self.streams: dict[int, bytes] = {}
        for found in re.finditer(rb"(?:^|[\r\n])(\d+) 0 obj\b", content):
            number = int(found[1])
            value, after = value_of(tokens(content, found.end()))
            self.objects[number] = value
            if start := re.compile(rb"\s*stream\r?\n").match(content, after):
                raw = content[start.end() : start.end() + self.at(value["Length"])]
                self.streams[number] = zlib.decompress(raw) if value.get("Filter") in (Name("FlateDecode"), [Name("FlateDecode")]) else raw
        for number in [n for n, value in self.objects.items() if isinstance(value, dict) and value.get("Type") == Name("ObjStm")]:
            self._unpack(number)
        roots = [value["Root"] for value in self.objects.values() if isinstance(value, dict) and isinstance(value.get("Root"), Ref)]
        roots += [value_of(tokens(content, found.end()))[0]["Root"] for found in re.finditer(rb"\btrailer\b", content)]
        self.catalogue = self.at(roots[-1])

    def _unpack(self, number: int) -> None:
        value, stream = self.objects[number], self.streams[number]
        heads = [token for token, _ in tokens(stream[: value["First"]])]
        for inner, offset in zip(heads[::2], heads[1::2], strict=True):
            self.objects[inner] = value_of(tokens(stream, value["First"] + offset))[0]

    def at(self, value: Any) -> Any:
        """What a reference points to; anything else is itself."""
        while isinstance(value, Ref):
            value = self.objects[value.number]
        return value

    def pages(self) -> Iterator[dict[str, Any]]:
        yield from self._pages(self.at(self.catalogue["Pages"]))

    def _pages(self, node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if node["Type"] == Name("Page"):
            yield node
            return
        for kid in node["Kids"]:
            yield from self._pages(self.at(kid))

    def stream(self, value: Any) -> bytes:
        """The bytes of a stream, or of several after one another."""
        parts = value if isinstance(value, list) else [value]
        return b"\n".join(self.streams[part.number] for part in parts)
