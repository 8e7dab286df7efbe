"""What several tests share: goldens, and the one switch that writes them anew (`pytest --golden`, `make golden`)."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

GOLDEN = Path(__file__).parent / "golden"


def pytest_configure(config: pytest.Config) -> None:
    """Name the mark of dear tests; let interrupts through to commands, also where the shell has us ignore them."""
    config.addinivalue_line("markers", "slow: takes much CPU, and what it tells others tell too (`make slow`)")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="write goldens anew; read the diff before you commit it")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run only what has a golden, where goldens are written."""
    if config.getoption("--golden"):
        items[:] = [item for item in items if "writes_goldens" in getattr(item, "fixturenames", ())]


@pytest.fixture(scope="session")
def writes_goldens(request: pytest.FixtureRequest) -> bool:
    """Whether goldens are written rather than compared with."""
    return bool(request.config.getoption("--golden"))


@pytest.fixture
def golden(writes_goldens: bool) -> Callable[[str, Any], None]:
    """Compare a value with a golden, JSON or (for `*.txt`) plain text, or write it under `--golden`."""

    def compare(name: str, actual: Any) -> None:
        path = GOLDEN / name
        is_text = path.suffix == ".txt"
        text = actual if is_text else json.dumps(actual, indent=1, ensure_ascii=False, sort_keys=True, default=str)
        text += "" if is_text else "\n"
        if writes_goldens:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        assert path.exists(), f"no golden {name}: run `make golden` and read the diff"
        assert path.read_text() == text

    return compare
