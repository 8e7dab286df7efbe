"""One attempt beside the vendor that it is made at, and the cases; see `test_vendor_contract.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from vidbuild import packaged
from vidbuild.testing.contract import Case, Trial, cases, secrets_in, shapes
from vidbuild.testing.vendors import Vendors
from vidbuild.testing.vendors.vendor import Vendor
from vidbuild.words.errors import VidbuildError

CATALOG = packaged.catalog()


class Bench:
    """An attempt beside the vendor that it is made at."""

    def __init__(self, folder: Path, vendors: Vendors, case: Case):
        self.vendors = vendors
        self.folder = folder
        self.trial = Trial(folder, vendors.environ, case, CATALOG)
        self.vendor: Vendor = vendors.called(case.provider)
        self.vendor.script.clear()
        self._bought, self._requests = len(self.vendor.ledger), len(self.vendor.requests)
        self._complaints = len(self.vendor.complaints)

    @property
    def paid(self) -> int:
        """How many jobs were paid for it."""
        return len(self.vendor.ledger) - self._bought

    def count(self, step: str) -> int:
        """How many requests of a step came for it."""
        return sum(row.step == step for row in self.vendor.requests[self._requests :])

    @property
    def complaints(self) -> list[str]:
        """Why its requests were no good."""
        return self.vendor.complaints[self._complaints :]

    def see_no_secret(self) -> None:
        """See that no key was written down or told, and that no download carried one."""
        keys = list(self.vendors.secrets.values())
        assert list(secrets_in(self.folder, keys)) == []
        assert not any(key in repr(event) for event in self.trial.events for key in keys)
        assert self.vendors.leaks == []


def operation(case: Case) -> Mapping[str, Any]:
    """Give what the provider's file says of a case's operation."""
    said: Mapping[str, Any] = CATALOG.providers[case.provider].operations[case.operation]
    return said


def moderates(case: Case) -> bool:
    """Say whether a vendor refuses anything: its file knows a refusal."""
    return "refused" in str(CATALOG.providers[case.provider].errors) + str(operation(case).get("poll"))


def made(found: Mapping[str, Any] | VidbuildError) -> Mapping[str, Any]:
    """See that an attempt was made, and give its facts."""
    assert not isinstance(found, VidbuildError), found.text()
    return found


Trying = Callable[[Case], Bench]
SHAPES = shapes(CATALOG)
WITH_JOBS = [case for case in SHAPES if "accepted" in operation(case)]
ALL = pytest.mark.parametrize("case", cases(CATALOG), ids=str)
EACH = pytest.mark.parametrize("case", SHAPES, ids=str)
JOBS = pytest.mark.parametrize("case", WITH_JOBS, ids=str)
