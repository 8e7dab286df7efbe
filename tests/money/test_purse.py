"""The purse: money is set aside before a job is sent, and no two jobs pass a cap together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import pytest

from vidbuild.stores.purse import Purse
from vidbuild.words.digest import Digest, digest_of
from vidbuild.words.errors import Exit, OverBudget

F = Fraction


def key(name: object) -> Digest:
    return digest_of(str(name))


def test_what_is_set_aside_is_not_there_for_others() -> None:
    """It is refused before the intent, with what is left."""
    purse = Purse(F(1), whose="`--max-cost`")
    purse.reserve(key("a"), "shot a", F("0.84"))
    with pytest.raises(OverBudget) as told:
        purse.reserve(key("b"), "shot b", F("0.84"))
    assert told.value.exit is Exit.UNAPPROVED
    assert told.value.facts == {
        "for": "shot b",
        "its price": "$0.84",
        "left": "$0.16 of $1.00 (`--max-cost` of this build)",
    }
    assert (purse.held, purse.spent, purse.left) == (F("0.84"), 0, F("0.16"))


def test_an_attempt_that_is_sent_again_needs_nothing_more() -> None:
    """Retries keep what was set aside."""
    purse = Purse(F(1))
    for _ in range(5):
        purse.reserve(key("a"), "shot a", F("0.84"))
    assert purse.held == F("0.84")


@pytest.mark.parametrize(("actual", "spent"), [(F("0.50"), F("0.50")), (None, F("0.84")), (F(2), F(2)), (F(0), F(0))])
def test_what_it_came_to_replaces_what_was_set_aside(actual: Fraction | None, spent: Fraction) -> None:
    """Where nobody tells, the high price stays spent."""
    purse = Purse(F(1))
    purse.reserve(key("a"), "shot a", F("0.84"))
    purse.settle(key("a"), actual)
    assert (purse.held, purse.spent, purse.left) == (0, spent, max(1 - spent, F(0)))


def test_what_was_never_bought_is_given_back() -> None:
    """And only that."""
    purse = Purse(F(1))
    purse.reserve(key("a"), "shot a", F("0.84"))
    purse.release(key("a"))
    purse.release(key("never"))
    purse.settle(key("never"), F(9))
    assert (purse.held, purse.spent) == (0, 0)


def test_an_attempt_that_is_bought_again_counts_again() -> None:
    """What was settled is spent."""
    purse = Purse(F(1))
    purse.reserve(key("a"), "shot a", F("0.6"))
    purse.settle(key("a"), F("0.6"))
    with pytest.raises(OverBudget):
        purse.reserve(key("a"), "shot a", F("0.6"))


def test_what_may_be_paid_stays_set_aside() -> None:
    """A lost answer is settled by nobody, so its money is not spent twice."""
    purse = Purse(F(1))
    purse.reserve(key("lost"), "shot a", F("0.9"))
    with pytest.raises(OverBudget):
        purse.reserve(key("b"), "shot b", F("0.2"))


def test_open_attempts_of_earlier_builds_were_set_aside_then() -> None:
    """Going on with them takes nothing of this build's money; buying them anew, once they are given up, does."""
    purse = Purse(F(0), earlier=[key("a")])
    purse.reserve(key("a"), "shot a", F("0.84"))
    purse.settle(key("a"), F("0.84"))
    assert (purse.held, purse.spent) == (0, 0)
    with pytest.raises(OverBudget):
        purse.reserve(key("a"), "shot a", F("0.84"))


def test_a_shot_has_its_own_cap() -> None:
    """By the label, over all its attempts."""
    purse = Purse(None, per_shot=F(1))
    purse.reserve(key("a"), "shot a", F("0.5"))
    purse.settle(key("a"), F("0.3"))
    purse.reserve(key("a2"), "shot a", F("0.5"))
    purse.reserve(key("b"), "shot b", F(1))
    with pytest.raises(OverBudget) as told:
        purse.reserve(key("a3"), "shot a", F("0.5"))
    assert told.value.facts["left"] == "$0.20 of $1.00 (`budget.per_shot_usd`)"


@pytest.mark.parametrize("limit", [None, F(0), F(100)])
def test_an_unknown_price_is_over_every_cap(limit: Fraction | None) -> None:
    """Also where there is none."""
    with pytest.raises(OverBudget, match="the price of an attempt is unknown"):
        Purse(limit).reserve(key("a"), "shot a", None)


def test_an_unknown_price_may_be_allowed_while_anything_is_left() -> None:
    """What it came to counts as soon as it is known."""
    purse = Purse(F(1), allow_unknown=True)
    purse.reserve(key("a"), "shot a", None)
    purse.settle(key("a"), F(3))
    with pytest.raises(OverBudget, match="nothing is left"):
        purse.reserve(key("b"), "shot b", None)
    with pytest.raises(OverBudget, match="nothing is left"):
        Purse(F(0), allow_unknown=True).reserve(key("a"), "shot a", None)


def test_workers_that_come_together_do_not_pass_together() -> None:
    """A cap for 20 of 64 lets 20 through, whoever they are."""
    purse = Purse(F("0.84") * 20)

    def bought(number: int) -> bool:
        try:
            purse.reserve(key(number), f"shot {number}", F("0.84"))
        except OverBudget:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        passed = sum(pool.map(bought, range(64)))
    assert (passed, purse.left) == (20, 0)
