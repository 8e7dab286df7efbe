"""One attempt beside the vendor that it is made at; see `test_vendor_contract.py`."""

from __future__ import annotations

from pathlib import Path

from vidbuild import packaged
from vidbuild.testing.contract import Case, Trial, secrets_in
from vidbuild.testing.vendors import Vendors
from vidbuild.testing.vendors.vendor import Vendor

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
