"""Units of the branch: the list, and the page of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from sipas.access import Action
from sipas.instrument.model import OVERALL
from sipas.instrument.shelf import Shelf
from sipas.instrument.speech import in_language
from sipas.reports.scorecard import Estimate, Part, SectorCard, read_unit
from sipas.store.standings import Standing, count_by_counter, list_standings
from sipas.store.units import list_counters
from sipas.web import charts, guard
from sipas.web.choice import read_choice
from sipas.web.house import current_house
from sipas.web.language import current_language, gettext, in_words
from sipas.web.officials.counters import open_to_me
from sipas.web.officials.signin.checks import me
from sipas.web.pictures import drawer
from sipas.web.results import Words, picture_of

LEAST_SHOWN = 10  # decision 4
MEASURES = ("overall", "pooled", "all", "mean")


@dataclass(frozen=True, slots=True)
class Row:
    """A unit in the list, in one sector or family."""

    standing: Standing
    sector: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A counter and how many answers came from it; None below ten."""

    name: str
    n: int | None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of population of a public service: its overall share by its own questionnaire; None where nothing may be told."""

    name: str
    estimate: Estimate | None


def list_units() -> ResponseReturnValue:
    """Every unit of the branch that has results, by name, never by rank."""
    house = current_house()
    with house.store.read() as session:
        choice = read_choice(session, house)
        if choice is None or not choice.period:
            return render_template("officials/nothing_yet.html", choice=choice)
        standings = list_standings(session, choice.wave.code, choice.period, me().branch)
    return render_template("officials/units.html", rows=rows_of(standings, house.shelf), choice=choice, words=Words)


def unit(unit_id: int) -> ResponseReturnValue:
    """One unit: its sectors, factors, items and channels."""
    house = current_house()
    shown = guard.unit_in_scope(unit_id)
    with house.store.read() as session:
        choice = read_choice(session, house)
        if choice is None or not choice.period:
            return render_template("officials/nothing_yet.html", choice=choice)
        card = read_unit(session, house.shelf, wave=choice.wave.code, period=choice.period, unit=shown)
        places: tuple[Place, ...] = ()
        if open_to_me(session, shown):
            counts = count_by_counter(session, unit_id, choice.wave.code)
            places = tuple(Place(counter.name, shown_n(counts.get(counter.id, 0))) for counter in list_counters(session, unit_id))
    return render_template(
        "officials/unit.html",
        card=card,
        drawn=picture_of(tuple(one.line for one in card.cards), card.run_id),
        pictures=[item_pictures(one, house.shelf, card.run_id) for one in card.cards],
        kinds=[kinds_of(one, house.shelf) for one in card.cards],
        places=places,
        measures=MEASURES,
        choice=choice,
        words=Words,
    )


def kinds_of(card: SectorCard, shelf: Shelf) -> tuple[Kind, ...]:
    """The readings of a service whose frame counts several kinds of people, who are asked by different questionnaires.

    All or none of them: one alone would tell the others, when taken from the service's own figure, if they are fewer than ten.
    """
    sector, overall = shelf.sectors.get(card.line.sector), card.measures.get("overall") or card.measures_unweighted.get("overall")
    if sector is None or len(sector.kinds) < 2 or overall is None:
        return ()
    own = {shelf.instruments[item.instrument].kind: item.estimate for item in card.items if item.code == OVERALL}
    rest = overall.n - sum(estimate.n for estimate in own.values() if estimate)
    told = own if rest == 0 or rest >= LEAST_SHOWN else {}
    return tuple(Kind(kind_words(kind), told.get(kind)) for kind in sector.kinds)


def kind_words(kind: str) -> str:
    """What one answer stands for in the frame."""
    return {
        "dossier": gettext("Hồ sơ"),
        "visit": gettext("Lượt khám ngoại trú"),
        "discharge": gettext("Ca điều trị nội trú đã ra viện"),
        "pupil": gettext("Học sinh"),
    }[kind]


def rows_of(standings: Sequence[Standing], shelf: Shelf) -> tuple[Row, ...]:
    """One row for each unit and what people came for: procedures together, each public service by itself."""
    best: dict[tuple[int, str], Standing] = {}
    for standing in standings:
        is_family = standing.sector in shelf.families
        if is_family or (standing.sector in shelf.sectors and shelf.sectors[standing.sector].family == "services"):
            known = best.get((standing.unit_id, standing.sector))
            if known is None or (standing.weighted and standing.value is not None):
                best[standing.unit_id, standing.sector] = standing
    return tuple(Row(standing, sector_words(standing.sector, shelf), standing.n < LEAST_SHOWN) for standing in best.values())


def sector_words(code: str, shelf: Shelf) -> str:
    """A sector's or a family's name."""
    found = shelf.sectors.get(code) or shelf.families.get(code)
    return in_words(found.name) if found else code


def shown_n(n: int) -> int | None:
    """A count that may be told: ten and more, and nothing at all."""
    return n if n >= LEAST_SHOWN or n == 0 else None


def item_pictures(card: SectorCard, shelf: Shelf, run_id: int | None) -> tuple[tuple[str, charts.Picture], ...]:
    """The items of a card as stacked bars, one picture for each questionnaire."""
    drawn = []
    for code in dict.fromkeys(item.instrument for item in card.items):
        items = [item for item in card.items if item.instrument == code and sum(item.levels) > 0]
        if items:
            words = level_words(code, shelf)
            picture = charts.bars([bar_of(item) for item in items], language=current_language(), words=words, drawer=drawer(run_id))
            drawn.append((in_words(shelf.instruments[code].title) if code in shelf.instruments else code, picture))
    return tuple(drawn)


def bar_of(item: Part) -> charts.Bar:
    """An item as a bar, its satisfied share at the end."""
    share = Words.share(item.estimate).partition(" ")[0] if item.estimate else ""
    return charts.Bar(f"{item.code}. {in_words(item.name)}", item.levels, share)


def level_words(code: str, shelf: Shelf) -> tuple[str, ...]:
    """The five levels in the questionnaire's own words where all its items share them."""
    instrument = shelf.instruments.get(code)
    if instrument is not None and len(instrument.scales) == 1:
        return in_language(next(iter(instrument.scales.values())).levels, current_language())
    return (
        gettext("Mức 1 (thấp nhất)"),
        gettext("Mức 2"),
        gettext("Mức 3"),
        gettext("Mức 4"),
        gettext("Mức 5 (cao nhất)"),
    )


def add_pages(room: Blueprint) -> None:
    room.add_url_rule("/units", view_func=guard.require(Action.VIEW)(list_units))
    room.add_url_rule("/units/<int:unit_id>", view_func=guard.require(Action.VIEW)(unit))
