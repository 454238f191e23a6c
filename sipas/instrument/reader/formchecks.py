"""What must hold between the parts of an instrument."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sipas.instrument.kinds import DECLINED
from sipas.instrument.model import OVERALL, Factor, Item
from sipas.instrument.reader.table import Table


def check(top: Table, asks: Sequence[str], factors: Sequence[Factor], items: Sequence[Item]) -> None:
    """Complain about everything that single keys cannot show."""
    _check_codes(top, factors, items)
    _check_overall(top, items)
    _check_factors(top, asks, factors, items)
    for item in items:
        _check_item(top, item, {factor.code for factor in factors})


def _check_codes(top: Table, factors: Sequence[Factor], items: Sequence[Item]) -> None:
    for what, codes in (("factor", [factor.code for factor in factors]), ("item", [item.code for item in items])):
        for code, count in Counter(codes).items():
            if code and count > 1:
                top.blame(f"the code stands {count} times", f"give every {what} a code of its own", at=f"{what} {code}")


def _check_overall(top: Table, items: Sequence[Item]) -> None:
    scale_items = [item for item in items if item.is_scale]
    overall = [item for item in scale_items if item.code == OVERALL]
    if not overall:
        top.blame("the overall item is missing", f'add it as the last item of the scale, with code = "{OVERALL}"', at=f"item {OVERALL}")
        return
    if scale_items[-1].code != OVERALL:
        top.blame("the overall item is not the last of the scale items", "move it behind them", at=f"item {OVERALL}")
    if overall[0].factor is not None or set(overall[0].lengths) != {"short", "full"}:
        top.blame(
            "the overall item stands apart and in every form", 'delete factor and write lengths = ["short", "full"]', at=f"item {OVERALL}"
        )


def _check_factors(top: Table, asks: Sequence[str], factors: Sequence[Factor], items: Sequence[Item]) -> None:
    for factor in factors:
        own = [item for item in items if item.factor == factor.code]
        short = [item.code for item in own if "short" in item.lengths]
        if len(short) != 1:
            fault = f"the short form holds {len(short)} of its items" + (f" ({', '.join(short)})" if short else "")
            top.blame(fault, 'give exactly one of its items lengths = ["short", "full"]', at=f"factor {factor.code}")
        if factor.needs_result and "stage" not in asks:
            top.blame("needs a result, but the stage is not asked", 'add "stage" to asks', at=f"factor {factor.code}")


def _check_item(top: Table, item: Item, factors: set[str]) -> None:
    at = f"item {item.code}"
    if not item.is_scale:
        if item.factor is not None or "short" in item.lengths:
            top.blame("a choice belongs to no factor and to the full form alone", "delete factor and lengths", at=at)
        if DECLINED not in item.options:
            top.blame("leaves no way out", f'add the option code = "{DECLINED}", vi = "Không muốn trả lời"', at=at)
        return
    if item.code != OVERALL and item.factor not in factors:
        top.blame(f"belongs to factor {item.factor!r}, which is not defined", f"choose from {', '.join(sorted(factors))}", at=at)
    if "full" not in item.lengths:
        top.blame("is missing from the full form", 'write lengths = ["short", "full"], or delete lengths', at=at)
