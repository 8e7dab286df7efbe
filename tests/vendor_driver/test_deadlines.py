"""What hangs or never ends: each exchange and each job has its end, and the job's id outlives it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from errands import USD, Line, Place, answer

from vidbuild.runners.vendor import delivery, errand, polling, submission
from vidbuild.stores.job_log import Stage
from vidbuild.testing.clock import run_virtual
from vidbuild.wire.values import Request
from vidbuild.words.errors import ActionFailed, Unclear

MODEL = "plain-bare-video"
HANGS = 1e9


def accepted(request: Request, before: int) -> object:
    """Take a job."""
    return answer({"id": f"job-{before}", "state": "queued"}, 201)


def done(request: Request, before: int) -> object:
    """Say that a job is done."""
    return answer({"id": "job-0", "state": "done", "url": "https://files.example/1", "usd": 0.1})


def running(request: Request, before: int) -> object:
    """Say that a job runs."""
    return answer({"id": "job-0", "state": "running"})


def line(submit: object = accepted, poll: object = done, download_s: float = 0.0) -> Line:
    """Give a line."""
    return Line(submit, poll, download_s)  # type: ignore[arg-type]


async def timed(place: Place, line: Line, *takes: int) -> tuple[list[object], float]:
    """Run, and say how long it took."""
    begun = asyncio.get_running_loop().time()
    return list(await place.run(line, *takes)), asyncio.get_running_loop().time() - begun


def test_polls_that_hang_end_at_last_and_the_id_survives(tmp_path: Path) -> None:
    """Each poll ends at its deadline, the job when nobody answered for a quarter of an hour; no second submit."""
    place, hangs = Place(tmp_path, MODEL), line(poll=lambda request, before: HANGS)
    (error,), seconds = run_virtual(timed(place, hangs))
    assert isinstance(error, ActionFailed)
    assert "without paying again" in str(error.hint)
    assert seconds < polling.TROUBLE_S + 2 * (errand.ASKED_S + polling.MOST_BACK_OFF_S)
    assert (hangs.count("POST"), place.standing().stage, dict(place.standing().handle)["id"]) == (1, Stage.OUT, "job-0")


def test_a_job_that_never_ends_is_left_out_and_the_next_build_goes_on_with_it(tmp_path: Path) -> None:
    """It has a deadline of its own, hours long; then the next build fetches it, and submits nothing."""
    place = Place(tmp_path, MODEL)
    (error,), seconds = run_virtual(timed(place, line(poll=running)))
    assert isinstance(error, ActionFailed)
    assert polling.LONGEST_S <= seconds < polling.LONGEST_S + 600
    assert place.standing().stage is Stage.OUT
    later = line()
    (facts,) = run_virtual(place.run(later))
    assert not isinstance(facts, Exception)
    assert (facts["job"], facts["usd"], later.count("POST")) == ("plain-bare/job-0", "1/10", 0)


def test_a_download_that_hangs_is_tried_again_and_the_job_is_kept(tmp_path: Path) -> None:
    """Four times, each up to its deadline; the next build fetches it without paying."""
    place, hangs = Place(tmp_path, MODEL), line(download_s=HANGS)
    (error,), seconds = run_virtual(timed(place, hangs))
    assert isinstance(error, ActionFailed)
    assert "can't be fetched" in error.sentence
    assert (hangs.downloads, hangs.count("POST")) == (delivery.TRIES, 1)
    assert seconds < delivery.TRIES * (delivery.FETCH_S + errand.ASKED_S)
    later = line()
    (facts,) = run_virtual(place.run(later))
    assert not isinstance(facts, Exception)
    assert (later.downloads, later.count("POST")) == (1, 0)


@pytest.mark.parametrize("model", [MODEL, "gen-4.5"])
def test_a_submit_that_times_out_is_unclear_and_stays_reserved(tmp_path: Path, model: str) -> None:
    """With neither key nor list: it ends at its deadline, is sent once, and its price stays set aside."""
    place, hangs = Place(tmp_path, model), line(submit=lambda request, before: HANGS)
    (error,), seconds = run_virtual(timed(place, hangs))
    assert isinstance(error, Unclear)
    assert (hangs.count("POST"), place.standing().stage, place.purse.held) == (1, Stage.INTENDED, USD)
    assert seconds < submission.GRACE_S + errand.ASKED_S


def test_a_submit_that_times_out_is_sent_again_with_its_key(tmp_path: Path) -> None:
    """The same key and the same body: the vendor gives the job that it made."""
    place = Place(tmp_path, "plain-keyed-video")
    slow = line(submit=lambda request, before: HANGS if before == 0 else accepted(request, 0))
    (facts,) = run_virtual(place.run(slow))
    assert not isinstance(facts, Exception)
    first, second = [request for _, request in slow.sent if request.method == "POST"]
    assert (first.headers, first.body) == (second.headers, second.body)


def test_a_429_storm_over_a_lost_answer_is_waited_out(tmp_path: Path) -> None:
    """A build after a kill meets it: what it sends again with the key is turned away often, and then answered."""
    place = Place(tmp_path, "plain-keyed-video")
    busy = answer({"error": {"code": "busy", "message": "slower"}}, 429, retry_after="30")
    storm = line(submit=lambda request, before: HANGS if before == 0 else busy if before < 12 else accepted(request, 0))
    (facts,), seconds = run_virtual(timed(place, storm))
    assert not isinstance(facts, Exception)
    assert seconds > 11 * 30


def test_answers_that_came_with_their_submits_are_gone_on_with_together(tmp_path: Path) -> None:
    """Two sounds that were kept when the build was killed: none is taken for the other, nothing is sent."""
    place = Place(tmp_path, "stable-audio-2")
    for take in (0, 1):
        key = place.attempt(take).key
        place.log.append(key, "intent", nonce=f"n{take}", provider="stability", unix=0)
        place.log.keep(key, "sound", b"sound %d" % take)
        place.log.append(key, "submitted", handle={"id": "inline"}, since=0, parcels={"sound": "audio/mpeg"})
    silent = line()
    found = run_virtual(place.run(silent, 0, 1))
    assert [type(one) for one in found] == [dict, dict]
    assert silent.sent == []
    assert [(tmp_path / f"work-{take}" / "out-sound").read_bytes() for take in (0, 1)] == [b"sound 0", b"sound 1"]
