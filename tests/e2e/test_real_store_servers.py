"""One project, two machines, and a store that is shared by a real server: nginx with WebDAV, moto for S3.

Where claims work each thing is bought once; where they don't, nothing that was bought is lost.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from one_shot import write_one_shot

from vidbuild.testing.shop import Shop
from vidbuild.testing.store_servers import Bucket, Nginx, has_moto, nginx_binary
from vidbuild.testing.studio import Studio

pytestmark = pytest.mark.slow
MODEL = "plain-keyed-video"
Server = Nginx | Bucket


@pytest.fixture(
    params=[
        pytest.param("nginx", marks=pytest.mark.skipif(nginx_binary() is None, reason="no nginx is installed")),
        pytest.param("s3", marks=pytest.mark.skipif(not has_moto(), reason="moto's server is not installed")),
    ]
)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """An empty store."""
    kind = Nginx if request.param == "nginx" else Bucket
    with kind(tmp_path / "server") as server:
        yield server


def sharing(studio: Studio, server: Server) -> None:
    studio.environ |= {**server.environ, "VIDBUILD_REMOTE": server.url}


def clone_of(shop: Shop, folder: Path) -> Studio:
    """Give the project on a machine that never built it, without a key and without a vendor."""
    names = shutil.ignore_patterns("build", ".vidbuild")
    shutil.copytree(shop.folder, folder / "project", ignore=names)
    return Studio(folder / "project")


def test_a_clone_builds_the_same_bytes(server: Server, tmp_path: Path) -> None:
    """From what a build sent; `push` has nothing more to send, and `pull` fetches it all."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        sharing(shop, server)
        write_one_shot(shop, MODEL)
        shop.build("--yes")
        requests = len(shop.vendors.requests)
        clone = clone_of(shop, tmp_path / "clone")
        sharing(clone, server)
        built = clone.build("--frozen")
        assert (built.ran(), clone.files()) == (set(), shop.files())
        assert "sent: 0 blobs" in shop.run("push").stdout
        pulled = clone_of(shop, tmp_path / "pulled")
        sharing(pulled, server)
        assert pulled.run("pull").returncode == 0
        del pulled.environ["VIDBUILD_REMOTE"]
        assert pulled.build("--frozen").ran() == set()
        assert len(shop.vendors.requests) == requests


def test_two_machines_at_once(server: Server, tmp_path: Path) -> None:
    """In a bucket one claims and the other waits; by plain HTTP both may buy, and each keeps what it bought."""
    with Shop(tmp_path / "one", "keyed", latency_s=1.0) as one:
        write_one_shot(one, MODEL)
        sharing(one, server)
        two = one.copy(tmp_path / "two")
        built = [each.finish() for each in [one.start("--yes"), two.start("--yes")]]
        assert [each.status for each in built] == ["built", "built"], built[0].told + built[1].told
        paid = one.paid
        if isinstance(server, Bucket):
            assert (one.submits, paid) == (1, 1)
            assert one.lock.read_text() == (two.folder / "vidbuild.lock").read_text()
            assert one.files() == two.files()
        assert paid in (1, 2)
        for machine in (one, two):
            shutil.rmtree(machine.store)
            shutil.rmtree(machine.folder / "build")
            assert machine.build("--frozen").status == "built"
        assert one.paid == paid
