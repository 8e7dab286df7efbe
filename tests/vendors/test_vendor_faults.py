"""Faults befall the requests they are planned for, and money is spent, or not, as they say."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from vidbuild.testing.vendors import FAULTS, HOSTILE, Vendors
from vidbuild.testing.vendors.faults import FATES, INSTEAD, SENDING

BODY = {"model": "plain-video-1", "prompt": "a harbour", "seconds": 1, "size": "320x180"}


class Plainly:
    """A client of the bare vendor, by hand."""

    def __init__(self, vendors: Vendors, client: httpx.Client):
        self.vendor, self.client = vendors.bare, client
        self.headers = {"X-Api-Key": vendors.bare.key}

    def submit(self, **change: Any) -> httpx.Response:
        return self.client.post(f"{self.vendor.url}/jobs", json={**BODY, **change}, headers=self.headers)

    def poll(self, name: str) -> httpx.Response:
        return self.client.get(f"{self.vendor.url}/jobs/{name}", headers=self.headers)

    def done(self, **change: Any) -> str:
        """Buy a take, and give its address."""
        name = self.submit(**change).json()["id"]
        while (told := self.poll(name).json())["state"] != "done":
            time.sleep(0.01)
        return str(told["url"])

    def fetch(self, url: str) -> httpx.Response:
        return self.client.get(url)


@pytest.fixture
def plainly(vendors: Vendors, client: httpx.Client) -> Plainly:
    return Plainly(vendors, client)


@pytest.fixture
def take(plainly: Plainly) -> bytes:
    """The right bytes."""
    return plainly.fetch(plainly.done()).content


def test_a_fault_befalls_the_nth_matching_request_so_many_times(plainly: Plainly) -> None:
    plainly.vendor.fault("submit", "busy", nth=2, times=2, where="storm")
    codes = [plainly.submit(prompt=prompt).status_code for prompt in ("storm", "calm", "storm", "storm", "storm")]
    assert codes == [201, 201, 429, 429, 201]
    assert len(plainly.vendor.ledger) == 3


def test_a_rule_may_be_a_function_and_a_storm_may_last(plainly: Plainly) -> None:
    plainly.vendor.fault("submit", "busy", times=None, where=lambda asked: asked.json["seed"] == 3)
    assert [plainly.submit(seed=seed).status_code for seed in (1, 3, 3, 3)] == [201, 429, 429, 429]


def test_what_is_no_fault_is_refused_at_once(plainly: Plainly) -> None:
    with pytest.raises(ValueError, match="no fault"):
        plainly.vendor.fault("submit", "explodes")
    with pytest.raises(ValueError, match="no step"):
        plainly.vendor.fault("sleep", "busy")


@pytest.mark.parametrize("fault", ["busy", "server_error", "refused", "out_of_credit", "bad_key", "retired", "missing"])
def test_instead_of_the_work_a_no_in_the_vendors_form_costs_nothing(plainly: Plainly, fault: str) -> None:
    plainly.vendor.fault("submit", fault, message=HOSTILE)
    answer = plainly.submit()
    assert answer.status_code >= 400
    assert answer.json()["error"]["message"] == HOSTILE
    assert len(plainly.vendor.ledger) == 0
    assert plainly.vendor.complaints == []


def test_retry_after_and_statuses_are_as_asked(plainly: Plainly) -> None:
    plainly.vendor.fault("submit", "busy", retry_after_s=7)
    plainly.vendor.fault("submit", "server_error", nth=2, status=503, retry_after_s=2)
    plainly.vendor.fault("submit", "retired", nth=3, status=404)
    plainly.vendor.fault("submit", "server_error", nth=4, status=502, page=True)
    answers = [plainly.submit() for _ in range(4)]
    assert [answer.status_code for answer in answers] == [429, 503, 404, 502]
    assert [answer.headers.get("retry-after") for answer in answers] == ["7", "2", None, None]
    assert answers[3].headers["content-type"] == "text/html"


@pytest.mark.parametrize(("fault", "bought"), [("reset_before", 0), ("reset_after", 1)])
def test_a_reset_before_or_after_the_work(plainly: Plainly, fault: str, bought: int) -> None:
    plainly.vendor.fault("submit", fault)
    with pytest.raises(httpx.TransportError):
        plainly.submit()
    assert len(plainly.vendor.ledger) == bought


@pytest.mark.parametrize(("fault", "bought"), [("hang_before", 0), ("hang_after", 1)])
def test_a_hang_before_or_after_the_work(plainly: Plainly, fault: str, bought: int) -> None:
    plainly.vendor.fault("submit", fault)
    plainly.client.timeout = httpx.Timeout(0.2)
    with pytest.raises(httpx.ReadTimeout):
        plainly.submit()
    assert len(plainly.vendor.ledger) == bought


def test_a_lost_answer_is_a_500_for_a_job_that_was_made(plainly: Plainly) -> None:
    plainly.vendor.fault("submit", "lost", status=502)
    assert plainly.submit().status_code == 502
    assert len(plainly.vendor.ledger) == 1


def test_a_slow_loris_sends_byte_by_byte(plainly: Plainly) -> None:
    plainly.vendor.fault("submit", "slow", seconds=0.002)
    begun = time.monotonic()
    assert plainly.submit().status_code == 201
    assert time.monotonic() - begun > 0.3


@pytest.mark.parametrize(
    ("fault", "settings"),
    [("truncated", {}), ("reset_within", {}), ("truncated", {"sized": False}), ("wrong_length", {}), ("empty", {})],
)
def test_a_download_can_come_short(plainly: Plainly, take: bytes, fault: str, settings: dict[str, Any]) -> None:
    url = plainly.done()
    plainly.vendor.fault("download", fault, **settings)
    try:
        assert len(plainly.fetch(url).content) < len(take)
    except httpx.TransportError:
        assert settings == {}
    assert plainly.fetch(url).content == take


@pytest.mark.parametrize(
    ("fault", "begins"),
    [("html", b"<!doctype"), ("json", b"{"), ("hls", b"#EXTM3U"), ("ffconcat", b"ffconcat version 1.0")],
)
def test_a_download_can_be_something_else(plainly: Plainly, fault: str, begins: bytes) -> None:
    url = plainly.done()
    plainly.vendor.fault("download", fault)
    answer = plainly.fetch(url)
    assert answer.status_code == 200
    assert answer.content.startswith(begins)
    assert answer.headers["content-type"] == ("text/html" if fault == "html" else "video/mp4")


def test_a_download_can_be_bent_or_mislabelled(plainly: Plainly, take: bytes) -> None:
    url = plainly.done()
    plainly.vendor.fault("download", "bit_flipped")
    plainly.vendor.fault("download", "wrong_type", nth=2)
    bent = plainly.fetch(url).content
    assert (len(bent), bent == take) == (len(take), False)
    answer = plainly.fetch(url)
    assert (answer.headers["content-type"], answer.content) == ("text/plain", take)


def test_a_download_can_hang_within_or_go_on_for_ever(plainly: Plainly) -> None:
    url = plainly.done()
    plainly.vendor.fault("download", "hang_within")
    plainly.vendor.fault("download", "endless", nth=2)
    plainly.client.timeout = httpx.Timeout(0.2)
    with pytest.raises(httpx.ReadTimeout):
        plainly.fetch(url)
    got = 0
    with plainly.client.stream("GET", url) as answer:
        for part in answer.iter_raw():
            got += len(part)
            if got > 3_000_000:
                break
    assert "content-length" not in answer.headers


def test_a_small_gzip_body_is_huge(plainly: Plainly) -> None:
    url = plainly.done()
    plainly.vendor.fault("download", "gzip_bomb", megabytes=64)
    with plainly.client.stream("GET", url) as answer:
        assert sum(len(part) for part in answer.iter_raw()) < 200_000
    assert answer.headers["content-encoding"] == "gzip"


def test_an_expired_link_stays_dead_and_a_poll_tells_a_fresh_one(plainly: Plainly, take: bytes) -> None:
    name = plainly.submit().json()["id"]
    time.sleep(0.1)
    url = plainly.poll(name).json()["url"]
    plainly.vendor.fault("download", "link_expired")
    assert [plainly.fetch(url).status_code for _ in range(2)] == [403, 403]
    fresh = plainly.poll(name).json()["url"]
    assert fresh != url
    assert plainly.fetch(fresh).content == take
    assert len(plainly.vendor.ledger) == 2


def test_a_redirect_leads_to_another_host(plainly: Plainly) -> None:
    url = plainly.done()
    plainly.vendor.fault("download", "redirect")
    plainly.vendor.fault("download", "redirect", nth=2, to="http://169.254.169.254/latest/meta-data", status=307)
    here, there = plainly.fetch(url), plainly.fetch(url)
    assert here.status_code == 302
    assert here.headers["location"] == url.replace("127.0.0.1", "localhost").replace("/result.mp4", "/result.mp4")
    assert (there.status_code, there.headers["location"]) == (307, "http://169.254.169.254/latest/meta-data")


@pytest.mark.parametrize(
    ("fault", "state"),
    [("fails", "failed"), ("refused_at_end", "refused"), ("cancelled", "cancelled"), ("expired", "expired")],
)
def test_a_job_ends_badly_after_so_many_polls(plainly: Plainly, fault: str, state: str) -> None:
    plainly.vendor.fault("submit", fault, polls=3, message=HOSTILE)
    name = plainly.submit().json()["id"]
    time.sleep(0.1)
    states = [plainly.poll(name).json() for _ in range(4)]
    assert [told["state"] in ("queued", "running") for told in states] == [True, True, False, False]
    assert states[-1]["state"] == state
    assert states[-1]["error"]["message"] == HOSTILE


def test_a_job_may_be_unknown_at_first_or_for_ever(plainly: Plainly) -> None:
    plainly.vendor.fault("submit", "vanishes", polls=2)
    plainly.vendor.fault("submit", "vanishes", nth=2)
    for expected in ([404, 404, 200], [404, 404, 404]):
        name = plainly.submit().json()["id"]
        assert [plainly.poll(name).status_code for _ in range(3)] == expected
    assert len(plainly.vendor.ledger) == 2


def test_an_answer_may_name_the_job_before_no_job_or_no_name(plainly: Plainly) -> None:
    for nth, fault in enumerate(("same_id", "no_id", "odd_id"), 2):
        plainly.vendor.fault("submit", fault, nth=nth)
    first, same, none, odd = (plainly.submit(seed=seed).json() for seed in range(4))
    assert same["id"] == first["id"]
    assert "id" not in none
    assert odd["id"] == "../../x"
    assert len(plainly.vendor.ledger) == 4


def test_one_job_may_be_late(plainly: Plainly) -> None:
    plainly.vendor.fault("submit", "late", seconds=5)
    late, other = plainly.submit().json()["id"], plainly.submit().json()["id"]
    time.sleep(0.15)
    assert [plainly.poll(name).json()["state"] for name in (late, other)] == ["queued", "done"]


KILLED = """
    import os, sys, httpx, time
    url, key = sys.argv[1:]
    body = {"model": "plain-video-1", "prompt": "a harbour", "seconds": 1, "size": "320x180"}
    with httpx.Client(headers={"X-Api-Key": key}, trust_env=False) as client:
        job = client.post(url + "/jobs", json=body).json()
        while "url" not in job:
            job = client.get(url + "/jobs/" + job["id"]).json()
        with httpx.stream("GET", job["url"], trust_env=False) as answer, open(sys.argv[0] + ".part", "wb") as file:
            for part in answer.iter_raw():
                file.write(part)
                file.flush()
        client.post(url + "/jobs", json=body)
"""


@pytest.mark.skipif(not os.path.exists("/proc/net/tcp"), reason="the asking process is found in /proc")
@pytest.mark.parametrize(
    ("step", "fault", "bought"),
    [
        ("submit", "kill_before", 0),
        ("submit", "kill_after", 1),
        ("poll", "kill_before", 1),
        ("download", "kill_within", 1),
    ],
)
def test_whoever_asks_is_killed(vendors: Vendors, tmp_path: Any, step: str, fault: str, bought: int) -> None:
    vendors.bare.fault(step, fault)
    script = tmp_path / "client.py"
    script.write_text(textwrap.dedent(KILLED))
    ended = subprocess.run([sys.executable, script, vendors.bare.url, vendors.bare.key], timeout=30)
    assert ended.returncode == -9
    assert len(vendors.bare.ledger) == bought
    if fault == "kill_within":
        assert (tmp_path / "client.py.part").exists()


def test_a_named_process_is_killed_and_never_our_own(vendors: Vendors, plainly: Plainly) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as victim:
        plainly.vendor.fault("poll", "kill_before", pid=lambda: victim.pid)
        with pytest.raises(httpx.TransportError):
            plainly.poll("x")
        assert victim.wait(10) == -9
    plainly.vendor.fault("poll", "kill_before", pid=os.getpid())
    assert plainly.poll("x").status_code == 500
    assert "its own process" in vendors.troubles.pop()
    vendors.forgive()


def test_every_fault_is_of_one_sort_and_says_what_it_does() -> None:
    assert len(FAULTS) == len(INSTEAD) + len(FATES) + len(SENDING)
    assert all(FAULTS.values())


def test_every_vendor_says_every_no_in_a_form_of_its_own(vendors: Vendors, client: httpx.Client) -> None:
    """None of them fails at one, and none answers with a mere 200 but Kling, with a code inside."""
    submits: dict[str, Callable[[], str]] = {
        "runway": lambda: "/v1/text_to_video",
        "kling": lambda: "/v1/videos/text2video",
        "fal": lambda: "/fal-ai/veo3.1",
        "elevenlabs": lambda: "/v1/music",
        "stability": lambda: "/v2beta/audio/stable-audio-2/text-to-audio",
        "plain-bare": lambda: "/jobs",
    }
    for name, path in submits.items():
        vendor = vendors.called(name)
        for fault in ("busy", "server_error", "refused", "out_of_credit", "bad_key", "retired", "missing", "invalid"):
            vendor.script.clear()
            vendor.fault("submit", fault)
            answer = client.post(vendor.url + path(), json={})
            assert answer.json().get("code") if name == "kling" else answer.status_code >= 400
    assert vendors.ledger == []
