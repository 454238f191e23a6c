"""A plan for one survey: how many answers it needs as a whole, what each stratum would need alone, and how they are spread."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sipas.stats.allocation import FLOOR, Allocation, Ints, allocate, planned_margin, spread_of
from sipas.stats.intervals import ALPHA, Floats
from sipas.stats.planning import (
    MARGIN,
    NOBODY,
    NOT_BY_ASKING,
    ONLY_EVERYONE,
    POPULATION_TOO_SMALL,
    Size,
    answers_for_margin,
    answers_to_show,
    yamane,
)
from sipas.stats.power import POWER, BadPlanError, rounded_up

# what a plan's reader must know
NOT_REACHABLE = "not_reachable"  # more invitations than people
NO_FINITE_POPULATION = "no_finite_population"  # the verdict will not use the population's size
FEW_RARE = "few_rare"  # fewer than 5 of the rarer answer are expected: the margin's formula is too hopeful
LEAST_RARE = 5


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted, and how the answers are gathered.

    Attributes
    ----------
    margin : float or None
        Half the interval, 0-1.
    target : float or None
        The share that is to be shown, 0-1.
    deff, response_rate, power, alpha : float
        Design effect, answers ÷ invitations, chance of showing the target, 1 − confidence.
    floor : int
        Least answers of a stratum.
    """

    margin: float | None = None
    target: float | None = None
    deff: float = 1.0
    response_rate: float = 1.0
    power: float = POWER
    alpha: float = ALPHA
    floor: int = FLOOR


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes for one population.

    Attributes
    ----------
    population, expected : float
        Dossiers (infinite where not known), share expected.
    for_margin, to_show : Size or None
        None where no margin, or no target, was wished for.
    yamane : int or None
        The official short form of the same margin.
    answers : int or None
        The greater of the two; None where no number is enough.
    notes : tuple of str
        ``not_reachable``, ``no_finite_population``, ``few_rare``, ``only_everyone``, ``not_by_asking``, ``nobody``, ``population_too_small``.
    """

    population: float
    expected: float
    for_margin: Size | None
    to_show: Size | None
    yamane: int | None
    answers: int | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StrataPlan:
    """Sizes for a population of strata.

    Attributes
    ----------
    whole : Plan
        All strata as one population, with the mean of their expected shares.
    alone : tuple of Plan
        Each stratum, were it to be judged for itself.
    proportional, neyman : Allocation
        ``whole.answers`` spread over the strata; more where floors in small strata would cost the whole its margin.
    proportional_margin, neyman_margin : float
        What the spread promises for the strata that get an answer, 0-1.
    invitations : (H,) int
        For the proportional spread.
    """

    whole: Plan
    alone: tuple[Plan, ...]
    proportional: Allocation
    neyman: Allocation
    proportional_margin: float
    neyman_margin: float
    invitations: Ints


def plan_survey(population: float, expected: float, wish: Wish) -> Plan:
    """Answers and invitations for one population.

    Parameters
    ----------
    population : float
        Dossiers; infinite where not known.
    expected : float
        Share expected, 0-1.
    wish : Wish
        A margin, a target, or both.

    Returns
    -------
    Plan

    Raises
    ------
    BadPlanError
        Neither margin nor target, or a number outside its range.

    References
    ----------
    Statistics page section 7.
    """
    if wish.margin is None and wish.target is None:
        raise BadPlanError("say what is wanted: a margin of error (0.03), a target to be shown (0.9), or both")
    for_margin = to_show = short_form = None
    if wish.margin is not None:
        options = {"deff": wish.deff, "response_rate": wish.response_rate, "alpha": wish.alpha}
        for_margin, short_form = answers_for_margin(population, expected, wish.margin, **options), yamane(population, wish.margin)
    if wish.target is not None:
        options = {"power": wish.power, "deff": wish.deff, "response_rate": wish.response_rate, "alpha": wish.alpha}
        to_show = answers_to_show(population, expected, wish.target, **options)
    sizes = [size for size in (for_margin, to_show) if size is not None]
    known = [size.answers for size in sizes if size.answers is not None]
    answers = max(known) if len(known) == len(sizes) else None
    return Plan(population, expected, for_margin, to_show, short_form, answers, _notes(expected, for_margin, to_show))


def plan_strata(population: Ints, expected: Floats, wish: Wish) -> StrataPlan:
    """The same for strata whose populations are known.

    Parameters
    ----------
    population : (H,) int
        Dossiers of each stratum; at least one stratum.
    expected : (H,) float
        Shares expected, 0-1.
    wish : Wish
        A margin, a target, or both; ``floor`` is kept in every stratum.

    Returns
    -------
    StrataPlan

    Raises
    ------
    BadPlanError
        No stratum, neither margin nor target, or a number outside its range; it says in which stratum.

    References
    ----------
    Cochran (1977), ch. 5; statistics page section 7.
    """
    count, p = np.asarray(population, np.int64), np.asarray(expected, np.float64)
    if not count.size or count.shape != p.shape:
        raise BadPlanError(f"strata have a population and an expected share each, not {count.shape} and {p.shape}")
    alone = []
    for place, (people, share) in enumerate(zip(count.tolist(), p.tolist(), strict=True), 1):
        try:
            alone.append(plan_survey(people, share, wish))
        except BadPlanError as fault:
            raise BadPlanError(f"stratum {place}: {fault}") from None
    people = int(count.sum())
    whole = plan_survey(people, math.fsum(count * p) / people if people else float(p[0]), wish)
    total = _keeping(count, p, wish, people if whole.answers is None else whole.answers)
    even = allocate(count, total, floor=wish.floor)
    neyman = allocate(count, total, spread=spread_of(p), floor=wish.floor)
    promised = [_promised(spread, count, p, wish) for spread in (even, neyman)]
    invited = np.array([rounded_up(size / wish.response_rate) for size in even.sizes.tolist()], np.int64)
    return StrataPlan(whole, tuple(alone), even, neyman, promised[0], promised[1], invited)


def _promised(spread: Allocation, count: Ints, p: Floats, wish: Wish) -> float:
    """The margin over the strata that get an answer: under a floor of 0 some may get none, and count as not covered."""
    return planned_margin(spread.sizes, np.where(spread.sizes > 0, count, 0), p, deff=wish.deff, alpha=wish.alpha)


def _keeping(count: Ints, p: Floats, wish: Wish, total: int) -> int:
    """The total from which the proportional spread keeps the margin wished for, floors and all."""
    low, high = total - 1, int(count.sum())
    if wish.margin is None or _promised(allocate(count, total, floor=wish.floor), count, p, wish) <= wish.margin:
        return total
    while high - low > 1:
        middle = (low + high) // 2
        kept = _promised(allocate(count, middle, floor=wish.floor), count, p, wish) <= wish.margin
        low, high = (low, middle) if kept else (middle, high)
    return high


def _notes(expected: float, for_margin: Size | None, to_show: Size | None) -> tuple[str, ...]:
    said = [size.basis for size in (for_margin, to_show) if size is not None]
    sizes = [size for size in (for_margin, to_show) if size is not None and size.answers is not None]
    notes = [basis for basis in (NOBODY, ONLY_EVERYONE, NOT_BY_ASKING, POPULATION_TOO_SMALL) if basis in said]
    if any(not size.reachable for size in sizes):
        notes.append(NOT_REACHABLE)
    if to_show is not None and to_show.answers != to_show.with_population:
        notes.append(NO_FINITE_POPULATION)
    rarer = min(expected, 1 - expected)
    if for_margin is not None and for_margin.basis == MARGIN and (for_margin.answers or 0) * rarer < LEAST_RARE:
        notes.append(FEW_RARE)
    return tuple(notes)
