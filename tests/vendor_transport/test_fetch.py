"""Downloads of results: whole or not there, from where they may come, under a deadline and a cap."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from scripted_server import Answer, cut, dripping, serving, whole

from vidbuild.runners.vendor.outcomes import Fault, Fetched, FetchFailed
from vidbuild.runners.vendor.transport import Transport

FILM = bytes(range(256)) * 8000
KEY = "sk-planted-4711-xyz"
MP4 = "Content-Type: video/mp4"


def resolving(*answers: Sequence[str]) -> tuple[list[str], object]:
    """Stand in for the resolver: each time it is asked it says the next, then the last again."""
    asked: list[str] = []

    async def resolver(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    return asked, resolver


def fetch(
    answer: Answer, path: Path, most_bytes: int = 2**23, deadline_s: float = 5, size: int | None = None
) -> Fetched:
    """Fetch once from a server that answers so."""

    async def run() -> Fetched:
        async with serving(answer) as server, Transport(named=[server.name]) as transport:
            url = f"{server.url}/film.mp4?signature=hush-hush"
            return await transport.fetch(url, path, most_bytes, deadline_s, expected_size=size)

    return asyncio.run(run())


def failing(
    answer: Answer, path: Path, most_bytes: int = 2**23, deadline_s: float = 5, size: int | None = None
) -> Fault:
    """Fetch in vain; nothing may be left, and the address may not be told."""
    with pytest.raises(FetchFailed) as failed:
        fetch(answer, path, most_bytes, deadline_s, size)
    assert not path.exists()
    assert "hush-hush" not in failed.value.text() + repr(failed.value)
    return failed.value.fault


def test_a_result_is_fetched_whole(tmp_path: Path) -> None:
    """Its bytes, its type, and that the server told where it ends."""
    path = tmp_path / "film"
    assert fetch(whole(FILM, "Content-Type: Video/MP4; codecs=avc1"), path) == Fetched(len(FILM), "video/mp4", True)
    assert path.read_bytes() == FILM
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_result_is_synced_before_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told to be there survives a power cut."""
    sizes = []
    import os

    monkeypatch.setattr(os, "fsync", lambda descriptor: sizes.append(os.fstat(descriptor).st_size))
    fetch(whole(FILM, MP4), tmp_path / "film")
    assert sizes == [len(FILM)]


def test_a_cut_result_is_told_by_its_length(tmp_path: Path) -> None:
    """Content-Length says more than what came."""
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" + FILM[:5000]
    assert failing(cut(raw), tmp_path / "film") is Fault.TRUNCATED


def test_a_cut_result_in_chunks_is_told_by_its_missing_end(tmp_path: Path) -> None:
    """The last chunk never comes."""
    raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n" + FILM[:100]
    assert failing(cut(raw), tmp_path / "film") is Fault.TRUNCATED


def test_a_result_without_a_length_is_not_known_to_be_whole(tmp_path: Path) -> None:
    """Whoever looks inside has to tell; a size that the vendor gave tells at once."""
    raw = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n" + FILM[:5000]
    assert fetch(cut(raw), tmp_path / "film") == Fetched(5000, "video/mp4", False)
    assert failing(cut(raw), tmp_path / "film2", size=9999) is Fault.TRUNCATED
    assert fetch(cut(raw), tmp_path / "film3", size=5000).is_whole


@pytest.mark.parametrize("size", [len(FILM) - 1, len(FILM) + 1])
def test_a_result_of_another_size_than_the_vendor_said_is_refused(tmp_path: Path, size: int) -> None:
    """Whole by HTTP is not whole."""
    assert failing(whole(FILM, MP4), tmp_path / "film", size=size) is Fault.TRUNCATED


def test_an_empty_result_is_refused(tmp_path: Path) -> None:
    """Nothing is no result."""
    assert failing(whole(b"", MP4), tmp_path / "film") is Fault.EMPTY


def test_a_result_over_the_cap_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """Its length is told."""
    assert failing(whole(FILM, MP4), tmp_path / "film", most_bytes=100_000) is Fault.TOO_LARGE


def test_an_endless_result_ends_at_the_cap(tmp_path: Path) -> None:
    """Its length isn't told."""
    raw = b"HTTP/1.1 200 OK\r\n\r\n" + FILM
    assert failing(cut(raw), tmp_path / "film", most_bytes=100_000) is Fault.TOO_LARGE


@pytest.mark.parametrize(
    "kind", ["text/html; charset=utf-8", "application/json", "application/xml", "application/problem+json"]
)
def test_a_page_as_200_is_no_result(tmp_path: Path, kind: str) -> None:
    """A page of HTML, a message in JSON or XML."""
    assert failing(whole(b"<html>sorry</html>", f"Content-Type: {kind}"), tmp_path / "film") is Fault.NOT_MEDIA


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_an_expired_link_asks_for_a_fresh_one(tmp_path: Path, status: int) -> None:
    """Fetching the same again is in vain."""
    with pytest.raises(FetchFailed) as failed:
        fetch(whole(b"<Error/>", status=f"{status} No"), tmp_path / "film")
    assert (failed.value.fault, failed.value.needs_fresh_link, failed.value.may_pass) == (Fault.EXPIRED, True, False)


def test_a_busy_server_says_when_to_come_again(tmp_path: Path) -> None:
    """503 and 429 pass."""
    with pytest.raises(FetchFailed) as failed:
        fetch(whole(b"", "Retry-After: 7", status="503 Busy"), tmp_path / "film")
    assert (failed.value.fault, failed.value.may_pass, failed.value.retry_after_s) == (Fault.BUSY, True, 7.0)


@pytest.mark.parametrize("status", ["204 No Content", "206 Partial Content", "304 Not Modified", "418 Teapot"])
def test_an_odd_status_is_no_result(tmp_path: Path, status: str) -> None:
    """Only 200 is."""
    assert failing(whole(b"", MP4, status=status), tmp_path / "film") is Fault.ODD


def test_a_packed_result_is_refused(tmp_path: Path) -> None:
    """Nobody asked for gzip, and nobody unpacks a bomb."""
    import gzip

    packed = gzip.compress(bytes(2**20))
    assert failing(whole(packed, MP4, "Content-Encoding: gzip"), tmp_path / "film") is Fault.ODD


def test_a_slow_loris_of_a_download_ends_at_the_deadline(tmp_path: Path) -> None:
    """A byte at a time, each in time."""
    began = time.monotonic()
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"
    assert failing(dripping(raw, 0.005), tmp_path / "film", deadline_s=0.5) is Fault.SLOW
    assert time.monotonic() - began < 2


def test_a_cancelled_download_leaves_nothing(tmp_path: Path) -> None:
    """^C while it runs."""

    async def run() -> None:
        raw = b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"
        async with serving(dripping(raw, 0.001)) as server, Transport(named=[server.name]) as transport:
            fetching = asyncio.create_task(transport.fetch(server.url, tmp_path / "film", 2**20, 5))
            await asyncio.sleep(0.3)
            fetching.cancel()
            with pytest.raises(asyncio.CancelledError):
                await fetching

    asyncio.run(run())
    assert list(tmp_path.iterdir()) == []


def test_a_download_never_writes_over_a_file_or_through_a_link(tmp_path: Path) -> None:
    """The path is a new one."""
    (tmp_path / "film").write_text("kept")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("film", "link"):
        with pytest.raises(FileExistsError):
            fetch(whole(FILM, MP4), tmp_path / name)
    assert (tmp_path / "film").read_text() == "kept"
    assert not (tmp_path / "elsewhere").exists()


def test_a_redirect_is_followed_without_credentials(tmp_path: Path) -> None:
    """A signed content address sends us to a store, which has no business with the key."""

    async def run() -> None:
        async with serving(whole(FILM, MP4)) as store:
            sends = whole(b"", f"Location: {store.url}/film", status="302 Found")
            async with serving(sends) as vendor, Transport(named=[store.name, vendor.name]) as transport:
                await transport.fetch(f"{vendor.url}/content", tmp_path / "film", 2**23, 5, {"X-API-Key": KEY})
                assert vendor.asked[0].headers["x-api-key"] == KEY
                assert KEY not in store.asked[0].head

    asyncio.run(run())
    assert (tmp_path / "film").read_bytes() == FILM


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:{port}/film",
        "https://127.0.0.1:{port}/film",
        "https://169.254.169.254/latest",
        "file:///etc/passwd",
        "https://localhost:{port}/",
        "https://[::1]:{port}/",
        "https://user:pass@cdn.example/",
        "//0x7f.1:{port}/",
        "https://[fe80::1]/",
    ],
)
def test_a_redirect_is_checked_like_the_address_itself(tmp_path: Path, location: str) -> None:
    """A vendor's answer can't make us ask this machine or its neighbours."""

    async def run() -> None:
        async with serving(whole(FILM, MP4)) as inner:
            sends = whole(b"", f"Location: {location.format(port=inner.port)}", status="302 Found")
            async with serving(sends) as vendor, Transport(named=[vendor.name]) as transport:
                with pytest.raises(FetchFailed) as failed:
                    await transport.fetch(f"{vendor.url}/content", tmp_path / "film", 2**23, 5)
                assert failed.value.fault is Fault.FORBIDDEN
                assert inner.connections == 0

    asyncio.run(run())


def test_redirects_come_to_an_end(tmp_path: Path) -> None:
    """Three are followed."""

    async def run() -> None:
        async with serving(whole(b"", "Location: /again", status="302 Found")) as vendor:
            async with Transport(named=[vendor.name]) as transport:
                with pytest.raises(FetchFailed) as failed:
                    await transport.fetch(f"{vendor.url}/content", tmp_path / "film", 2**23, 5)
            assert failed.value.fault is Fault.FORBIDDEN
            assert len(vendor.asked) == 4

    asyncio.run(run())


@pytest.mark.parametrize(
    "found",
    [
        ["10.0.0.1"],
        ["127.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["fe80::1"],
        ["fd00::1"],
        ["224.0.0.1"],
        ["ff02::1"],
        ["::ffff:8.8.8.8"],
        ["64:ff9b::10.0.0.1"],
        ["8.8.8.8", "192.168.1.1"],
        ["2606:4700::1", "::ffff:127.0.0.1"],
    ],
)
def test_one_address_that_is_not_public_is_enough_to_refuse_a_name(tmp_path: Path, found: Sequence[str]) -> None:
    """Every address behind the name is looked at, before any is connected to."""
    asked, resolver = resolving(found)

    async def run() -> None:
        async with Transport(resolver=resolver) as transport:
            await transport.fetch("https://cdn.example/film.mp4", tmp_path / "film", 2**23, 5)

    with pytest.raises(FetchFailed) as failed:
        asyncio.run(run())
    assert (failed.value.fault, asked) == (Fault.FORBIDDEN, ["cdn.example"])


def test_http_is_refused_for_all_but_named_hosts_of_this_machine(tmp_path: Path) -> None:
    """Naming a host elsewhere does not make http right there."""

    async def run() -> None:
        async with Transport(named=["cdn.example:80"]) as transport:
            await transport.fetch("http://cdn.example/film.mp4", tmp_path / "film", 2**23, 5)

    with pytest.raises(FetchFailed) as failed:
        asyncio.run(run())
    assert failed.value.fault is Fault.FORBIDDEN


def test_what_is_connected_to_is_what_was_checked(
    tmp_path: Path, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """A name that resolves to something else a moment later (DNS rebinding) is resolved once; TLS and Host keep it."""
    asked, resolver = resolving(["127.0.0.1"], ["127.0.0.99"])

    async def run() -> None:
        async with serving(whole(FILM, MP4), server_tls) as server:
            name = f"media.example:{server.port}"
            async with Transport([name], tls=client_tls, resolver=resolver) as transport:
                await transport.fetch(f"https://{name}/film.mp4", tmp_path / "film", 2**23, 5)
            assert asked == ["media.example"]
            assert server.names == ["media.example"]
            assert server.asked[0].headers["host"] == name

    asyncio.run(run())
    assert (tmp_path / "film").read_bytes() == FILM


def test_the_certificate_must_be_the_names_own(
    tmp_path: Path, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """That the address was checked does not make it the right server."""
    _, resolver = resolving(["127.0.0.1"])

    async def run() -> None:
        async with serving(whole(FILM, MP4), server_tls) as server:
            name = f"stranger.example:{server.port}"
            async with Transport([name], tls=client_tls, resolver=resolver) as transport:
                with pytest.raises(FetchFailed) as failed:
                    await transport.fetch(f"https://{name}/film.mp4", tmp_path / "film", 2**23, 5)
            assert failed.value.fault is Fault.UNREACHABLE
            assert "certificate" in failed.value.sentence
            assert server.asked == []

    asyncio.run(run())


def test_the_next_address_is_tried_where_one_takes_no_connection(
    tmp_path: Path, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """Of two checked addresses the first is down."""
    _, resolver = resolving(["127.0.0.99", "127.0.0.1"])

    async def run() -> None:
        async with serving(whole(FILM, MP4), server_tls) as server:
            name = f"media.example:{server.port}"
            async with Transport([name], tls=client_tls, resolver=resolver) as transport:
                await transport.fetch(f"https://{name}/film.mp4", tmp_path / "film", 2**23, 5)

    asyncio.run(run())
    assert (tmp_path / "film").stat().st_size == len(FILM)


def test_a_name_that_is_not_known_may_pass(tmp_path: Path) -> None:
    """The resolver may be down for a moment."""

    async def nobody(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror("no such name")

    async def run() -> None:
        async with Transport(resolver=nobody) as transport:
            await transport.fetch("https://cdn.example/film.mp4", tmp_path / "film", 2**23, 5)

    with pytest.raises(FetchFailed) as failed:
        asyncio.run(run())
    assert (failed.value.fault, failed.value.may_pass) == (Fault.UNREACHABLE, True)


def test_behind_a_proxy_the_name_is_the_proxys_to_look_up(tmp_path: Path) -> None:
    """Names within may not be known here; what the address itself says is checked all the same."""
    asked, resolver = resolving(["10.0.0.1"])

    async def run() -> None:
        async with serving(whole(b"", status="403 Forbidden")) as proxy:
            async with Transport(proxy=proxy.url, resolver=resolver) as transport:
                for url, fault in (
                    ("https://cdn.example/film.mp4", Fault.UNREACHABLE),
                    ("https://10.0.0.1/film.mp4", Fault.FORBIDDEN),
                    ("http://cdn.example/film.mp4", Fault.FORBIDDEN),
                ):
                    with pytest.raises(FetchFailed) as failed:
                        await transport.fetch(url, tmp_path / "film", 2**23, 5)
                    assert failed.value.fault is fault
            assert [one.line for one in proxy.asked] == ["CONNECT cdn.example:443 HTTP/1.1"]

    asyncio.run(run())
    assert asked == []
