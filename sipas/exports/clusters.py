"""Clusters as they are released: renumbered at random in every export, and none smaller than k."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence


def merge_clusters(strata: Sequence[Hashable], labels: Sequence[bytes], *, k: int, rng: random.Random) -> list[int]:
    """A number for each answer's cluster, equal within a (stratum, label) pair and shared by at least ``k`` answers.

    Small clusters join others of their own stratum in random order; a stratum with fewer than ``k`` answers stays one cluster.
    The numbers run from 1 over the whole file in random order, so that they say nothing about time.
    """
    members: dict[Hashable, dict[bytes, list[int]]] = defaultdict(lambda: defaultdict(list))
    for place, (stratum, label) in enumerate(zip(strata, labels, strict=True)):
        members[stratum][label].append(place)
    merged = [cluster for one in members.values() for cluster in _merge(one, k=k, rng=rng)]
    rng.shuffle(merged)
    numbers = [0] * len(labels)
    for number, cluster in enumerate(merged, start=1):
        for place in cluster:
            numbers[place] = number
    return numbers


def _merge(clusters: Mapping[bytes, list[int]], *, k: int, rng: random.Random) -> list[list[int]]:
    large = [places for places in clusters.values() if len(places) >= k]
    small = [places for places in clusters.values() if len(places) < k]
    rng.shuffle(small)
    gathered: list[int] = []
    for places in small:
        gathered = gathered + places
        if len(gathered) >= k:
            large.append(gathered)
            gathered = []
    if gathered and large:
        chosen = rng.randrange(len(large))
        large[chosen] = large[chosen] + gathered
    elif gathered:
        large.append(gathered)
    return large
