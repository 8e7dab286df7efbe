"""Vendors that answer at once, and with nothing: what their files call empty has ended, and is no open question."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from benches import CATALOG, Bench

from vidbuild.stores.job_log import Stage
from vidbuild.testing.contract import Case, cases
from vidbuild.words.errors import AttemptFailed, Refused, Unclear

Trying = Callable[[Case], Bench]
EMPTY = [case for case in cases(CATALOG) if "empty" in CATALOG.providers[case.provider].operations[case.operation]]
EACH = pytest.mark.parametrize("case", EMPTY, ids=str)


def test_some_vendors_say_what_an_empty_answer_means() -> None:
    """Google does, for all that it answers at once."""
    assert {str(case) for case in EMPTY} >= {"gemini.image", "gemini.judge", "gemini.speech", "gemini.music"}


@EACH
def test_an_answer_without_what_was_asked_is_an_attempt_that_failed(bench: Trying, case: Case) -> None:
    """It is over: the next attempt is another purchase, and nobody is asked what became of this one."""
    here = bench(case)
    here.vendor.fault("submit", "fails")
    assert isinstance(found := here.trial.run(), AttemptFailed), found
    assert (here.count("submit"), here.trial.standing.stage) == (1, Stage.FRESH)
    assert isinstance(here.trial.run(), dict)
    assert here.count("submit") == 2


@EACH
def test_an_answer_that_was_filtered_is_refused_and_remembered(bench: Trying, case: Case) -> None:
    """As one that was refused at once."""
    here = bench(case)
    here.vendor.fault("submit", "refused_at_end")
    first, second = here.trial.run(), here.trial.run()
    assert isinstance(first, Refused), first
    assert isinstance(second, Refused)
    assert here.count("submit") == 1


@EACH
def test_a_page_in_an_answers_place_says_nothing_of_what_was_made(bench: Trying, case: Case) -> None:
    """It may have been paid for: the user is asked."""
    here = bench(case)
    here.vendor.fault("submit", "html")
    assert isinstance(found := here.trial.run(), Unclear), found
    assert here.paid == 1
