"""What several tests share: goldens (written anew by `pytest --golden`, `make golden`), and a server's certificate."""

from __future__ import annotations

import json
import shutil
import signal
import ssl
import subprocess
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


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate (`cert.pem`) for servers on this machine and its key, made for this run."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    folder = tmp_path_factory.mktemp("tls")
    argv = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test"
    names = "subjectAltName=DNS:localhost,DNS:media.example,DNS:second.example"
    files = ["-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"]
    subprocess.run([*argv.split(), "-addext", names, *files], check=True, capture_output=True)
    return folder


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    """The server's side of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    return context
