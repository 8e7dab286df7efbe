"""When a job is asked for again: what is known of its model's latency, and the wait that follows from it.

Latencies are log-normal; the wait is sqrt(2 alpha / hazard), which costs least where a poll is worth alpha seconds of
delay (measured: the schedule section of facts/assembly.md). Values in, values out: no clock, no vendor, no file.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

NORMAL_95 = 1.6448536269514722
KEPT = 50
"""So many of a model's waits are remembered."""
_PATIENCE_S = 300.0
_SLACK = 0.3
_ODD, _WIDE = 0.05, 1.5
_Z_FIRST = -1.7507
"""The first poll comes when 4 in 100 are likely to have ended (2 in 100: half a poll more, no second less)."""
_STEPS = 6
_NARROWEST = 0.05
_LONGEST_S = 1e7


@dataclass(frozen=True)
class Wait:
    """How long a job took, as far as it was seen: not yet done after `after_s`, done when seen at `by_s`.

    Args:
        by_s: infinite where nobody saw it done: it failed, or was given up.
    """

    after_s: float
    by_s: float = math.inf


@dataclass(frozen=True)
class Latency:
    """What is known of how long a model's jobs take: the logarithm of the seconds is normal.

    Args:
        mu, sigma: mean and standard deviation of that logarithm.
        seen: how many waits it was learned from.
    """

    mu: float
    sigma: float
    seen: int = 0

    def hazard(self, age_s: float) -> float:
        """Give the rate, per second, at which jobs end that have not ended at this age.

        One job in twenty is held to be quite another: a job that is long overdue says that little was known.
        """
        if age_s <= 0:
            return 0.0
        from_mu = math.log(age_s) - self.mu
        alike, other = from_mu / self.sigma, from_mu / max(_WIDE, self.sigma)
        odds = (1 - _ODD) * _below(-alike) / (_ODD * _below(-other)) if other < 8 else 0.0
        share = odds / (1 + odds)
        rate = share * _mills(alike) / self.sigma + (1 - share) * _mills(other) / max(_WIDE, self.sigma)
        return rate / age_s

    def quantile_s(self, z: float) -> float:
        """Give the age at so many standard deviations."""
        return math.exp(self.mu + z * self.sigma)

    @cached_property
    def first_s(self) -> float:
        """The age at which the first poll is worth it."""
        return self.quantile_s(_Z_FIRST)


UNKNOWN = Latency(math.log(90.0), 0.6)
"""What is assumed of a model that nothing is known of."""


def told(latency_s: tuple[float, float] | None) -> Latency:
    """Read a catalog's (median, what 95 in 100 stay under), in seconds."""
    if latency_s is None or not 0 < latency_s[0] < latency_s[1] < math.inf:
        return UNKNOWN
    median_s, most_s = latency_s
    return Latency(math.log(median_s), math.log(most_s / median_s) / NORMAL_95)


def learned(prior: Latency, waits: Iterable[Wait], weight: float = 2.0) -> Latency:
    """Give what is known after some waits; what was assumed before counts as much as `weight` of them.

    Waits are intervals, so the mean and the variance are found step by step: each wait counts with what is expected of
    it, given what is known so far.
    """
    seen = [bounds for wait in waits if (bounds := _logarithms(wait))]
    now = prior
    if not seen:
        return now
    count = len(seen) + weight
    for _ in range(_STEPS):
        moments = [_within(now, low, high) for low, high in seen]
        mu = (weight * prior.mu + sum(mean for mean, _ in moments)) / count
        spread = weight * (prior.sigma**2 + (prior.mu - mu) ** 2)
        spread += sum(variance + (mean - mu) ** 2 for mean, variance in moments)
        now = Latency(mu, max(_NARROWEST, math.sqrt(spread / count)), len(seen))
    return now


@dataclass(frozen=True)
class Cadence:
    """How jobs are polled.

    Args:
        is_learned: whether intervals come from what is known of latencies; else the usual ones are kept.
        fixed_s: the one interval that the user wants instead.
        closest_s, widest_s: no interval is shorter or longer.
        first_most_s: the first poll comes no later, whatever is known.
        awaited, other: what a poll is worth, in seconds of delay: of a job that others wait for or that ends the
            build, and at most, of the rest. Measured by tests/bench/schedule.py.
    """

    is_learned: bool = True
    fixed_s: float | None = None
    closest_s: float = 0.5
    widest_s: float = 15.0
    first_most_s: float = 600.0
    awaited: float = 0.07
    other: float = 1.0

    def alpha(self, latency: Latency, is_awaited: bool, slack_s: float = math.inf) -> float:
        """Say how much delay a poll of a job is worth, in seconds.

        The closest where another job waits for this one, or where it is the last that is expected; more the longer
        others will still take; and more while little was seen of the model, as most polls then come too early.

        Args:
            slack_s: by how much the longest remaining path beside this one is longer (`Turn.slack_s`).
        """
        worth = self.awaited
        if not is_awaited:
            worth *= math.exp(min(max(slack_s, 0.0) / (_SLACK * math.exp(latency.mu)), 50.0))
        return min(worth, self.other) * (1 + 2 / (1 + latency.seen))

    def wait_s(
        self, latency: Latency, age_s: float, alpha: float, least_s: float = 0.0, hint_s: float | None = None
    ) -> float:
        """Give the seconds until the next poll of a job.

        Args:
            age_s: since it was accepted.
            alpha: what a poll is worth, in seconds of delay.
            least_s: the vendor's minimum.
            hint_s: how long the vendor wants us to wait this time.
        """
        if self.fixed_s is not None:
            found = self.fixed_s
        elif self.is_learned:
            found = self._learned_s(latency, age_s, alpha)
        else:
            found = min(max(usual_s(age_s), self.closest_s), self.widest_s)
        return max(found, least_s, min(hint_s or 0.0, _PATIENCE_S))

    def _learned_s(self, latency: Latency, age_s: float, alpha: float) -> float:
        first_s = min(latency.first_s, self.first_most_s)
        if age_s < first_s:
            return max(first_s - age_s, self.closest_s)
        wait_s = self.widest_s
        for _ in range(2):
            hazard = latency.hazard(age_s + wait_s / 2)
            wait_s = min(math.sqrt(2 * alpha / hazard), self.widest_s) if hazard > 0 else self.widest_s
        return max(wait_s, self.closest_s)


def usual_s(age_s: float) -> float:
    """Give the usual interval: 8 s in a job's first minute, then 15 s."""
    return 8.0 if age_s < 60 else 15.0


@dataclass
class Latencies:
    """What was seen of models' waits, the last ones of each, across builds.

    Losing it costs nothing but a few polls. One that can't be read is empty.
    """

    waits: dict[str, deque[Wait]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._known: dict[str, tuple[Latency, Latency]] = {}

    def of(self, model: str, latency_s: tuple[float, float] | None = None) -> Latency:
        """Give what is known of a model, where its catalog entry says `latency_s`."""
        prior = told(latency_s)
        known = self._known.get(model)
        if known is None or known[0] != prior:
            known = self._known[model] = prior, learned(prior, self.waits.get(model, ()))
        return known[1]

    def saw(self, model: str, wait: Wait) -> None:
        """Remember how long a job took."""
        if _logarithms(wait):
            self.waits.setdefault(model, deque(maxlen=KEPT)).append(wait)
            self._known.pop(model, None)

    def record(self) -> dict[str, Any]:
        """Give all in JSON's own types."""
        rows = {model: [_row(wait) for wait in waits] for model, waits in sorted(self.waits.items())}
        return {"vidbuild_latency": 1, "waits": rows}


def recalled(record: Any) -> Latencies:
    """Read what `Latencies.record` gave; whatever is not of that form is left out."""
    latencies = Latencies()
    rows = record.get("waits") if isinstance(record, Mapping) and record.get("vidbuild_latency") == 1 else None
    for model, waits in rows.items() if isinstance(rows, Mapping) else ():
        for row in waits if isinstance(waits, Sequence) else ():
            wait = _wait(row)
            if wait is not None:
                latencies.saw(str(model), wait)
    return latencies


def _row(wait: Wait) -> list[float | None]:
    return [round(wait.after_s, 2), None if math.isinf(wait.by_s) else round(wait.by_s, 2)]


def _wait(row: Any) -> Wait | None:
    match row:
        case [int() | float() as after_s, int() | float() as by_s] if 0 <= after_s < by_s < _LONGEST_S:
            return Wait(float(after_s), float(by_s))
        case [int() | float() as after_s, None] if 0 <= after_s < _LONGEST_S:
            return Wait(float(after_s))
    return None


def _logarithms(wait: Wait) -> tuple[float, float] | None:
    """Give the logarithms of a wait's bounds; `None` for one that tells nothing or can't be."""
    after_s, by_s = max(wait.after_s, 0.0), wait.by_s
    if not after_s < by_s or not (after_s > 0 or by_s < math.inf) or not after_s < _LONGEST_S:
        return None
    return (math.log(after_s) if after_s > 0 else -math.inf), math.log(by_s)


def _within(latency: Latency, low: float, high: float) -> tuple[float, float]:
    """Give mean and variance of the logarithm of a wait that is known to lie in an interval."""
    if high - low < 0.5 * latency.sigma:
        return (low + high) / 2, (high - low) ** 2 / 12
    a, b = ((bound - latency.mu) / latency.sigma for bound in (low, high))
    if a > 6 or b < -6:
        near = low if a > 6 else high
        return near, (latency.sigma / 6) ** 2
    mass = _below(b) - _below(a)
    at_a, at_b = _density(a), _density(b)
    shift = (at_a - at_b) / mass
    edges = (a * at_a if math.isfinite(a) else 0.0) - (b * at_b if math.isfinite(b) else 0.0)
    return latency.mu + latency.sigma * shift, latency.sigma**2 * max(0.0, 1 + edges / mass - shift**2)


def _density(z: float) -> float:
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def _below(z: float) -> float:
    return math.erfc(-z / math.sqrt(2)) / 2


def _mills(z: float) -> float:
    """Give density over survival of the standard normal; far out it is z + 1/z."""
    return _density(z) / _below(-z) if z < 8 else z + 1 / z
