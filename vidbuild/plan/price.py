"""What an action costs in USD: low, expected and high. What is made here is free; an unknown price is `None`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from vidbuild.words.action import Node


@dataclass(frozen=True, slots=True)
class Cost:
    """A price range in USD."""

    low: Fraction = Fraction(0)
    expected: Fraction = Fraction(0)
    high: Fraction = Fraction(0)

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.low + other.low, self.expected + other.expected, self.high + other.high)


def is_paid(node: Node) -> bool:
    """Say whether an action buys something."""
    return node.conduct.is_paid


def price(node: Node) -> Cost | None:
    """Price one action, as if it had to run."""
    if not is_paid(node):
        return Cost()
    high = node.conduct.hires[0].reservation
    return None if high is None else Cost(Fraction(0), high, high)
