"""TLS for servers on this machine."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest


@pytest.fixture
def client_tls(certificate: Path) -> ssl.SSLContext:
    """Trust in the server's certificate."""
    return ssl.create_default_context(cafile=certificate / "cert.pem")
