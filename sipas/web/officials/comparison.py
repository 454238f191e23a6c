"""Groups instead of ranks: who is surely above or below the mean of the branch, and who cannot be told apart from it."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from sipas.access import Action
from sipas.reports.comparison import Comparison, Stand, read_comparison
from sipas.reports.indicators import MAIN
from sipas.store.units import get_unit
from sipas.web import charts, guard
from sipas.web.choice import read_choice
from sipas.web.filters import digits_for, number, percent
from sipas.web.house import current_house
from sipas.web.language import current_language, gettext, in_words
from sipas.web.officials.signin.checks import me
from sipas.web.pictures import drawer
from sipas.web.results import Words, measure_words, signed

MOST_DRAWN = 60  # units: a longer picture is read no better than its table
SIGNS = {"above": "met", "inseparable": "undecided", "below": "not_met"}  # the shapes of verdicts: up, open diamond, down


def comparison() -> ResponseReturnValue:
    """One table: an indicator in a sector and a period, units by group and name."""
    house = current_house()
    sector, statistic = request.args.get("sector", ""), request.args.get("statistic", "overall")
    with house.store.read() as session:
        choice = read_choice(session, house)
        if choice is None or not choice.period:
            return render_template("officials/nothing_yet.html", choice=choice)
        root, wave, period = get_unit(session, me().unit_id), choice.wave.code, choice.period
        table = read_comparison(session, house.shelf, wave=wave, period=period, root=root, sector=sector, statistic=statistic)
        if table is None and statistic in MAIN and sector in {*house.shelf.sectors, *house.shelf.families}:
            table = read_comparison(session, house.shelf, wave=wave, period=period, root=root, statistic=statistic)  # not in this period
        if table is None:
            abort(404)
    return render_template(
        "officials/comparison.html",
        table=table,
        choice=choice,
        drawn=picture_of(table),
        signs=SIGNS,
        more=fields(table),
        words=Words,
        say=Say,
    )


def fields(table: Comparison) -> list[tuple[str, str, list[tuple[str, str]], str]]:
    """What is chosen beside the period: name, label, options, and the one in force."""
    sectors = [(code, in_words(name)) for code, name in table.sectors]
    measures = [(code, measure_words(code)) for code in MAIN]
    return [
        ("sector", gettext("Lĩnh vực"), sectors, table.sector),
        ("statistic", gettext("Thước đo"), measures, table.statistic),
    ]


def picture_of(table: Comparison) -> charts.Picture | None:
    """The units as dots and whiskers with the mean as their tick; none for a mean of 1-5, or too many units."""
    if table.mean is None or table.statistic == "mean" or not 0 < table.compared <= MOST_DRAWN:
        return None
    dots = [
        charts.Dot(stand.unit.name, stand.estimate.value, stand.estimate.low, stand.estimate.high, table.mean.value, SIGNS[word])
        for word, stands in table.groups.items()
        for stand in stands
    ]
    return charts.dots(dots, language=current_language(), target_word=gettext("trung bình"), drawer=drawer(table.run_id))


class Say:
    """The words of this page."""

    @staticmethod
    def group(word: str) -> str:
        """A group's name."""
        return {
            "above": gettext("Chắc chắn cao hơn trung bình"),
            "inseparable": gettext("Chưa thể phân biệt với trung bình"),
            "below": gettext("Chắc chắn thấp hơn trung bình"),
        }[word]

    @staticmethod
    def share(table: Comparison, stand: Stand) -> str:
        """A unit's own figure with its interval."""
        return Words.mean(stand.estimate) if table.statistic == "mean" else Words.share(stand.estimate)

    @staticmethod
    def mean(table: Comparison) -> str:
        """The mean with its interval."""
        return Words.mean(table.mean) if table.statistic == "mean" else Words.share(table.mean)

    @staticmethod
    def apart(table: Comparison, stand: Stand) -> str:
        """“+3,1 (0,4 đến 5,8)”, in percentage points; of a mean in points of its scale."""
        digits = 2 if table.statistic == "mean" else digits_for(stand.estimate.n)
        low, high = number(stand.low, digits), number(stand.high, digits)
        return gettext("%(apart)s (%(low)s đến %(high)s)", apart=signed(stand.points, digits), low=low, high=high)

    percent = staticmethod(percent)


def add_pages(room: Blueprint) -> None:
    room.add_url_rule("/comparison", view_func=guard.require(Action.VIEW)(comparison))
