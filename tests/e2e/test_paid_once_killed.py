"""Builds that buy, killed at every step of a job: the next one goes on, and each attempt is paid once.

What a vendor offers decides how: an idempotency key, a list of jobs, or neither; then the user is asked (exit 3).
"""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pytest
from one_shot import MOODS, same_words, write_one_bed, write_one_shot

from vidbuild.testing import dying
from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import check_last_word

KILLED = -signal.SIGKILL

STEPS = (
    *("write intent", "half of intent", "ask POST", "answer POST", "write submitted", "half of submitted"),
    *("ask GET", "answer GET", "write done", "half of done", "download", "sync out-video", "downloaded"),
    *("move out-video", "rename ac", "rename vidbuild.lock", "write stored", "half of stored", "move out-facts"),
)
"""A job from before its intent to its verdict, each step once."""
INLINE_STEPS = (
    *("write intent", "half of intent", "write submitted", "half of submitted"),
    *("move out-sound", "rename vidbuild.lock", "write stored", "half of stored", "remove parcels"),
)
"""The same of a job whose answer is what was asked for."""
INLINE_UNTOLD = ("ask POST", "answer POST", "sync parcels", "rename parcels")
"""Whoever dies here knows of an intent, and not whether it was acted on."""


INLINE = ("elevenlabs-music", "stable-audio-2")


@dataclass(frozen=True)
class InPeace:
    """What a build that nobody disturbed made."""

    files: Mapping[str, bytes]
    lock: str
    moments: tuple[str, ...]


class Counter:
    """A shop where one thing is bought again and again, each time on a machine that knows nothing of it."""

    def __init__(self, shop: Shop):
        self.shop = shop
        self._known: dict[str, InPeace] = {}
        self._before = 0

    def opened(self, model: str) -> InPeace:
        """Start from nothing with a model's project; give what it comes to in peace."""
        write_one_bed(self.shop, model) if model in INLINE else write_one_shot(self.shop, model)
        if model not in self._known:
            self.shop.forget()
            built, moments = dying.moments(self.shop, "--yes")
            assert built.status == "built", built.told
            self._known[model] = InPeace(self.shop.files(), same_words(self.shop.lock.read_text()), tuple(moments))
        self.shop.forget()
        self._before = self.shop.paid
        return self._known[model]

    def killed(self, moment: str | int) -> None:
        """Build up to a moment."""
        built = dying.killed(self.shop, moment, "--yes")
        assert built.exit == KILLED, f"nothing died at `{moment}`: exit {built.exit}\n{built.told}"

    @property
    def paid(self) -> int:
        """How many jobs were paid since the start from nothing."""
        return self.shop.paid - self._before

    @property
    def jobs(self) -> list[str]:
        """The ids of those jobs."""
        return [row.job for row in self.shop.vendors.ledger[self._before :]]

    def resolve(self, *words: str) -> None:
        """Tell what became of the one job that is unclear."""
        key = self.shop.run("jobs", "list").stdout.split()[0]
        done = self.shop.run("jobs", "resolve", key, *words)
        assert done.returncode == 0, done.stderr

    def ends_well(self, peace: InPeace, paid: int = 1) -> None:
        """Build to the end: paid once, and what is there then is what a build in peace makes."""
        self.shop.build("--yes")
        assert self.paid == paid
        assert self.shop.files() == peace.files
        assert same_words(self.shop.lock.read_text()) == peace.lock
        assert self.shop.litter() == []
        assert self.shop.processes() == []


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    """One shop for all."""
    with Shop(tmp_path_factory.mktemp("counter"), *MOODS, latency_s=0.12) as shop:
        yield Counter(shop)


@pytest.mark.parametrize("steps", [STEPS[1::3], pytest.param(STEPS, marks=pytest.mark.slow)], ids=["some", "every"])
def test_a_build_killed_step_by_step_pays_once(counter: Counter, steps: Sequence[str]) -> None:
    """Each build is the recovery of the one before, and is killed a step later; the last is let be."""
    peace = counter.opened("plain-keyed-video")
    for step in steps:
        counter.killed(step)
    counter.ends_well(peace)


@pytest.mark.parametrize("model", ["plain-listed-video", pytest.param("kling-2", marks=pytest.mark.slow)])
def test_a_job_whose_answer_died_with_the_build_is_looked_up(counter: Counter, model: str) -> None:
    """By our tag in the vendor's list, or by our id: no further submit."""
    peace = counter.opened(model)
    counter.killed("answer POST")
    submits = counter.shop.submits
    counter.ends_well(peace)
    assert counter.shop.submits == submits


@pytest.mark.slow
def test_a_job_that_is_surely_not_in_the_list_is_sent_again(counter: Counter) -> None:
    """Killed between intent and submit."""
    peace = counter.opened("plain-listed-video")
    counter.killed("ask POST")
    counter.ends_well(peace)


@pytest.mark.slow
def test_with_neither_key_nor_list_the_user_is_asked_and_says_which_job_it_is(counter: Counter) -> None:
    """Exit 3, as often as it is built, until it is told; nothing is sent meanwhile."""
    peace = counter.opened("plain-bare-video")
    counter.killed("answer POST")
    for _ in range(2):
        built = counter.shop.build("--yes", ends=3)
        assert "vidbuild jobs resolve" in built.told
        assert counter.paid == 1
    counter.resolve("--job", counter.jobs[0])
    counter.ends_well(peace)


@pytest.mark.slow
def test_an_answer_that_was_all_there_was_is_no_job_to_name(counter: Counter) -> None:
    """ElevenLabs: whatever id is told, nothing can be fetched by it; what is left is to buy it again."""
    peace = counter.opened("elevenlabs-music")
    counter.killed("answer POST")
    counter.shop.build("--yes", ends=3)
    counter.resolve("--job", "1234")
    built = counter.shop.build("--yes", ends=3)
    assert "no job by an id" in built.told
    counter.resolve("--buy-again")
    counter.ends_well(peace, paid=2)


@pytest.mark.slow
def test_a_job_that_was_never_made_is_told_as_lost_and_bought_then(counter: Counter) -> None:
    """Killed between intent and submit, where nobody can say that it was there."""
    peace = counter.opened("plain-bare-video")
    counter.killed("ask POST")
    counter.shop.build("--yes", ends=3)
    assert counter.paid == 0
    counter.resolve("--lost")
    counter.ends_well(peace)
    assert _cost(counter.shop) == "$0.10"


@pytest.mark.slow
def test_a_job_that_is_given_up_is_bought_again_and_both_are_counted(counter: Counter) -> None:
    """The first one's price stays spent."""
    peace = counter.opened("plain-bare-video")
    counter.killed("answer POST")
    counter.shop.build("--yes", ends=3)
    counter.resolve("--buy-again")
    counter.ends_well(peace, paid=2)
    assert _cost(counter.shop) == "$0.20"


@pytest.mark.slow
def test_what_came_with_an_answer_is_kept_over_a_kill(counter: Counter) -> None:
    """Bytes inline, on disk before they are named: a vendor without a list is not asked again."""
    peace = counter.opened("elevenlabs-music")
    for step in ("write submitted", "half of submitted", "move out-sound", "half of stored"):
        counter.killed(step)
    counter.ends_well(peace)


# By the vendor's hand, in real runs


def test_a_build_that_dies_in_a_download_fetches_it_with_the_next(counter: Counter) -> None:
    """A half of the file had come."""
    _dies_at_the_vendor(counter, "plain-keyed-video", "download", "kill_within")


# All of it, slowly


@pytest.mark.slow
@pytest.mark.parametrize("mood", MOODS)
def test_a_build_killed_at_any_moment_of_a_purchase_pays_once(counter: Counter, mood: str) -> None:
    """Every moment until the job is known to be out, each from nothing."""
    model = f"plain-{mood}-video"
    moments = counter.opened(model).moments
    intended, told = moments.index("half of intent") + 1, moments.index("half of submitted") + 1
    for number in range(1, moments.index("answer GET") + 1):
        _walked(counter, model, number, mood == "bare" and intended < number <= told)


@pytest.mark.slow
def test_a_build_killed_at_any_moment_after_a_purchase_buys_nothing_more(counter: Counter) -> None:
    """From the job's first poll to the build's last word, each from nothing; what a sync changes no kill can tell."""
    moments = counter.opened("plain-keyed-video").moments
    known = [number for number, name in enumerate(moments, 1) if not name.startswith("sync")]
    for number in (number for number in known if number > moments.index("answer GET")):
        peace = counter.opened("plain-keyed-video")
        built = dying.killed(counter.shop, number, "--yes")
        assert built.exit in (KILLED, 0), built.told  # one poll less, and the last moments don't come
        counter.ends_well(peace)


@pytest.mark.slow
def test_a_build_killed_at_any_step_at_kling_pays_once_or_asks(counter: Counter) -> None:
    """It gives a job by an id of ours; that there is none it can't prove, as far as is known."""
    for step in STEPS:
        _walked(counter, "kling-2", step, step == "ask POST")


@pytest.mark.slow
@pytest.mark.parametrize("model", INLINE)
def test_a_build_killed_at_any_step_of_an_inline_job_pays_once_or_asks(counter: Counter, model: str) -> None:
    """Its answer is what was asked for, and there is no list."""
    for step in (*INLINE_STEPS, *INLINE_UNTOLD):
        _walked(counter, model, step, step in INLINE_UNTOLD)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mood", "step"), [*((mood, "submit") for mood in MOODS), ("keyed", "poll"), ("keyed", "download")]
)
@pytest.mark.parametrize("what", ["kill_before", "kill_after", "kill_within"])
def test_a_build_that_its_vendor_sees_die_pays_once(counter: Counter, mood: str, step: str, what: str) -> None:
    """At each request, before it is acted on, after, and in the middle of the answer."""
    _dies_at_the_vendor(counter, f"plain-{mood}-video", step, what)


def _walked(counter: Counter, model: str, moment: str | int, is_asked: bool) -> None:
    """Kill a first build at a moment, and the next one brings it to its end, or asks where it must."""
    peace = counter.opened(model)
    counter.killed(moment)
    paid = counter.paid
    if is_asked:
        counter.shop.build("--yes", ends=3)
        assert counter.paid == paid
        _told(counter, model in INLINE)
    counter.ends_well(peace, paid=2 if is_asked and paid and model in INLINE else 1)


def _told(counter: Counter, is_inline: bool) -> None:
    """Say of a job what is so; bytes that came with a lost answer nobody has any more, and no id leads to them."""
    if not counter.paid:
        counter.resolve("--lost")
    elif not is_inline:
        counter.resolve("--job", counter.jobs[0])
    else:
        counter.resolve("--buy-again")


def _dies_at_the_vendor(counter: Counter, model: str, step: str, what: str) -> None:
    peace = counter.opened(model)
    vendor = counter.shop.vendors.called(model.removesuffix("-video"))
    fault = vendor.fault(step, what)
    built = counter.shop.start("--yes").finish()
    assert (built.exit, fault.befell) == (KILLED, 1)
    if model == "plain-bare-video" and step == "submit":
        check_last_word(counter.shop.build("--yes", ends=3))
        _told(counter, False)
    counter.ends_well(peace)


def _cost(shop: Shop) -> str:
    done = shop.run("cost")
    assert done.returncode == 0, done.stderr
    return next(word for word in done.stdout.split() if word.startswith("$"))
