"""The weights of items in a composite: exact fractions that add up to 1, so that a perfect sheet scores exactly the top of its scale.

Nine items of weight 1/9 are not nine items of weight 0.11: those add up to 0.99, and a perfect sheet would score 99.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sipas.stats.intervals import Floats

SLACK = Fraction(1, 10**9)  # decimals may miss 1 by this much, and are then scaled to it
SIMPLE = 10_000  # a decimal is taken for the fraction below this denominator that is the same number to the last bit
LOOKS_LIKE = 60  # largest denominator proposed in a complaint
PLAIN = 20  # a decimal with this denominator or less, such as 0.05 or 0.25, means itself

Given = str | int | float | Fraction


class BadWeightsError(ValueError):
    """Weights of items that are no weights, or do not add up to 1; the message says which fraction they look like."""


@dataclass(frozen=True, slots=True)
class ItemWeights:
    """Weights a_k of K items: positive, adding up to exactly 1.

    Attributes
    ----------
    fractions : tuple of Fraction
        One for each item.
    """

    fractions: tuple[Fraction, ...]

    @property
    def floats(self) -> Floats:
        """(K,) float, each the nearest double."""
        return np.array([float(part) for part in self.fractions])


def item_weights(given: Sequence[Given] | Floats) -> ItemWeights:
    """Exact weights from fractions in text, decimals or numbers.

    Parameters
    ----------
    given : sequence of str, int, float or Fraction
        "1/9", "0.25", 0.25, 1/9 as a double: a double is taken for the simple fraction that is the same number to its last bit.

    Returns
    -------
    ItemWeights
        As given where they add up to 1; scaled exactly where decimals miss 1 by at most 1e-9.

    Raises
    ------
    BadWeightsError
        None given, not a positive number, or a sum that misses 1 by more than 1e-9.

    References
    ----------
    Own. Permenpan-RB 14/2017 prints the weight of its nine items as 0.11 and means 1/9.
    """
    parts = [_exact(value, place) for place, value in enumerate(given, 1)]
    if not parts:
        raise BadWeightsError("no weight given: give one for each item")
    total = sum(parts, Fraction(0))
    if abs(total - 1) > SLACK:
        raise BadWeightsError(f"weights add up to {float(total):.12g}, not to 1: {_cure(parts, total)}")
    return ItemWeights(tuple(part / total for part in parts))


def equal_weights(count: int) -> ItemWeights:
    """1/K for each of K items.

    Parameters
    ----------
    count : int
        Items, at least 1.

    Returns
    -------
    ItemWeights

    Raises
    ------
    BadWeightsError
        No item.

    References
    ----------
    Own.
    """
    return item_weights([Fraction(1, count)] * count if count > 0 else [])


def factor_weights(factors: Sequence[Given] | Floats, items: Sequence[int]) -> ItemWeights:
    """Weights of items from weights of factors: each factor's weight in equal parts.

    Parameters
    ----------
    factors : sequence of str, int, float or Fraction
        One weight for each factor, adding up to 1.
    items : sequence of int
        Items of each factor, at least 1; the items follow one another factor by factor.

    Returns
    -------
    ItemWeights

    Raises
    ------
    BadWeightsError
        As for ``item_weights``; or the lists differ in length; or a factor has no item.

    References
    ----------
    Statistics page section 6: a = factor weight ÷ items in the factor.
    """
    whole = item_weights(factors).fractions
    if len(whole) != len(items):
        raise BadWeightsError(f"{len(whole)} factor weights for {len(items)} factors; give one weight for each factor")
    empty = [place for place, count in enumerate(items, 1) if count < 1]
    if empty:
        raise BadWeightsError(f"factor {empty[0]} has no item; leave it out and give its weight to the others")
    return ItemWeights(tuple(part / count for part, count in zip(whole, items, strict=True) for _ in range(count)))


def _exact(value: Given, place: int) -> Fraction:
    try:
        part = _fraction(value)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        raise BadWeightsError(f'weight {place} is {value!r}: write a number above 0, such as "1/9" or 0.25') from None
    if part <= 0:
        raise BadWeightsError(f"weight {place} is {value!r}: weights are above 0; leave an item that does not count out of the composite")
    return part


def _fraction(value: Given) -> Fraction:
    if isinstance(value, bool | np.bool_):
        raise TypeError
    if isinstance(value, str | Fraction | int | np.integer):
        return Fraction(value) if isinstance(value, str | Fraction) else Fraction(int(value))
    number = float(value)
    simple = Fraction(number).limit_denominator(SIMPLE)
    return simple if float(simple) == number else Fraction(repr(number))


def _cure(parts: Sequence[Fraction], total: Fraction) -> str:
    if total > 1 and all(part.denominator == 1 for part in parts):
        return f'write each as a fraction of {total}, "{parts[0]}/{total}"'
    distinct = list(dict.fromkeys(parts))
    seen = [(part, _looks_like(part, len(parts) if len(distinct) == 1 else 0)) for part in distinct]
    found = [f"{float(part):.12g} looks like {fraction}" for part, fraction in seen if fraction is not None]
    if not found:
        return "give weights that do, as fractions in text where decimals cannot say them"
    first = next(fraction for _, fraction in seen if fraction is not None)
    return f'{", ".join(found)}; write fractions as text, "{first}"'


def _looks_like(part: Fraction, count: int) -> Fraction | None:
    """The simplest fraction that is printed as this decimal, rounded or cut off; None where the decimal is as simple itself."""
    digits = next((d for d in range(1, 18) if (part * 10**d).denominator == 1), None)
    if digits is None:
        return None
    unit = Fraction(1, 10**digits)
    if count and abs(Fraction(1, count) - part) < unit:
        return Fraction(1, count)
    for below in range(1, min(part.denominator, LOOKS_LIKE + 1) if part.denominator > PLAIN else 1):
        for near in (Fraction(round(part * below), below), Fraction(round((part + unit / 2) * below), below)):
            if near > 0 and -unit / 2 < near - part < unit:
                return near
    return None
