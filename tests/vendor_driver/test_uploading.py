"""Files on their way to a vendor: each once, remembered while it lives, again when it is gone; nothing paid twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from errands import Line, Place, answer

from vidbuild.stores.job_log import Stage
from vidbuild.stores.purse import Purse
from vidbuild.testing.clock import run_virtual
from vidbuild.wire.values import Request, Response
from vidbuild.words.errors import AttemptFailed, Exit, Refused, Unclear, VendorFailed

KEYED, BARE = "plain-keyed-video", "plain-bare-video"
DAY_S = 86400
HANGS = 1e9
DONE = answer({"id": "job-0", "state": "done", "url": "https://files.example/1", "usd": 0.1})
GONE = answer({"error": {"code": "invalid", "message": "first_frame: the file was not found"}}, 400)
Says = Callable[[Request, int], Any]


class Vendor(Line):
    """A vendor that holds what it is brought, and says otherwise where a test says otherwise.

    Args:
        to_job: what it says to a submit, of which so many came before.
        to_file: what it says to the first step of a file; `None` to take it.
    """

    def __init__(self, to_job: Says | None = None, to_file: Says = lambda request, before: None, poll: Any = DONE):
        super().__init__(self._posted, lambda request, before: poll if "/jobs/" in request.url else _ready())
        self.brought = self.submits = 0
        self._to_job, self._to_file = to_job, to_file
        self.jobs: list[dict[str, Any]] = []

    def _posted(self, request: Request, before: int) -> Any:
        if "/jobs" in request.url:
            self.submits += 1
            self.jobs.append(json.loads(request.body))
            said = self._to_job(request, self.submits - 1) if self._to_job else None
            return said or answer({"id": f"job-{self.submits - 1}", "state": "queued"}, 201)
        if "/places/" in request.url:
            return _ready()
        said = self._to_file(request, self.brought)
        self.brought += 1
        return said or answer({"id": f"f{self.brought}", "url": "https://put.example/1", "with": {"X-Place": "1"}}, 201)


def _ready() -> Response:
    return answer({"id": "f", "state": "ready"})


def place(folder: Path, model: str = KEYED) -> Place:
    """Give a place whose takes are made from a picture."""
    return Place(folder, model, init=b"\x89PNG a harbour")


def bought(here: Place, vendor: Vendor, *takes: int) -> list[Any]:
    """Run, and see that nothing went wrong."""
    found = run_virtual(here.run(vendor, *takes))
    assert not [one for one in found if isinstance(one, Exception)], found
    return list(found)


def test_takes_that_need_one_file_at_once_bring_it_once(tmp_path: Path) -> None:
    """The second waits for the first one's."""
    here, vendor = place(tmp_path), Vendor()
    bought(here, vendor, 0, 1, 2)
    assert (vendor.brought, vendor.submits) == (1, 3)
    assert {job["first_frame"] for job in vendor.jobs} == {"held:f"}


def test_builds_that_need_one_file_at_once_bring_it_once(tmp_path: Path) -> None:
    """Who comes second waits for the first one's claim, and finds it remembered then."""

    class Slow(Vendor):
        async def exchange(self, request: Request, *told: Any, **more: Any) -> Any:
            await asyncio.sleep(1)
            return await super().exchange(request, *told, **more)

    vendor, builds = Slow(), [place(tmp_path), place(tmp_path)]

    async def together() -> list[Any]:
        return await asyncio.gather(*(here.run(vendor, take) for take, here in enumerate(builds)))

    found = run_virtual(together())
    assert [type(one) for (one,) in found] == [dict, dict]
    assert (vendor.brought, vendor.submits) == (1, 2)


def test_a_file_is_remembered_over_builds_while_it_lives(tmp_path: Path) -> None:
    """Up to an hour before its end, since a job may wait; then it is brought again."""
    here = place(tmp_path)
    bought(here, Vendor(), 0)
    for take, later_s, brought in ((1, DAY_S - 3700, 0), (2, DAY_S - 3500, 1), (3, 2 * DAY_S - 7300, 0)):
        here.later_s, vendor = later_s, Vendor()
        bought(here, vendor, take)
        assert (take, vendor.brought) == (take, brought)


def test_what_a_clock_ahead_of_time_wrote_down_is_not_trusted(tmp_path: Path) -> None:
    """Nobody knows how old it is."""
    here, vendor = place(tmp_path), Vendor()
    here.later_s = 10 * DAY_S
    bought(here, Vendor(), 0)
    here.later_s = 0
    bought(here, vendor, 1)
    assert vendor.brought == 1


def test_a_file_that_the_vendor_no_longer_has_is_brought_again(tmp_path: Path) -> None:
    """Whatever words it says it in: what is invalid with a remembered file is sent once more with a fresh one."""
    here = place(tmp_path)
    bought(here, Vendor(), 0)
    vendor = Vendor(lambda request, before: GONE if before == 0 else None)
    bought(here, vendor, 1)
    assert (vendor.brought, vendor.submits) == (1, 2)
    steps = [step["step"] for step in here.log.steps(here.attempt(1).key)]
    assert steps == ["intent", "unmade", "intent", "submitted", "done"]


def test_what_is_invalid_with_a_fresh_file_is_invalid(tmp_path: Path) -> None:
    """It is not sent again, and another vendor may be asked."""
    here, vendor = place(tmp_path), Vendor(lambda request, before: GONE)
    (error,) = run_virtual(here.run(vendor))
    assert isinstance(error, VendorFailed)
    assert (vendor.brought, vendor.submits, here.standing().stage) == (1, 1, Stage.FRESH)


def test_what_is_invalid_all_the_same_is_sent_twice_and_no_more(tmp_path: Path) -> None:
    """Once with what was remembered, once with a fresh file."""
    here = place(tmp_path)
    bought(here, Vendor(), 0)
    vendor = Vendor(lambda request, before: GONE)
    (error,) = run_virtual(here.run(vendor, 1))
    assert isinstance(error, VendorFailed)
    assert (vendor.brought, vendor.submits) == (1, 2)


def test_a_lost_answer_is_asked_for_with_the_very_file_of_then(tmp_path: Path) -> None:
    """It is in the intent: the same bytes go out, though all that was remembered of files is lost."""
    here = place(tmp_path)
    first = Vendor(lambda request, before: HANGS)
    run_virtual(here.run(first))
    for path in (tmp_path / "uploads").iterdir():
        path.unlink()
    vendor = Vendor(lambda request, before: answer({"id": "job-0", "state": "queued"}, 201))
    bought(here, vendor)
    assert (vendor.brought, vendor.submits) == (0, 1)
    assert vendor.jobs == first.jobs[:1]


def test_a_no_to_a_repeated_request_whose_file_may_be_gone_proves_nothing(tmp_path: Path) -> None:
    """The first one may have made a job while the file was there: the user is asked, nothing is bought again."""
    here = place(tmp_path)
    run_virtual(here.run(Vendor(lambda request, before: HANGS)))
    vendor = Vendor(lambda request, before: GONE)
    (error,) = run_virtual(here.run(vendor))
    assert isinstance(error, Unclear)
    assert (vendor.brought, here.standing().stage) == (0, Stage.INTENDED)
    assert len({json.dumps(job) for job in vendor.jobs}) == 1


def test_a_lost_answer_with_neither_key_nor_list_is_put_to_the_user(tmp_path: Path) -> None:
    """As without files; the file stays remembered."""
    here = place(tmp_path, BARE)
    first = Vendor(lambda request, before: HANGS)
    (error,) = run_virtual(here.run(first))
    assert isinstance(error, Unclear)
    again = Vendor()
    bought(here, again, 1)
    assert (first.brought, again.brought) == (1, 0)


def test_a_failed_job_forgets_what_it_was_made_from(tmp_path: Path) -> None:
    """Its file may be why: the next attempt brings it again."""
    here = place(tmp_path)
    failed = answer({"id": "job-0", "state": "failed", "error": {"message": "first_frame could not be read"}})
    (error,) = run_virtual(here.run(Vendor(poll=failed)))
    assert isinstance(error, AttemptFailed)
    vendor = Vendor()
    bought(here, vendor, 1)
    assert vendor.brought == 1


@pytest.mark.parametrize(
    "trouble", [answer({}, 503), answer({}, 429, retry_after="30"), Response(200, {}, b"<html>"), HANGS]
)
def test_trouble_with_a_file_passes_before_anything_is_intended(tmp_path: Path, trouble: Any) -> None:
    """All steps are taken anew; the submit is sent once."""
    here, vendor = place(tmp_path), Vendor(to_file=lambda request, before: trouble if before < 2 else None)
    bought(here, vendor)
    assert (vendor.brought, vendor.submits) == (3, 1)
    assert [step["step"] for step in here.log.steps(here.attempt().key)][:2] == ["intent", "submitted"]


def test_a_file_that_is_never_taken_buys_nothing(tmp_path: Path) -> None:
    """After four times another vendor may be asked."""
    here, vendor = place(tmp_path), Vendor(to_file=lambda request, before: answer({}, 500))
    (error,) = run_virtual(here.run(vendor))
    assert isinstance(error, VendorFailed)
    assert "nothing was bought" in str(error.hint)
    assert (vendor.brought, vendor.submits, here.standing().stage) == (4, 0, Stage.FRESH)


def test_a_file_that_never_gets_ready_buys_nothing(tmp_path: Path) -> None:
    """Five minutes are enough."""
    here, vendor = place(tmp_path), Vendor()
    vendor.poll = lambda request, before: answer({"id": "f", "state": "checking"})
    (error,) = run_virtual(here.run(vendor))
    assert isinstance(error, VendorFailed)
    assert (vendor.brought, vendor.submits) == (1, 0)


def test_a_file_that_moderation_refuses_is_a_refusal_and_remembered(tmp_path: Path) -> None:
    """The next build does not bring it again."""
    here = place(tmp_path)
    refusal = answer({"error": {"code": "refused", "message": "a public figure"}}, 422)
    vendor = Vendor(to_file=lambda request, before: refusal)
    first, *_ = run_virtual(here.run(vendor))
    second, *_ = run_virtual(here.run(vendor))
    assert isinstance(first, Refused)
    assert isinstance(second, Refused)
    assert (vendor.brought, vendor.submits) == (1, 0)


def test_a_key_that_does_not_hold_is_told_at_the_file(tmp_path: Path) -> None:
    """There is no use in trying again."""
    here, vendor = place(tmp_path), Vendor(to_file=lambda request, before: answer({}, 401))
    (error,) = run_virtual(here.run(vendor))
    assert isinstance(error, VendorFailed)
    assert "does not accept the key" in error.sentence
    assert vendor.brought == 1


@pytest.mark.parametrize("status", [401, 403, 410])
def test_a_storage_address_that_says_no_is_asked_anew_and_says_nothing_of_the_key(tmp_path: Path, status: int) -> None:
    """Its ticket may have ended: all steps are taken again, with a fresh one."""
    here, vendor = place(tmp_path), Vendor()
    puts = list[int]()

    def other(request: Request, before: int) -> Any:
        if "put.example" not in request.url:
            return DONE if "/jobs/" in request.url else _ready()
        puts.append(before)
        return answer({}, status) if len(puts) == 1 else _ready()

    vendor.poll = other
    bought(here, vendor)
    assert (vendor.brought, len(puts), vendor.submits) == (2, 2, 1)
    puts.clear()
    vendor.poll = lambda request, before: answer({}, status)
    here.pictures["init"] = b"\x89PNG another"
    (error,) = run_virtual(here.run(vendor, 1))
    assert isinstance(error, VendorFailed)
    assert "does not accept the key" not in error.sentence
    assert f"the storage address did not take it: HTTP {status}" in error.facts["said"]


def test_what_is_sent_once_more_with_a_fresh_file_is_another_request(tmp_path: Path) -> None:
    """A vendor that knows the idempotency key would give the first answer again, or refuse the other body."""
    here = place(tmp_path)
    bought(here, Vendor(), 0)
    vendor = Vendor(lambda request, before: GONE if before == 0 else None)
    bought(here, vendor, 1)
    first, second = (step["nonce"] for step in here.log.steps(here.attempt(1).key) if step["step"] == "intent")
    assert first != second
    posts = [request for _, request in vendor.sent if request.method == "POST" and "/jobs" in request.url]
    assert [request.headers["Idempotency-Key"] for request in posts] == [first, second]


def test_a_file_that_is_called_gone_is_brought_again(tmp_path: Path) -> None:
    """As one that is called invalid."""
    here = place(tmp_path)
    bought(here, Vendor(), 0)
    gone = answer({"error": {"code": "gone", "message": "no such file"}}, 404)
    here.catalog.providers["plain-keyed"].errors["codes"]["gone"] = "gone"  # type: ignore[index]
    vendor = Vendor(lambda request, before: gone if before == 0 else None)
    bought(here, vendor, 1)
    assert (vendor.brought, vendor.submits) == (1, 2)


def test_no_file_goes_out_for_what_may_not_be_bought(tmp_path: Path) -> None:
    """The budget is asked first; what was set aside for a file that isn't taken is given back."""
    here, vendor = place(tmp_path), Vendor()
    here.purse = Purse(Fraction(1, 4))
    (error,) = run_virtual(here.run(vendor))
    assert error.exit is Exit.UNAPPROVED
    assert (vendor.brought, vendor.submits) == (0, 0)
    here.purse = Purse(Fraction(1, 2))
    run_virtual(here.run(Vendor(to_file=lambda request, before: answer({}, 500))))
    bought(here, vendor)
