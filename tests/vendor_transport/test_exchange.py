"""One request to a vendor: what is sent, what comes back, what is known when nothing does."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import time
from collections.abc import Mapping
from typing import Any

import httpcore
import pytest
from scripted_server import Asked, cut, dripping, resetting, serving, whole

from vidbuild.runners.vendor.outcomes import Redirected, Unanswered, Unsent
from vidbuild.runners.vendor.transport import Transport, _Progress
from vidbuild.wire.values import Request, Response

KEY = "sk-planted-4711-xyz"


def signed(headers: Mapping[str, str]) -> Mapping[str, str]:
    return {**headers, "X-API-Key": KEY}


def post(url: str, body: bytes = b'{"prompt":"a cup"}') -> Request:
    return Request("POST", f"{url}/v1/tasks", {"Content-Type": "application/json"}, body)


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_a_request_is_sent_whole_and_its_answer_read_whole() -> None:
    """Method, path, query, headers, body and key go out; names of the answer's headers are in lower case."""

    async def run() -> None:
        async with serving(whole(b'{"id":"1"}', "X-Request-Id: abc")) as server, Transport() as transport:
            request = Request("POST", f"{server.url}/v1/tasks?a=1%2F2", {"X-Version": "2024"}, b"{}")
            answer = await transport.exchange(request, signed)
            assert answer == Response(200, {"content-length": "10", "x-request-id": "abc"}, b'{"id":"1"}')
            (asked,) = server.asked
            assert (asked.line, asked.body) == ("POST /v1/tasks?a=1%2F2 HTTP/1.1", b"{}")
            assert asked.headers["host"] == server.name
            assert asked.headers["accept-encoding"] == "identity"
            assert asked.headers["x-version"] == "2024"
            assert asked.headers["x-api-key"] == KEY
            assert asked.headers["user-agent"].startswith("vidbuild/")

    asyncio.run(run())


def test_an_unsigned_request_gets_no_key() -> None:
    """Uploads go to addresses that carry their own right; the vendor's key is not theirs to see."""

    async def run() -> None:
        async with serving(whole(b"{}")) as server, Transport(named=[server.name]) as transport:
            request = Request("PUT", f"{server.url}/upload", {}, b"png", is_signed=False)
            assert isinstance(await transport.exchange(request, signed), Response)
            assert "x-api-key" not in server.asked[0].headers

    asyncio.run(run())


def test_an_unsigned_request_to_this_machine_is_not_sent_unless_the_user_named_it() -> None:
    """An address that a vendor gave is a stranger's word."""

    async def run() -> None:
        async with serving(whole(b"{}")) as server, Transport() as transport:
            answer = await transport.exchange(Request("PUT", f"{server.url}/upload", {}, b"png", is_signed=False))
            assert isinstance(answer, Unsent)
            assert server.connections == 0

    asyncio.run(run())


@pytest.mark.parametrize("raw", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{"])
def test_a_slow_loris_ends_at_the_deadline(raw: bytes) -> None:
    """Each byte in time, the whole never: one deadline holds for all of it."""

    async def run() -> None:
        async with serving(dripping(raw)) as server, Transport() as transport:
            began = time.monotonic()
            answer = await transport.exchange(post(server.url), signed, deadline_s=0.4)
            assert isinstance(answer, Unanswered)
            assert 0.3 < time.monotonic() - began < 2

    asyncio.run(run())


def test_a_gzip_bomb_is_not_unpacked() -> None:
    """40 MB in 40 kB stop at the cap."""
    bomb = gzip.compress(bytes(40 * 2**20))

    async def run() -> None:
        async with serving(whole(bomb, "Content-Encoding: gzip")) as server, Transport() as transport:
            answer = await transport.exchange(post(server.url), signed, most_bytes=2**20)
            assert isinstance(answer, Unanswered)
            assert answer.status == 200

    asyncio.run(run())


def test_an_answer_that_was_packed_unasked_is_read_all_the_same() -> None:
    """It may be the only word on a paid job."""

    async def run() -> None:
        body = gzip.compress(b'{"id":"7"}')
        async with serving(whole(body, "Content-Encoding: gzip")) as server, Transport() as transport:
            answer = await transport.exchange(post(server.url), signed)
            assert isinstance(answer, Response)
            assert answer.body == b'{"id":"7"}'

    asyncio.run(run())


@pytest.mark.parametrize("is_told", [True, False])
def test_an_answer_over_the_cap_is_not_read(is_told: bool) -> None:
    """Told or not, it ends at the cap."""
    raw = b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: 3000000\r\n" if is_told else b"") + b"\r\n" + bytes(3_000_000)

    async def run() -> None:
        async with serving(cut(raw)) as server, Transport() as transport:
            answer = await transport.exchange(post(server.url), signed, most_bytes=2**20)
            assert isinstance(answer, Unanswered)
            assert "larger" in answer.reason

    asyncio.run(run())


@pytest.mark.parametrize(("status", "is_unmade"), [(301, True), (302, True), (303, False), (307, True), (308, True)])
def test_a_redirect_is_not_followed_and_takes_no_key_along(status: int, is_unmade: bool) -> None:
    """The other host is not even asked; only 303 says that the request was acted on."""

    async def run() -> None:
        async with serving(whole(b"{}")) as other:
            sends = whole(b"", f"Location: {other.url}/steal", status=f"{status} Elsewhere")
            async with serving(sends) as server, Transport() as transport:
                answer = await transport.exchange(post(server.url), signed)
                assert answer == Redirected(server.name, status, other.name)
                assert answer.is_unmade is is_unmade
                assert other.connections == 0

    asyncio.run(run())


def test_a_refused_connection_sent_nothing() -> None:
    """Nobody heard it."""

    async def run() -> None:
        async with Transport() as transport:
            answer = await transport.exchange(post(f"http://127.0.0.1:{closed_port()}"), signed)
            assert isinstance(answer, Unsent)
            assert answer.reason == "refused the connection"

    asyncio.run(run())


def test_a_name_that_is_not_known_sent_nothing() -> None:
    """As with a refused connection."""

    async def nobody(host: str, port: int) -> tuple[str, ...]:
        raise socket.gaierror("no such name")

    async def run() -> None:
        async with Transport(resolver=nobody) as transport:
            answer = await transport.exchange(Request("PUT", "https://gone.example/x", {}, b"1", is_signed=False))
            assert answer == Unsent("gone.example", "has no address: its name can't be resolved")

    asyncio.run(run())


def test_a_certificate_that_does_not_hold_sent_nothing(server_tls: ssl.SSLContext) -> None:
    """The handshake ends before the request."""

    async def run() -> None:
        async with serving(whole(b"{}"), server_tls) as server, Transport() as transport:
            answer = await transport.exchange(post(server.url), signed)
            assert isinstance(answer, Unsent)
            assert "certificate" in answer.reason
            assert server.asked == []

    asyncio.run(run())


def test_a_handshake_that_hangs_sent_nothing() -> None:
    """The deadline passes before there is a connection to send on."""

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(-1)
        writer.close()

    async def run() -> None:
        listening = await asyncio.start_server(hang, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        async with Transport() as transport:
            answer = await transport.exchange(post(f"https://127.0.0.1:{port}"), signed, deadline_s=0.3)
            assert isinstance(answer, Unsent)
        listening.close()

    asyncio.run(run())


def test_a_reset_after_the_request_was_read_leaves_it_unknown() -> None:
    """It was sent; what became of it is lost."""

    async def run() -> None:
        async with serving(resetting) as server, Transport() as transport:
            answer = await transport.exchange(post(server.url), signed)
            assert isinstance(answer, Unanswered)
            assert answer.status is None
            assert len(server.asked) == 1

    asyncio.run(run())


@pytest.mark.parametrize("raw", [b"", b"not http at all\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"])
def test_an_answer_that_breaks_off_leaves_it_unknown(raw: bytes) -> None:
    """Closed without a word, in the middle of one, or with something else."""

    async def run() -> None:
        async with serving(cut(raw)) as server, Transport() as transport:
            assert isinstance(await transport.exchange(post(server.url), signed), Unanswered)

    asyncio.run(run())


def traced(has_body: bool, *events: tuple[str, Mapping[str, Any]]) -> Unsent | Unanswered:
    """Tell a progress what httpcore's trace would."""

    async def run() -> Unsent | Unanswered:
        progress = _Progress(Request("POST", "http://a.example/", body=b"{}" if has_body else b""))
        for name, info in events:
            await progress.saw(name, info)
        return progress.lost("broke the connection")

    return asyncio.run(run())


BEGUN = ("http11.send_request_headers.started", {"request": httpcore.Request("POST", "http://a.example/")})
WENT = ("http11.send_request_headers.complete", {})
BROKEN = {"exception": httpcore.WriteError()}


def test_a_reset_before_the_request_was_read_sent_nothing() -> None:
    """What broke before its headers, or before its body, can't be acted on."""
    assert isinstance(traced(True, BEGUN, ("http11.send_request_headers.failed", BROKEN)), Unsent)
    assert isinstance(traced(True, BEGUN, WENT, ("http11.send_request_body.failed", BROKEN)), Unsent)


def test_a_request_without_a_body_is_out_with_its_headers() -> None:
    """Then there is nothing that the vendor lacks."""
    assert isinstance(traced(False, BEGUN, WENT, ("http11.send_request_body.failed", BROKEN)), Unanswered)


def test_a_request_whose_sending_was_stopped_may_have_arrived() -> None:
    """Time ran out while it was written: how much of it went out nobody knows."""
    late = {"exception": httpcore.WriteTimeout()}
    assert isinstance(traced(True, BEGUN, WENT, ("http11.send_request_body.failed", late)), Unanswered)
    stopped = {"exception": asyncio.CancelledError()}
    assert isinstance(traced(True, BEGUN, ("http11.send_request_headers.failed", stopped)), Unanswered)


def test_asking_a_proxy_for_a_tunnel_sends_the_vendor_nothing() -> None:
    """CONNECT is the proxy's to hear."""
    tunnel = {"request": httpcore.Request("CONNECT", "http://proxy.example/")}
    assert isinstance(traced(True, ("http11.send_request_headers.started", tunnel)), Unsent)


def test_the_environments_proxies_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable in CI must not lead keys elsewhere."""

    async def run() -> None:
        async with serving(whole(b"{}")) as proxy, serving(whole(b"{}")) as server:
            for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
                monkeypatch.setenv(name, proxy.url)
            async with Transport() as transport:
                assert isinstance(await transport.exchange(post(server.url), signed), Response)
            assert (proxy.connections, len(server.asked)) == (0, 1)

    asyncio.run(run())


def test_the_users_own_proxy_is_used_and_sees_no_key() -> None:
    """It is asked for a tunnel; what goes through that is not its to read. Refused, nothing was sent."""

    async def run() -> None:
        async with serving(whole(b"", status="403 Forbidden")) as proxy, Transport(proxy=proxy.url) as transport:
            answer = await transport.exchange(post("https://api.example"), signed)
            assert isinstance(answer, Unsent)
            (asked,) = proxy.asked
            assert asked.line == "CONNECT api.example:443 HTTP/1.1"
            assert KEY not in asked.head

    asyncio.run(run())


@pytest.mark.parametrize("value", [f"{KEY}\n", f"{KEY}\r\nX-More: 1", f"\u201c{KEY}\u201d", f" {KEY}"])
def test_a_key_that_no_header_can_hold_is_not_sent_and_not_told(value: str) -> None:
    """A key pasted with its line end is the usual case; what is told names the header alone."""

    async def run() -> None:
        async with serving(whole(b"{}")) as server, Transport() as transport:
            answer = await transport.exchange(post(server.url), lambda headers: {**headers, "Authorization": value})
            assert isinstance(answer, Unsent)
            assert KEY not in repr(answer)
            assert "`Authorization`" in answer.reason
            assert server.asked == []

    asyncio.run(run())


def test_polls_share_a_connection_and_each_submit_has_a_fresh_one() -> None:
    """On a connection that the server is just closing nobody could say whether a submit arrived."""

    async def run() -> None:
        async with serving(whole(b"{}")) as server, Transport() as transport:
            poll = Request("GET", f"{server.url}/v1/tasks/1")
            for _ in range(5):
                await transport.exchange(poll, signed)
            assert server.connections == 1
            for _ in range(3):
                await transport.exchange(post(server.url), signed)
            assert server.connections == 4

    asyncio.run(run())


def test_a_connection_that_the_server_closed_is_not_used_again() -> None:
    """A poll finds it closed and opens another."""

    async def run() -> None:
        async with serving(cut(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")) as server, Transport() as transport:
            for _ in range(3):
                answer = await transport.exchange(Request("GET", f"{server.url}/v1/tasks/1"), signed)
                assert isinstance(answer, Response)
                await asyncio.sleep(0.05)

    asyncio.run(run())


def test_connections_to_one_host_are_bounded() -> None:
    """Forty at once go over four."""

    async def slow(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.01)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    async def run() -> None:
        async with serving(slow) as server, Transport(most_per_host=4) as transport:
            poll = Request("GET", f"{server.url}/v1/tasks/1")
            answers = await asyncio.gather(*[transport.exchange(poll, signed) for _ in range(40)])
            assert all(isinstance(answer, Response) for answer in answers)
            assert server.most_open == 4

    asyncio.run(run())


def test_who_never_got_a_connection_sent_nothing() -> None:
    """The deadline holds for waiting too."""

    async def run() -> None:
        async with serving(dripping(b"HTTP/1.1 200 OK\r\n")) as server, Transport(most_per_host=1) as transport:
            first = asyncio.create_task(transport.exchange(post(server.url), signed, deadline_s=0.5))
            await asyncio.sleep(0.1)
            answer = await transport.exchange(post(server.url), signed, deadline_s=0.1)
            assert isinstance(answer, Unsent)
            assert isinstance(await first, Unanswered)

    asyncio.run(run())


def test_cookies_are_not_kept() -> None:
    """A vendor's answer leaves nothing behind for the next request."""

    async def run() -> None:
        async with serving(whole(b"{}", "Set-Cookie: session=1; Path=/")) as server, Transport() as transport:
            for _ in range(2):
                await transport.exchange(Request("GET", f"{server.url}/v1/tasks/1"), signed)
            assert "cookie" not in server.asked[1].headers

    asyncio.run(run())


def test_a_provider_file_cannot_set_what_frames_a_request() -> None:
    """Host, lengths and codings are the transport's."""

    async def run() -> None:
        async with serving(whole(b"{}")) as server, Transport() as transport:
            bad = {"Host": "bank.example", "Transfer-Encoding": "chunked", "Accept-Encoding": "gzip"}
            await transport.exchange(Request("POST", f"{server.url}/v1", bad, b"{}"), signed)
            (asked,) = server.asked
            assert asked.headers["host"] == server.name
            assert asked.headers["accept-encoding"] == "identity"
            assert "transfer-encoding" not in asked.headers

    asyncio.run(run())


def test_a_cancelled_exchange_leaves_no_connection_behind() -> None:
    """^C closes what it stops."""

    async def run() -> None:
        async with serving(dripping(b"HTTP/1.1 200 OK\r\n", 0.01)) as server, Transport() as transport:
            asking = asyncio.create_task(transport.exchange(post(server.url), signed))
            await asyncio.sleep(0.1)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            await asyncio.sleep(0.1)
            assert (server.connections, server.open) == (1, 0)

    asyncio.run(run())


def test_importing_the_transport_does_not_import_httpx() -> None:
    """`vidbuild --version` stays fast."""
    import subprocess
    import sys

    code = "import sys, vidbuild.runners.vendor.transport; print('httpx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


@pytest.mark.parametrize(("client", "known_to"), [("httpx|httpcore", "lanes.py"), ("urllib3", "http.py")])
def test_one_module_alone_knows_each_client(client: str, known_to: str) -> None:
    """Of vendors, and of the shared store: so that the move to another client is a change of one file."""
    import re
    from pathlib import Path

    import vidbuild

    known = re.compile(rf"^ *(import|from) ({client})\b", re.MULTILINE)
    package = Path(vidbuild.__file__).parent
    found = {path.name for path in package.rglob("*.py") if known.search(path.read_text().split("TYPE_CHECKING:")[0])}
    assert found == {known_to}
