"""The canonical text follows RFC 8785 as far as questionnaires need it."""

from __future__ import annotations

import pytest

from sipas.instrument.canonical import canonical, fingerprint


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [True, False, None]}, '{"a":[true,false,null],"b":1}'),
        ({"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "\u00f6": 7}, None),
        ('Ông/Bà "x" \\ \n \x0f \u2028 </script>', '"Ông/Bà \\"x\\" \\\\ \\n \\u000f \u2028 </script>"'),
        ((), "[]"),
        (-0, "0"),
        (2**53 - 1, "9007199254740991"),
    ],
)
def test_value_has_one_text(value: object, text: str | None) -> None:
    if text is None:  # the sorting example of RFC 8785, section 3.2.3
        assert [part.partition(":")[2] for part in canonical(value)[1:-1].split(",")] == ["2", "4", "6", "7", "1", "5", "3"]
    else:
        assert canonical(value) == text


@pytest.mark.parametrize("value", [0.5, 2**53, {1, 2}, b"x", object()])
def test_what_has_no_single_text_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical(value)


def test_fingerprint_is_sha256_of_the_text() -> None:
    assert fingerprint({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
