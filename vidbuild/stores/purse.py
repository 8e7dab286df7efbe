"""The purse of one build: money is set aside before a job is sent, so that no two can pass a cap together.

It knows amounts by attempt and label; what the cap is and who agreed to it, `vidbuild.plan.money` says. It is kept in
one process, under the project's lock: what other builds set aside and never settled, it is told.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from fractions import Fraction

from vidbuild.plan.price import usd_text
from vidbuild.words.digest import Digest
from vidbuild.words.errors import OverBudget


class Purse:
    """What a build may still spend.

    Args:
        limit: for all attempts together, in USD; `None` without one.
        per_shot: for the attempts of one label.
        allow_unknown: whether attempts whose price nobody knows may be bought, while anything is left.
        earlier: open attempts of builds before this one: they were approved, reserved and counted then.
        whose: who set the limit, in words, for the error.
    """

    def __init__(
        self,
        limit: Fraction | None,
        per_shot: Fraction | None = None,
        allow_unknown: bool = False,
        earlier: Collection[Digest] = (),
        whose: str = "",
    ):
        self._limit = limit
        self._per_shot = per_shot
        self._allow_unknown = allow_unknown
        self._earlier = set(earlier)
        self._whose = whose
        self._held: dict[Digest, tuple[str, Fraction]] = {}
        self._settled: dict[str, Fraction] = {}
        self._guard = threading.Lock()

    @property
    def spent(self) -> Fraction:
        """What settled attempts came to."""
        return sum(self._settled.values(), Fraction(0))

    @property
    def held(self) -> Fraction:
        """What is set aside for attempts that are not settled."""
        return sum((usd for _, usd in self._held.values()), Fraction(0))

    @property
    def left(self) -> Fraction | None:
        """What may still be set aside; `None` without a limit."""
        return None if self._limit is None else max(self._limit - self.spent - self.held, Fraction(0))

    def reserve(self, attempt: Digest, label: str, usd: Fraction | None) -> None:
        """Set an attempt's high price aside; one that is set aside already needs nothing more.

        Raises:
            OverBudget: it is more than is left, or its price is unknown and that was not allowed.
        """
        with self._guard:
            if attempt in self._held or attempt in self._earlier:
                return
            if usd is None:
                self._see_unknown(label)
            else:
                self._see(label, usd, self.left, self._limit, f"{self._whose or 'the limit'} of this build")
                of_label = self._settled.get(label, Fraction(0)) + sum(
                    held for whose, held in self._held.values() if whose == label
                )
                left = None if self._per_shot is None else max(self._per_shot - of_label, Fraction(0))
                self._see(label, usd, left, self._per_shot, "`budget.per_shot_usd`")
            self._held[attempt] = (label, usd or Fraction(0))

    def settle(self, attempt: Digest, usd: Fraction | None) -> None:
        """Say what an attempt came to; `None` where nobody told: then what was set aside stays spent."""
        with self._guard:
            self._earlier.discard(attempt)
            held = self._held.pop(attempt, None)
            if held is not None:
                label, reserved = held
                amount = reserved if usd is None else usd
                self._settled[label] = self._settled.get(label, Fraction(0)) + amount

    def release(self, attempt: Digest) -> None:
        """Give back what was set aside: nothing was bought."""
        with self._guard:
            self._earlier.discard(attempt)
            self._held.pop(attempt, None)

    def _see(self, label: str, usd: Fraction, left: Fraction | None, limit: Fraction | None, whose: str) -> None:
        if left is None or limit is None or usd <= left:
            return
        facts = {
            "for": label,
            "its price": usd_text(usd),
            "left": f"{usd_text(left)} of {usd_text(limit)} ({whose})",
        }
        raise OverBudget("an attempt would cost more than is left to spend", facts, _HINT)

    def _see_unknown(self, label: str) -> None:
        if not self._allow_unknown:
            hint = "`--allow-unknown-price` buys it all the same"
            raise OverBudget("the price of an attempt is unknown, and so over every cap", {"for": label}, hint)
        if self.left is not None and not self.left:
            facts = {
                "for": label,
                "its price": "unknown",
                "left": f"$0.00 ({self._whose or 'the limit'} of this build)",
            }
            raise OverBudget("nothing is left to spend on an attempt of unknown price", facts, _HINT)


_HINT = "what is bought is kept; see `vidbuild plan`, then build again with `--max-cost` and more"
