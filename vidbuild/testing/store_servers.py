"""Real servers that hold a shared store, as processes of their own on loopback: nginx with WebDAV, and moto for S3.

Each is a context that ends it; whoever lacks the program or the package is told by `nginx_binary` and `has_moto`.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

_NGINX = """\
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 2;
{user}
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/body;
  fastcgi_temp_path {folder}/body;
  uwsgi_temp_path {folder}/body;
  scgi_temp_path {folder}/body;
  client_max_body_size 0;
  sendfile on;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      root {folder}/held;
      dav_methods PUT DELETE;
      create_full_put_path on;
    }}
  }}
}}
"""
PATIENCE_S = 20.0


def nginx_binary() -> str | None:
    """Find nginx; distributions keep it where users have no path to."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")


def has_moto() -> bool:
    """Say whether moto's server can be started."""
    return all(importlib.util.find_spec(name) is not None for name in ("boto3", "moto", "flask"))


class Served:
    """A server process; a context that ends it."""

    def __init__(self, argv: Sequence[str], port: int, folder: Path):
        self._argv, self._port, self._folder = argv, port, folder

    def __enter__(self) -> Served:
        with open(self._folder / "said", "wb") as said:
            self._process = subprocess.Popen(self._argv, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        end = time.monotonic() + PATIENCE_S
        while not _listens(self._port):
            if self._process.poll() is not None or time.monotonic() > end:
                self.__exit__(None, None, None)
                raise RuntimeError(f"{self._argv[0]} did not start:\n{(self._folder / 'said').read_text()}")
            time.sleep(0.02)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Nginx(Served):
    """A plain HTTP store by nginx and its WebDAV module, in a folder of its own.

    Args:
        folder: an empty one; what is held lies in `held` below it.
    """

    environ: Mapping[str, str] = {}

    def __init__(self, folder: Path):
        for name in ("held", "body"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        port = _free_port()
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, port=port, user=user))
        argv = [str(nginx_binary()), "-p", str(folder), "-e", str(folder / "error.log")]
        super().__init__([*argv, "-c", str(folder / "nginx.conf")], port, folder)
        self.url = f"http://127.0.0.1:{port}"


class Bucket(Served):
    """A bucket by moto's server, empty.

    Args:
        folder: an empty one, for what the server says.
    """

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        port = _free_port()
        super().__init__([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], port, folder)
        self._endpoint = f"http://127.0.0.1:{port}"
        self.url = "s3://bucket/videos"
        self.environ = {
            "AWS_ENDPOINT_URL": self._endpoint,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def __enter__(self) -> Bucket:
        super().__enter__()
        urllib.request.urlopen(urllib.request.Request(f"{self._endpoint}/bucket", method="PUT"), timeout=PATIENCE_S)
        return self


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0
