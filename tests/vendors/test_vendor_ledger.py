"""What was paid is on disk before the answer, in a form that any process reads; every request is counted."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from vidbuild.testing.vendors import Vendors, apart, purchases
from vidbuild.testing.vendors.ledger import LEDGER

BODY = {"model": "plain-video-1", "prompt": "a harbour", "seconds": 1, "size": "320x180"}


def buy(vendors: Vendors, client: httpx.Client, **change: object) -> str:
    headers = {"X-Api-Key": vendors.listed.key}
    return str(client.post(f"{vendors.listed.url}/jobs", json={**BODY, **change}, headers=headers).json()["id"])


def test_any_process_reads_the_ledger(vendors: Vendors, client: httpx.Client) -> None:
    name = buy(vendors, client, tag="t1")
    (row,) = purchases(vendors.folder, "plain-listed")
    assert row == vendors.listed.ledger[0]
    assert (row.job, row.tag, row.usd, row.path) == (name, "t1", 0.1, "/jobs")
    assert row.asked["prompt"] == "a harbour"
    assert purchases(vendors.folder, "kling") == []


def test_a_torn_last_line_is_left_out(vendors: Vendors, client: httpx.Client) -> None:
    buy(vendors, client)
    with open(vendors.folder / LEDGER, "a") as file:
        file.write('{"vendor": "kl')
    assert len(purchases(vendors.folder)) == 1


def test_a_digest_is_of_what_was_asked_and_not_of_the_tag(vendors: Vendors, client: httpx.Client) -> None:
    for tag in ("t1", "t2"):
        buy(vendors, client, tag=tag)
    assert len({row.digest for row in vendors.listed.ledger}) == 1
    assert len(vendors.listed.ledger.twice) == 1


def test_requests_are_counted_by_vendor_and_step(vendors: Vendors, client: httpx.Client) -> None:
    name = buy(vendors, client)
    for _ in range(3):
        client.get(f"{vendors.listed.url}/jobs/{name}", headers={"X-Api-Key": vendors.listed.key})
    assert (vendors.listed.count("submit"), vendors.listed.count("poll")) == (1, 3)
    assert [row.status for row in vendors.requests] == [201, 200, 200, 200]
    lines = (vendors.folder / "requests.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == ["submit", "poll", "poll", "poll"]


def test_a_key_sent_to_a_file_is_told_as_a_leak(tmp_path: Path, client: httpx.Client, until) -> None:
    with Vendors(tmp_path, lines=90, has_files_elsewhere=True) as vendors:
        headers = {"X-Api-Key": vendors.listed.key}
        job = f"{vendors.listed.url}/jobs/{buy(vendors, client)}"
        url = until(lambda: client.get(job, headers=headers).json().get("url"))
        assert not url.startswith(vendors.listed.url)
        assert client.get(url).status_code == 200
        assert vendors.leaks == []
        client.get(url, headers=headers)
        assert len(vendors.leaks) == 1


def test_latency_may_be_a_list_or_a_function(vendors: Vendors, client: httpx.Client) -> None:
    vendors.listed.latency_s = [0.5, 3.0]
    for _ in range(3):
        buy(vendors, client)
    vendors.listed.latency_s = lambda job: 10 * job.body["seconds"]
    buy(vendors, client)
    lengths = [job.ends - job.begins for job in vendors.listed.jobs.values()]
    assert lengths == pytest.approx([0.5, 3.0, 3.0, 10.0])


def test_the_peak_of_jobs_in_flight_is_kept(vendors: Vendors, client: httpx.Client) -> None:
    vendors.listed.latency_s = 10
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda seed: buy(vendors, client, seed=seed), range(12)))
    assert (vendors.listed.peak, vendors.listed.inflight) == (12, 12)


def test_apart_they_are_a_process_that_is_steered_over_http(tmp_path: Path, client: httpx.Client) -> None:
    with apart(tmp_path / "vendors", lines=90) as environ:
        steering, url = environ["VIDBUILD_VENDORS_URL"], environ["VIDBUILD_PLAIN_BARE_URL"]
        headers = {"X-Api-Key": environ["PLAIN_API_KEY"]}
        fault = {"vendor": "plain-bare", "step": "submit", "what": "busy", "nth": 2, "retry_after_s": 3}
        assert client.post(f"{steering}/-/faults", json=fault).status_code == 200
        answers = [client.post(f"{url}/jobs", json=BODY, headers=headers) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 429]
        assert len(purchases(tmp_path / "vendors")) == 1
        assert len(client.get(f"{steering}/-/ledger").json()) == 1
        assert client.get(f"{steering}/-/state").json()["vendors"]["plain-bare"]["peak"] == 1
        assert client.post(f"{steering}/-/settings", json={"vendor": "plain-bare", "latency_s": 2}).status_code == 200
        wrong = client.post(f"{steering}/-/faults", json={"vendor": "plain-bare", "step": "submit", "what": "x"})
        assert (wrong.status_code, "no fault" in wrong.json()["error"]) == (400, True)


def test_a_web_page_can_not_steer(vendors: Vendors, client: httpx.Client) -> None:
    fault = {"vendor": "fal", "step": "submit", "what": "busy"}
    url = f"{vendors.url}/-/faults"
    assert client.post(url, json=fault, headers={"Origin": "https://example.com"}).status_code == 403
    assert client.post(url, json=fault, headers={"Host": "example.com"}).status_code == 403
    assert client.post(url, content=json.dumps(fault), headers={"Content-Type": "text/plain"}).status_code == 404


def test_apart_they_end_when_they_are_told_to_or_when_nobody_holds_them(tmp_path: Path, client: httpx.Client) -> None:
    argv = [sys.executable, "-m", "vidbuild.testing.vendors", "--folder", str(tmp_path)]
    for ending in ("told", "let go"):
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdin is not None
            environ = json.loads(process.stdout.readline())
            if ending == "told":
                client.post(f"{environ['VIDBUILD_VENDORS_URL']}/-/quit", json={})
            else:
                process.stdin.close()
            assert process.wait(10) == 0
