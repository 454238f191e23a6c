"""A sector's card on a unit's page: measures, factors, items, channels, and what the unit decided."""

from __future__ import annotations

from sipas.instrument.model import LENGTHS, Instrument
from sipas.reports.honesty import silence_of
from sipas.reports.indicators import MAIN, detail_blocks
from sipas.reports.lines import ChannelLine, Estimate, FactorWeight, Index, Part, SectorCard
from sipas.reports.lining import Place, read_line
from sipas.reports.pairs import channel_gap
from sipas.reports.released import Shown, estimate_of
from sipas.reports.sample import CHANNELS
from sipas.stats.verdict import HIDDEN
from sipas.store.facts import Fact

SHOWN = "headline"
VERIFIED = "V"  # the channel that every other is set beside


def read_card(place: Place, shown: Shown, sector: str) -> SectorCard:
    """Everything released of a sector in a unit."""
    line = read_line(place, shown, sector)
    received = bool(shown.by_sector.get((place.period, "receiving", sector)))
    side = "receiving" if received else "deciding"
    here = [fact for fact in shown.by_sector.get((place.period, side, sector), ()) if fact.channels == SHOWN]
    details = _best(here)
    return SectorCard(
        line=line,
        measures=_measures(place, shown, sector, weighted=True),
        measures_unweighted=_measures(place, shown, sector, weighted=False),
        factors=_factors(place, details),
        items=_items(place, details),
        channels=_channels(place, shown, sector),
        deciding=estimate_of(shown.best(place.period, "deciding", sector, "overall", SHOWN)),
        silence=silence_of(line),
        indices=_indices(place, details),
    )


def weights_of(place: Place, instrument: Instrument, length: str) -> tuple[FactorWeight, ...]:
    """What the factors of a form weigh in its index, as it is computed."""
    block = next(one for one in detail_blocks(place.shelf, [instrument.code]) if one.name == f"index:{instrument.code}:{length}")
    share = dict(zip(block.items, block.indicators[0].share, strict=True))
    items = {
        factor.code: tuple(item for item in block.items if instrument.get_item(item).factor == factor.code) for factor in instrument.factors
    }
    return tuple(
        FactorWeight(factor.code, factor.name, sum(share[item] for item in items[factor.code]), items[factor.code])
        for factor in instrument.factors
        if items[factor.code]
    )


def _measures(place: Place, shown: Shown, sector: str, *, weighted: bool) -> dict[str, Estimate | None]:
    return {one: estimate_of(shown.find((place.period, "receiving", sector, one, SHOWN, weighted))) for one in MAIN}


def _best(facts: list[Fact]) -> dict[str, Fact]:
    """Of each detail the weighted fact, the unweighted where there is no other."""
    best: dict[str, Fact] = {}
    for fact in facts:
        if ":" in fact.indicator and (fact.weighted or fact.indicator not in best):
            best[fact.indicator] = fact
    return best


def _factors(place: Place, details: dict[str, Fact]) -> tuple[Part, ...]:
    return tuple(
        Part(factor.code, factor.name, code, length, None, factor.side, estimate_of(fact), ())
        for code, instrument in place.shelf.instruments.items()
        for length in LENGTHS
        for factor in instrument.factors
        if (fact := details.get(f"factor:{code}:{length}:{factor.code}"))
    )


def _indices(place: Place, details: dict[str, Fact]) -> tuple[Index, ...]:
    return tuple(
        Index(code, instrument.title, length, told, weights_of(place, instrument, length))
        for code, instrument in place.shelf.instruments.items()
        for length in LENGTHS
        if (told := estimate_of(details.get(f"index:{code}:{length}")))
    )


def _items(place: Place, details: dict[str, Fact]) -> tuple[Part, ...]:
    return tuple(
        Part(item.code, item.text, code, "", item.factor, _side(instrument, item.factor), estimate_of(fact), _levels(fact))
        for code, instrument in place.shelf.instruments.items()
        for item in instrument.items
        if (fact := details.get(f"item:{code}:{item.code}"))
    )


def _side(instrument: Instrument, factor: str | None) -> str:
    """For whom an item counts; the overall item goes by the receiving unit."""
    return instrument.get_factor(factor).side if factor else "receiving"


def _levels(fact: Fact) -> tuple[int, ...]:
    return tuple(int(count) for count in fact.levels.split())


def _channels(place: Place, shown: Shown, sector: str) -> tuple[ChannelLine, ...]:
    found = {channel: shown.best(place.period, "receiving", sector, "overall", channel) for channel in CHANNELS}
    told = {channel: estimate_of(fact) for channel, fact in found.items()}
    return tuple(
        ChannelLine(
            channel,
            told[channel],
            hidden=fact.verdict == HIDDEN,
            gap=channel_gap(told[channel], told[VERIFIED]) if channel != VERIFIED else None,
        )
        for channel, fact in found.items()
        if fact is not None
    )
