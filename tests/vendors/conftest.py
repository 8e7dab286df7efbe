"""Loopback vendors for each test, a client, and a picture. Requests in tests are written by hand, from the facts."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from vidbuild.testing.vendors import Vendors

LINES = 120


@pytest.fixture
def vendors(tmp_path: Path) -> Iterator[Vendors]:
    """All vendors, quick, with small takes; no request may carry a key to a file."""
    with Vendors(tmp_path / "vendors", latency_s=0.05, lines=LINES) as running:
        yield running
        assert running.leaks == []


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    """A plain client that follows nothing and trusts no environment."""
    with httpx.Client(timeout=20, trust_env=False) as opened:
        yield opened


@pytest.fixture
def picture() -> bytes:
    """A PNG, red on its left and blue on its right."""
    pixels = np.zeros((90, 160, 3), np.uint8)
    pixels[:, :80], pixels[:, 80:] = (200, 30, 30), (30, 30, 200)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def picture_uri(picture: bytes) -> str:
    """The picture as a data URI."""
    return "data:image/png;base64," + base64.b64encode(picture).decode()


@pytest.fixture
def until() -> Callable[[Callable[[], Any]], Any]:
    """Ask again and again until the answer is something."""

    def ask(question: Callable[[], Any]) -> Any:
        end = time.monotonic() + 10
        while time.monotonic() < end:
            answer = question()
            if answer:
                return answer
            time.sleep(0.01)
        raise AssertionError("it never came")

    return ask
