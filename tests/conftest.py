"""What several tests share: the golden switch."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="write goldens anew; read the diff before you commit it")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, Any], None]:
    """Compare a value with a golden JSON file, or write it under `--golden`."""

    def compare(name: str, actual: Any) -> None:
        path = GOLDEN / name
        text = json.dumps(actual, indent=1, ensure_ascii=False, sort_keys=True, default=str) + "\n"
        if request.config.getoption("--golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        assert path.exists(), f"no golden {name}: run `make golden` and read the diff"
        assert path.read_text() == text

    return compare
