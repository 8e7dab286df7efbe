"""What was sent, or bought, stays ours: it is looked for where it was sent, and nothing ends it but its own end."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from errands import Line, Place, answer

from vidbuild.plan import attempts
from vidbuild.runners.vendor import jobs
from vidbuild.stores.job_log import Stage
from vidbuild.testing.clock import run_virtual
from vidbuild.words.action import BoundAction, Hire
from vidbuild.words.errors import Unclear

DAY_S = 86400
HANGS = 1e9
ACCEPTED = answer({"id": "job-0", "state": "queued"}, 201)
DONE = answer({"id": "job-0", "state": "done", "url": "https://files.example/1", "usd": 0.1})
FAILED = answer({"id": "job-0", "state": "failed", "error": {"message": "the data was removed"}})
NO_SUCH = answer({"error": {"code": "no_such_job", "message": "no such job"}}, 404)


def says(submit: object = ACCEPTED, poll: object = DONE) -> Line:
    """Give a line that always says the same."""
    return Line(lambda request, before: submit, lambda request, before: poll)  # type: ignore[arg-type,return-value]


def test_what_a_clock_ahead_of_time_sent_is_not_sent_again(tmp_path: Path) -> None:
    """Nobody knows how long ago it was: the vendor may have forgotten the key."""
    place = Place(tmp_path, "plain-keyed-video")
    run_virtual(place.run(says(submit=HANGS)))
    path = place.log.folder / place.attempt().key
    steps = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps({**step, "unix": step["unix"] + 2 * DAY_S}) + "\n" for step in steps))
    later = says()
    (error,) = run_virtual(place.run(later))
    assert isinstance(error, Unclear)
    assert (later.count("POST"), place.standing().stage) == (0, Stage.INTENDED)


def test_a_job_whose_vendor_gives_a_stored_take_no_more_did_not_fail(tmp_path: Path) -> None:
    """It was bought; that its vendor has cleaned up is no reason to buy another one unasked."""
    place = Place(tmp_path, "plain-bare-video")
    run_virtual(place.run(says()))
    place.log.append(place.attempt().key, "stored")
    later = says(poll=FAILED)
    (error,) = run_virtual(place.run(later))
    assert isinstance(error, Unclear)
    assert "the data was removed" in error.text()
    assert (later.count("POST"), place.standing().stage) == (0, Stage.STORED)


def test_a_new_job_that_its_vendor_forgets_is_said_to_be_unknown_there(tmp_path: Path) -> None:
    """Nothing was ever brought in, so nothing is said to be in no store any more."""
    place = Place(tmp_path, "plain-bare-video")
    (error,) = run_virtual(place.run(says(poll=NO_SUCH)))
    assert isinstance(error, Unclear)
    assert "no longer knows the job" in error.text()
    assert place.standing().stage is Stage.VANISHED


def test_a_job_told_by_hand_after_the_end_keeps_what_was_asked(tmp_path: Path) -> None:
    """Else nobody could go on with it without a build."""
    place = Place(tmp_path, "plain-bare-video")
    run_virtual(place.run(says(poll=FAILED)))
    place.log.append(place.attempt().key, "submitted", handle={"id": "job-0"}, since=0)
    assert place.standing().stage is Stage.OUT
    assert "action" in place.standing().intent


def test_what_was_sent_at_one_price_costs_that_though_the_list_has_another_now(tmp_path: Path) -> None:
    """The vendor tells nothing; the list of the day it was sent counts."""
    place = Place(tmp_path, "gen-4.5")
    run_virtual(place.run(says(submit=answer({"id": "17e31000-0000-4000-8000-000000000000"}), poll=HANGS)))
    path = place.log.folder / place.attempt().key
    path.write_text(path.read_text().replace('"list_usd": "1/2"', '"list_usd": "1/20"'))
    done = answer(
        {"id": "17e31000-0000-4000-8000-000000000000", "status": "SUCCEEDED", "output": ["https://f.example/1"]}
    )
    (facts,) = run_virtual(place.run(says(poll=done)))
    assert not isinstance(facts, Exception)
    assert facts["usd"] == "1/20"


def test_an_answer_that_names_no_job_is_told_as_such(tmp_path: Path) -> None:
    """It came, so it isn't lost: what it says is shown."""
    place = Place(tmp_path, "plain-bare-video")
    (error,) = run_virtual(place.run(says(submit=answer({"error": {"message": "odd"}}, 500))))
    assert isinstance(error, Unclear)
    assert "its answer names no job" in error.facts["why"]
    assert "odd" in error.facts["said"]


def test_a_job_that_was_given_before_is_named(tmp_path: Path) -> None:
    """Whoever looks it up at the vendor needs its id."""
    place = Place(tmp_path, "plain-bare-video")
    _, error = run_virtual(place.run(says(), 0, 1))
    assert isinstance(error, Unclear)
    assert "`job-0`" in error.facts["why"]


def test_what_is_said_instead_of_how_a_job_is_is_told_when_nobody_waits_any_more(tmp_path: Path) -> None:
    """Else nobody knows why."""
    place = Place(tmp_path, "plain-bare-video")
    (error,) = run_virtual(place.run(says(poll=answer({"error": {"message": "being repaired"}}, 503))))
    assert "being repaired" in error.facts["said"]  # type: ignore[union-attr]


def test_an_aspect_is_sent_in_the_model_s_own_word(tmp_path: Path) -> None:
    """What authors write as 21:9 is kept in lowest terms, and no vendor takes 7:3."""
    place = Place(tmp_path, "plain-bare-video")
    place.model = replace(place.model, aspects=("16:9", "21:9"))
    params = {
        "kind": "footage",
        "prompt": "a cup",
        "seconds": "5",
        "seed": 0,
        "take": 0,
        "negative": [],
        "aspect": "7:3",
    }
    ask = BoundAction("Footage", params, {}, {"video": "video/mp4"}, "m@1")
    bought = attempts.attempt(ask, Hire("m", "m@1", "p", None, None), 0, ())
    sent = jobs.job(bought, place.model, place.model.routes[0], {}, "0")
    assert sent.aspect == "21:9"
