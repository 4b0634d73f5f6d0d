"""Largest rate of anomalies that a sample does not rule out: exact, one-sided, at 95 %."""

from __future__ import annotations

from math import exp, lgamma, log, log1p

CONFIDENCE = 0.95
_STEPS = 60
"""Halvings of the interval: beyond, a float holds nothing more."""
_NEGLIGIBLE = 1e-17


def compute_upper_bound(anomalies: int, checked: int) -> float:
    """Return the upper bound of Clopper and Pearson: `1 - 0.05 ** (1/n)` without any anomaly. Between 0 and 1.

    It is the rate under which so few anomalies (or fewer) would be seen only once in twenty samples. Raises ValueError
    for counts that cannot be.
    """
    if not 0 <= anomalies <= checked or not checked:
        message = "anomalies are counted among at least one value"
        raise ValueError(message)
    chance = 1 - CONFIDENCE
    if anomalies == 0:
        return 1.0 - float(chance ** (1 / checked))
    if anomalies == checked:
        return 1.0
    low, high = anomalies / checked, 1.0
    # Bisection of the binomial tail: no SciPy for one function.
    for _step in range(_STEPS):
        middle = (low + high) / 2
        if compute_chance(anomalies, checked, middle) > chance:
            low = middle
        else:
            high = middle
    return high


def compute_chance(anomalies: int, checked: int, rate: float) -> float:
    """Return the chance of at most so many anomalies when each value is one at this rate (0 < rate < 1).

    The terms are added from the last one down; each is the one above it times a ratio, until they no longer count.
    """
    if rate >= 1:
        return 0.0
    # In logarithms: the binomial coefficient overflows a float from about 1,030 values.
    ways = lgamma(checked + 1) - lgamma(anomalies + 1) - lgamma(checked - anomalies + 1)
    term = exp(ways + anomalies * log(rate) + (checked - anomalies) * log1p(-rate))
    total = 0.0
    for number in range(anomalies, -1, -1):
        total += term
        if term < total * _NEGLIGIBLE:
            break
        term *= number / (checked - number + 1) * (1 - rate) / rate
    return total
