"""What is counted, for whom: columns of answers and the domains they are read in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sipas.stats.intervals import Bools, Floats
from sipas.stats.weights import Ints


class BadColumnError(ValueError):
    """A column does not fit the design or the estimator; the message names it and the cure."""


@dataclass(frozen=True, slots=True)
class Domains:
    """Members of one or several domains.

    Attributes
    ----------
    names : tuple of str
        Empty text for the whole population.
    row, domain : (m,) int
        One entry for each member.
    """

    names: tuple[str, ...]
    row: Ints
    domain: Ints

    def named(self, name: str) -> tuple[str, ...]:
        """The names of one statistic in every domain."""
        return tuple(f"{name} [{domain}]" if domain else name for domain in self.names)

    def of(self, member: Bools) -> Domains:
        """The same domains without the rows that are no members of an item."""
        keep = member[self.row]
        return Domains(self.names, self.row[keep], self.domain[keep])


DomainLike = ArrayLike | Mapping[str, ArrayLike] | Domains | None


def domains(domain: DomainLike, n: int) -> Domains:
    """Domains from any of their spellings.

    Parameters
    ----------
    domain : None, (n,) bool, (n,) int, (n, D) bool, mapping of name to (n,) bool, or Domains, which stay as they are
        Whole numbers are domain numbers from 0, below 0 means in no domain; the columns of a matrix may overlap.
    n : int
        Rows of the design.

    Returns
    -------
    Domains

    Raises
    ------
    BadColumnError
        Another length, or numbers with a fraction.

    References
    ----------
    Statistics page (2.1).
    """
    if isinstance(domain, Domains):
        return domain
    if domain is None:
        return Domains(("",), np.arange(n, dtype=np.int64), np.zeros(n, np.int64))
    if isinstance(domain, Mapping):
        names = tuple(domain)
        masks = np.column_stack([np.asarray(mask) for mask in domain.values()])
    else:
        masks = np.asarray(domain)
        names = tuple(str(i) for i in range(masks.shape[1])) if masks.ndim == 2 else ("domain",)
    if masks.ndim not in {1, 2} or len(masks) != n:
        raise BadColumnError(f"domain: shape {masks.shape}, and the design has {n} rows; give one mark for each row")
    if masks.ndim == 1 and masks.dtype.kind in "iu":
        row = np.flatnonzero(masks >= 0).astype(np.int64)
        count = int(masks.max()) + 1 if len(row) else 0
        return Domains(tuple(str(i) for i in range(count)), row, masks[row].astype(np.int64))
    if masks.dtype.kind != "b":
        raise BadColumnError(f"domain: {masks.dtype} is neither true/false nor a whole number; make it one of them")
    number, row = np.nonzero(masks.reshape(n, -1).T)
    return Domains(names, row.astype(np.int64), number.astype(np.int64))


def column(values: ArrayLike, n: int, name: str) -> Floats:
    """A column of numbers, missing ones NaN.

    Parameters
    ----------
    values : (n,) number
        NaN where missing.
    n : int
        Rows of the design.
    name : str
        For the complaint.

    Returns
    -------
    (n,) float

    Raises
    ------
    BadColumnError
        Another length, not numbers, or infinite.

    References
    ----------
    Own.
    """
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise BadColumnError(f"{name}: {array.dtype} is no number; code the answers as numbers")
    if array.shape != (n,):
        raise BadColumnError(f"{name}: shape {array.shape}, and the design has {n} rows")
    numbers = array.astype(np.float64)
    endless = np.flatnonzero(np.isinf(numbers))
    if len(endless):
        raise BadColumnError(f"{name}: row {endless[0] + 1} is infinite; leave it empty if it is missing")
    return numbers
