"""The public page: what the answers say, for everyone; and how it was found out. No script, no cookie, no sign-in."""

from __future__ import annotations

from itertools import groupby

from flask import Blueprint, Flask, render_template
from flask.typing import ResponseReturnValue

from sipas.reports.scorecard import read_front
from sipas.store.standings import find_top
from sipas.web import progress
from sipas.web.choice import read_choice
from sipas.web.house import current_house
from sipas.web.results import Words, picture_of


def register(app: Flask) -> None:
    """The public page, its method page and the page of limits."""
    public = Blueprint("public", __name__)
    public.add_url_rule("/", view_func=results)
    public.add_url_rule("/phuong-phap", view_func=method)
    public.add_url_rule("/gioi-han", view_func=limits)
    app.register_blueprint(public)


def results() -> ResponseReturnValue:
    """The province's results by indicator and sector."""
    house = current_house()
    with house.store.read() as session:
        choice = read_choice(session, house)
        top = find_top(session, choice.wave.code) if choice is not None and choice.period else None
        if choice is None or top is None:
            return render_template("public/nothing_yet.html", choice=choice, loading=progress.current())
        front = read_front(session, house.shelf, wave=choice.wave.code, period=choice.period, root=top)
    groups = [(indicator, tuple(lines)) for indicator, lines in groupby(front.lines, key=lambda line: line.indicator)]
    return render_template(
        "public/results.html",
        front=front,
        groups=groups,
        choice=choice,
        drawn=picture_of(front.lines, front.run_id),
        words=Words,
        loading=progress.current(),
    )


def method() -> ResponseReturnValue:
    """How it was asked, counted and judged, on one page."""
    return render_template("public/method.html")


def limits() -> ResponseReturnValue:
    """What the system cannot stop, for everyone to read."""
    return render_template("public/limits.html")
