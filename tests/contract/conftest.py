"""All loopback vendors, and one attempt at each packaged operation; see `test_vendor_contract.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from benches import Bench

from vidbuild.testing.contract import Case
from vidbuild.testing.vendors import Vendors


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendors]:
    """All of them, quick; what they make is small."""
    with Vendors(tmp_path_factory.mktemp("vendors"), 0.02, lines=64, most_s=1) as running:
        yield running


@pytest.fixture
def bench(vendors: Vendors, tmp_path: Path) -> Callable[[Case], Bench]:
    """Give who tries a case."""
    return lambda case: Bench(tmp_path, vendors, case)
