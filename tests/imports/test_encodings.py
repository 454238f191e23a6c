"""The encoding of a file is found by looking, and its text is one text whatever it was."""

from __future__ import annotations

import unicodedata

import pytest
from make_files import ENCODINGS, windows_1258

from sipas.imports.complaints import Complaint
from sipas.imports.encodings import Decoded, decode

SENTENCE = "Đơn vị;Ủy ban nhân dân xã Ấp Bắc, huyện Cự Khê; đã giải quyết 1.234 hồ sơ trễ hẹn\n"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_same_sentence_comes_out_of_every_encoding(encoding: str) -> None:
    assert decode(ENCODINGS[encoding](SENTENCE)) == Decoded(SENTENCE, encoding)


def test_letters_that_were_taken_apart_are_put_together() -> None:
    assert decode(unicodedata.normalize("NFD", SENTENCE).encode()) == Decoded(SENTENCE, "UTF-8")


def test_windows_1258_has_its_tones_apart_on_the_disk() -> None:
    assert windows_1258("ệ") == b"\xea\xf2"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"PK\x03\x04x", "is an Excel workbook or another zip file, not text"),
        (b"\xd0\xcf\x11\xe0x", "is an old Excel workbook, not text"),
        (b"%PDF-1.7", "is a PDF, not text"),
        (b"abc\x00\x01def", "holds control characters, so it is not text"),
        (b"abc\x8a\xff", "is neither UTF-8 nor UTF-16 nor windows-1258"),
        ("Đã giải".encode("utf-16")[:-1], "breaks off in the middle of a letter"),
        (SENTENCE.encode() + b"\xe1\xbb", "is UTF-8 with a broken byte"),
    ],
)
def test_what_is_no_text_is_named(content: bytes, fault: str) -> None:
    complaint = decode(content)
    assert isinstance(complaint, Complaint)
    assert complaint.fault == fault
