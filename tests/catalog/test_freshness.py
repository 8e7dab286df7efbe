"""Which facts are old, by the day that is told; which are in doubt."""

from __future__ import annotations

import datetime
from dataclasses import replace

from vidbuild import packaged
from vidbuild.catalog.freshness import doubtful, stale
from vidbuild.catalog.model import Catalog

CATALOG = packaged.catalog()
DAY = datetime.date(2026, 11, 20)
FACT = {"certainty": "DOC", "source": "its page"}


def only(**said: object) -> Catalog:
    """Give a catalog of one model, changed."""
    return Catalog({}, {"kling-3": replace(CATALOG.models["kling-3"], **said)})  # type: ignore[arg-type]


def test_the_catalog_is_fresh_for_ninety_days_and_not_a_day_more() -> None:
    """Counted from the day that a file names."""
    known = only(checked="2026-11-20", facts={"prices": FACT})
    assert list(stale(known, DAY + datetime.timedelta(90))) == []
    (old,) = stale(known, DAY + datetime.timedelta(91))
    assert old.text == "model kling-3: 2026-11-20, 91 days ago: prices"


def test_a_fact_may_have_a_day_of_its_own() -> None:
    """Prices are looked up more often than lengths are."""
    facts = {"prices": {**FACT, "checked": "2026-11-20"}, "lengths": FACT, "accepts": FACT}
    (old,) = stale(only(checked="2026-05-01", facts=facts), DAY)
    assert (old.facts, old.age) == (("lengths", "accepts"), 203)


def test_what_has_no_day_is_told_first() -> None:
    """Nobody knows how old it is; nor is `soon` a day."""
    for day, told in ((None, "no day is told"), ("soon", "soon")):
        (one,) = stale(only(checked=day, facts={}), DAY)
        assert one.text == f"model kling-3: {told}: all of it"


def test_everything_packaged_has_a_day_and_models_of_our_own_need_none() -> None:
    """So that the check means something; what is made here depends on nobody."""
    assert [one.text for one in stale(CATALOG, DAY) if one.age is None] == []
    told = [one.what for one in stale(CATALOG, DAY + datetime.timedelta(1000))]
    assert "provider kling" in told
    assert not any("local/" in what for what in told)


def test_doubtful_facts_are_named() -> None:
    """As a whole, or where their source says so of a part."""
    part = {"certainty": "DOC", "source": "its page; the unit is UNVERIFIED"}
    known = only(facts={"prices": part, "lengths": FACT, "accepts": {"certainty": "UNVERIFIED", "source": "usual"}})
    assert list(doubtful(known)) == ["model kling-3: prices, accepts"]
