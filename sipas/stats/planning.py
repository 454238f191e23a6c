"""How many answers are needed, for a margin of error and to show a target, and how many people to ask."""

from __future__ import annotations

import math
from dataclasses import dataclass

import scipy  # its parts are loaded at their first use

from sipas.stats.intervals import ALPHA, FEW
from sipas.stats.power import POWER, BadPlanError, effective_to_show, rounded_up
from sipas.stats.verdict import LEAST_FOR_VERDICT, MET, MOST_MORE, NOT_MET

TRUSTED_RESPONSE = 0.60  # below it a verdict uses no finite-population factor (statistics page, section 1)

# what a size rests on
MARGIN = "margin"  # the formula of section 7
UNANIMOUS = "unanimous"  # everybody is expected to agree: Clopper-Pearson of a unanimous sample
NOBODY = "nobody"  # the population is empty
ALWAYS = "always"  # a target of 0 is met by any answers
ONLY_EVERYONE = "only_everyone"  # only a full count can show it
NOT_BY_ASKING = "not_by_asking"  # it would take more than a million answers
POPULATION_TOO_SMALL = "population_too_small"  # fewer than 30: no verdict is ever given


@dataclass(frozen=True, slots=True)
class Size:
    """How many answers are needed, and how many people must be asked for them.

    Attributes
    ----------
    answers : int or None
        What is to be planned for; None where no number of answers is enough.
    with_population, without_population : int or None
        After and before the finite-population correction. A margin takes the first. A verdict takes it only where the verdict
        itself will: response of 60 % or more, and at least 20 of the rarer answer expected.
    invitations : int or None
        ``answers`` ÷ the response rate, rounded up.
    reachable : bool
        Whether there are so many people to invite, and so many to answer.
    basis : str
        ``margin``, ``unanimous``, ``met``, ``not_met``, ``always``, ``only_everyone``, ``not_by_asking``, ``nobody``,
        ``population_too_small``.
    """

    answers: int | None
    with_population: int | None
    without_population: int | None
    invitations: int | None
    reachable: bool
    basis: str


def answers_for_margin(
    population: float, expected: float, margin: float, *, deff: float = 1.0, response_rate: float = 1.0, alpha: float = ALPHA
) -> Size:
    """Answers after which the share's interval reaches ``margin`` to either side.

    Parameters
    ----------
    population : float
        Dossiers; infinite where it is not known.
    expected : float
        The share expected, 0-1; 0.5 is the most cautious. At 0 or 1 the formula would say 0: then the size from which the
        Clopper-Pearson interval of a unanimous sample is no longer than ``margin``.
    margin : float
        Half the interval, above 0 and below 1.
    deff : float
        Design effect, above 0.
    response_rate : float
        Answers ÷ invitations, above 0 and at most 1.
    alpha : float
        1 − confidence.

    Returns
    -------
    Size

    Raises
    ------
    BadPlanError
        A number is outside its range.

    References
    ----------
    Cochran (1977), Sampling Techniques, ch. 4; the rule for unanimity is our own (statistics page section 7).
    """
    _check(population, expected, deff, response_rate, alpha)
    if not 0 < margin < 1:
        raise BadPlanError(f"a margin lies between 0 and 1 (0.03 is three percentage points), not {margin}")
    if population == 0:
        return Size(0, 0, 0, 0, reachable=True, basis=NOBODY)
    if 0 < expected < 1:
        z = float(scipy.special.ndtri(1 - alpha / 2))
        return _sized(z * z * expected * (1 - expected) * deff / margin**2, population, response_rate, basis=MARGIN)
    return _sized(math.log(alpha / 2) / math.log1p(-margin) * deff, population, response_rate, basis=UNANIMOUS)


def yamane(population: float, margin: float) -> int:
    """The official short form N/(1 + N e²), rounded up: p = 0.5, z = 2, no design effect. It says nothing about showing a target.

    Parameters
    ----------
    population : float
        Dossiers; infinite where it is not known.
    margin : float
        e, above 0 and below 1.

    Returns
    -------
    int

    Raises
    ------
    BadPlanError
        A number is outside its range.

    References
    ----------
    Yamane (1967), Statistics: An Introductory Analysis, 2nd ed., 886; also called Slovin's formula.
    """
    if not 0 < margin < 1 or not population >= 0:
        raise BadPlanError(f"a margin lies between 0 and 1 and a population is not negative, not {margin} and {population}")
    return 0 if population == 0 else rounded_up(1 / (1 / population + margin**2))


def answers_to_show(
    population: float,
    expected: float,
    target: float,
    *,
    power: float = POWER,
    deff: float = 1.0,
    response_rate: float = 1.0,
    alpha: float = ALPHA,
) -> Size:
    """Answers that show with ``power`` that the share reaches the target (or, expected below it, that it does not).

    Parameters
    ----------
    population : float
        Dossiers; infinite where it is not known.
    expected, target : float
        0-1.
    power, deff, response_rate, alpha : float
        As elsewhere on this page.

    Returns
    -------
    Size
        At least 30 answers: under that no verdict is given.

    Raises
    ------
    BadPlanError
        A number is outside its range.

    References
    ----------
    Statistics page section 7: effective number × design effect, then the finite population, where section 1 and KG20 allow it.
    """
    _check(population, expected, deff, response_rate, alpha)
    if not 0 <= target <= 1:
        raise BadPlanError(f"a target lies between 0 and 1 (0.9 is 90 %), not {target}")
    effective = effective_to_show(expected, target, power=power, alpha=alpha)
    if population == 0:
        return Size(0, 0, 0, 0, reachable=True, basis=NOBODY)
    if effective is None:
        everyone = None if math.isinf(population) else rounded_up(population)
        asked = None if everyone is None else rounded_up(everyone / response_rate)
        basis = ONLY_EVERYONE if expected == target else NOT_BY_ASKING
        return Size(everyone, everyone, None, asked, reachable=everyone is not None and response_rate == 1, basis=basis)
    basis = ALWAYS if target == 0 else MET if expected > target else NOT_MET
    if population < LEAST_FOR_VERDICT:
        basis = POPULATION_TOO_SMALL
    return _sized(effective * deff, population, response_rate, basis=basis, rarer=min(expected, 1 - expected))


def settling_number(share: float, target: float, *, alpha: float = ALPHA) -> float | None:
    """The effective number at which a share that stays what it is clears the target: no luck allowed for, so about even odds.

    This is the question of :func:`sipas.stats.verdict.more_for_share`; the planner's own number is larger, because it allows
    for the share's turning out lower.

    Parameters
    ----------
    share, target : float
        0-1.
    alpha : float
        1 − confidence.

    Returns
    -------
    float or None
        Not rounded; None where nothing under a million settles it.

    References
    ----------
    Statistics page sections 4 and 7: the Beta tail dual to KG20's limit.
    """
    if share < target:
        share, target = 1 - share, 1 - target
    if share == target or target >= 1:
        return None

    def excess(number: float) -> float:
        return float(scipy.special.betainc(number * share, number * (1 - share) + 1, target)) - alpha / 2

    if target == 0 or excess(1e-6) <= 0:
        return 0.0
    if excess(MOST_MORE) > 0:
        return None
    return float(scipy.optimize.brentq(excess, 1e-6, MOST_MORE, xtol=1e-12, rtol=1e-14, maxiter=500))


def _check(population: float, expected: float, deff: float, response_rate: float, alpha: float) -> None:
    for name, value, fits, says in (
        ("population", population, population >= 0, "is a number of dossiers, 0 or more"),
        ("expected", expected, 0 <= expected <= 1, "is a share from 0 to 1 (0.93 is 93 %)"),
        ("deff", deff, 0 < deff < math.inf, "is a design effect above 0 (1 is simple random sampling)"),
        ("response rate", response_rate, 0 < response_rate <= 1, "lies above 0 and at most at 1 (0.4 is 40 %)"),
        ("alpha", alpha, 0 < alpha < 1, "lies between 0 and 1 (0.05 is 95 % confidence)"),
    ):
        if not fits:  # also for NaN
            raise BadPlanError(f"{name} {says}, not {value}")


def _sized(raw: float, population: float, response_rate: float, *, basis: str, rarer: float | None = None) -> Size:
    """Whole answers and invitations; ``rarer``, the share of the rarer answer, is given where a verdict is planned for."""
    finite = raw if math.isinf(population) else raw * population / (population + raw - 1) if population + raw > 1 else raw
    least = 1 if rarer is None else LEAST_FOR_VERDICT
    most = population if math.isinf(population) else rounded_up(population)
    after, before = min(max(rounded_up(finite), least), most), max(rounded_up(raw), least)
    trusted = rarer is None or (response_rate >= TRUSTED_RESPONSE and after * rarer >= FEW)
    answers = int(after if trusted else min(before, most))
    invited = rounded_up(answers / response_rate)
    reachable = invited <= population and (trusted or before <= population or response_rate == 1)
    return Size(answers, int(after), before, invited, reachable=reachable, basis=basis)
