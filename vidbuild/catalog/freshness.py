"""How old the catalog's facts are, and which are in doubt: `vidbuild models --check`. It is told what day it is."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vidbuild.catalog.model import Catalog, Model, Provider
from vidbuild.words.amounts import counted

LONGEST_DAYS = 90
"""Prices and lengths are looked up anew after so many days."""
DOUBTFUL = "UNVERIFIED"


@dataclass(frozen=True)
class Stale:
    """Facts of one model or provider that were looked up on one day, long ago.

    Args:
        what: `model kling-3`, `provider kling`.
        day: as written; empty where none is told.
        age: in days; `None` where no day is told, or none that is one.
        facts: by name; all of it where its file names none.
    """

    what: str
    day: str
    age: int | None
    facts: tuple[str, ...]

    @property
    def text(self) -> str:
        """Put it into a line."""
        since = f"{self.day}, {counted(self.age, 'day')} ago" if self.age is not None else self.day or "no day is told"
        return f"{self.what}: {since}: {', '.join(self.facts) or 'all of it'}"


def stale(catalog: Catalog, today: datetime.date) -> Iterator[Stale]:
    """Give the facts that are older than ninety days, or have no day, the oldest first."""
    found = [one for what, thing in _things(catalog) for one in _of(what, thing, today)]
    yield from sorted(found, key=lambda one: (one.age is not None, -(one.age or 0), one.what))


def doubtful(catalog: Catalog) -> Iterator[str]:
    """Name the facts that are remembered or inferred, a line a model or provider."""
    for what, thing in _things(catalog):
        names = [name for name, fact in thing.facts.items() if DOUBTFUL in (fact["certainty"], *_words(fact))]
        if names:
            yield f"{what}: {', '.join(names)}"


def _words(fact: Mapping[str, str]) -> list[str]:
    """Give the words of a source, which may name a part that is in doubt."""
    return fact["source"].replace(";", " ").replace(",", " ").replace(":", " ").split()


def _things(catalog: Catalog) -> Iterator[tuple[str, Model | Provider]]:
    """Give what was looked up anywhere: all but what is made here."""
    for model in catalog.models.values():
        if not model.is_local:
            yield f"model {model.name}", model
    for provider in catalog.providers.values():
        yield f"provider {provider.name}", provider


def _of(what: str, thing: Model | Provider, today: datetime.date) -> Iterator[Stale]:
    days: dict[str, list[str]] = {} if thing.facts else {thing.checked or "": []}
    for name, fact in thing.facts.items():
        days.setdefault(fact.get("checked", thing.checked or ""), []).append(name)
    for day, facts in days.items():
        age = _age(day, today)
        if age is None or age > LONGEST_DAYS:
            yield Stale(what, day, age, tuple(facts))


def _age(day: str, today: datetime.date) -> int | None:
    try:
        return (today - datetime.date.fromisoformat(day)).days
    except ValueError:
        return None
