"""Locks that git merges, and those that it can't: all that both sides bought is kept."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from locks import POUR, SMALL, asked, bought, key, locks, pin

from vidbuild.stores.lock_conflict import parted
from vidbuild.stores.lock_merge import merged, resolved
from vidbuild.stores.lock_text import parsed, written
from vidbuild.words.action import Blob
from vidbuild.words.digest import Digest
from vidbuild.words.errors import SpecError
from vidbuild.words.locked import ANEW, Bought, Lock

CREMA, FOAM, MILK = bought("crema"), bought("foam"), bought("milk")


def of(*attempts: Bought, label: str = "shot pour", circled: str | None = None) -> Lock:
    """Give a lock of one ask with these attempts."""
    entry = asked("pour", *attempts)
    return Lock(made={label: (replace(entry, circled=circled or entry.circled),)})


def shots(*names: str) -> Lock:
    """Give a lock of shots, each bought once."""
    return Lock(made={f"shot {name}": (asked(name, bought(name)),) for name in names})


def with_b(attempt: Bought) -> Lock:
    """Give a lock of two shots with one between them."""
    return Lock(made={**shots("a", "z").made, **of(attempt, label="shot b").made})


def git(folder: Path, base: Lock, ours: Lock, theirs: Lock, *options: str) -> tuple[int, str]:
    """Merge as git does; give how many conflicts are left, and the text."""
    for name, lock in (("base", base), ("ours", ours), ("theirs", theirs)):
        (folder / name).write_text(written(lock))
    words = ["git", "merge-file", "-p", *options, "-L", "HEAD", "-L", "base", "-L", "feature", "ours", "base", "theirs"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


STYLES = [(), ("--diff3",), ("--zdiff3",)]


@pytest.mark.parametrize("style", STYLES, ids=["merge", "diff3", "zdiff3"])
@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        (shots("a", "z"), shots("a", "b", "z"), shots("a", "c", "z")),
        (
            SMALL,
            replace(SMALL, models={**SMALL.models, "q": "kling-3"}),
            replace(SMALL, models={**SMALL.models, "r": "x"}),
        ),
        (of(POUR), of(POUR, CREMA), of(POUR, FOAM)),
        (Lock(), shots("a"), shots("b")),
        (of(POUR), of(POUR, CREMA, label="shot a"), of(POUR, FOAM, label="shot b")),
    ],
    ids=["new neighbours", "models", "one shot twice", "from nothing", "another label"],
)
def test_what_git_leaves_to_people_is_made_whole(
    tmp_path: Path, base: Lock, ours: Lock, theirs: Lock, style: tuple[str, ...]
) -> None:
    """Every attempt, model and pin of both sides, in a lock that can be read, in each style of conflicts."""
    conflicts, text = git(tmp_path, base, ours, theirs, *style)
    assert conflicts
    with pytest.raises(SpecError, match="merge conflict"):
        parsed(text, "vidbuild.lock")
    made = resolved(text, "vidbuild.lock")
    both = {one.key for lock in (ours, theirs) for one in lock.bought.values()}
    assert {one.key for one in made.lock.bought.values()} == both
    assert made.lock.models == {**theirs.models, **ours.models}
    assert {key for lock in (ours, theirs) for key in lock.asks} == set(made.lock.asks)
    assert parsed(written(made.lock), "vidbuild.lock") == made.lock
    assert made.told == ()


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        (of(POUR), of(POUR, CREMA, circled=CREMA.id), of(POUR, FOAM, circled=FOAM.id)),
        (shots("a", "z"), with_b(CREMA), with_b(FOAM)),
    ],
    ids=["two circles", "two groups"],
)
def test_both_sides_taken_by_hand_are_no_lock_where_they_contradict(
    tmp_path: Path, base: Lock, ours: Lock, theirs: Lock
) -> None:
    """What `merge=union` would give: the reader tells it, and nothing is built on it."""
    conflicts, text = git(tmp_path, base, ours, theirs, "--union")
    assert conflicts == 0
    with pytest.raises(SpecError, match=r"stands here twice|and they differ"):
        parsed(text, "vidbuild.lock")


def test_the_first_side_answers_where_both_do_and_that_is_told() -> None:
    """Circles, results that paid takes start from, models; the other attempt stays, to be picked."""
    ours, theirs = of(POUR, CREMA), of(POUR, FOAM, circled=FOAM.id)
    other = replace(pin("x"), outputs={"picture": Blob(key("other"), 5, "image/png")})
    ours = replace(ours, models={"q": "a"}, made={**ours.made, "shot x": (pin("x"),)})
    theirs = replace(theirs, models={"q": "b"}, made={**theirs.made, "shot y": (other,)})
    made = merged(ours, theirs)
    (entry,) = made.lock.asks.values()
    assert (entry.circled, [one.id for one in entry.attempts]) == (POUR.id, [POUR.id, CREMA.id, FOAM.id])
    assert (made.lock.models, made.lock.pins) == ({"q": "a"}, {pin("x").question: pin("x")})
    assert list(made.told) == [
        f"shot pour: `{POUR.id}` stays circled, not `{FOAM.id}`: `vidbuild pick` shows that one",
        "shot y: of two results that paid takes start from, one stands: takes of the other are lost",
        "`q` is made by `a`, not by `b`",
    ]


@pytest.mark.parametrize("first", [None, ANEW])
def test_an_answer_counts_where_the_other_side_has_none(first: str | None) -> None:
    """One side failed or asked anew, the other was answered: nothing has to be bought."""
    unanswered = Lock(made={"shot pour": (replace(asked("pour", POUR), circled=first),)})
    for sides in ((unanswered, of(POUR, CREMA)), (of(POUR, CREMA), unanswered)):
        made = merged(*sides)
        (entry,) = made.lock.asks.values()
        assert entry.circled == POUR.id
        told = (
            f"shot pour: `{POUR.id}` stays circled, though one side asks anew: `vidbuild lock --update` says it again"
        )
        assert list(made.told) == ([told] if first == ANEW else [])


def test_what_both_sides_bought_is_told_and_one_stands() -> None:
    """An attempt is one purchase: the lock can't hold two results of it."""
    again = replace(POUR, job="kling/again", outputs={"video": Blob(key("again"), 7, "video/mp4")})
    made = merged(of(POUR), of(again))
    assert made.lock == of(POUR)
    assert made.told == (f"shot pour: `{POUR.id}` was bought twice; what `kling/pour` made stands, not `kling/again`",)


def test_a_price_that_one_side_knows_is_known() -> None:
    """A vendor told it late."""
    assert merged(of(replace(POUR, usd=None)), of(POUR)).lock == of(POUR)


def test_attempts_of_two_branches_that_share_an_id_are_told_apart() -> None:
    """By a further digit, also where one is circled."""
    twin = replace(CREMA, id=POUR.id, key=Digest(POUR.key[:7] + ("0" if POUR.key[7] != "0" else "1") * 57))
    theirs = Lock(made={"shot crema": (replace(asked("crema", twin), circled=twin.id),)})
    made = merged(of(POUR), theirs).lock
    assert parsed(written(made), "l") == made
    answer = made.asks[key("ask crema")].answer
    assert answer is not None
    assert (answer.key, answer.id) == (twin.key, f"k{twin.key[:7]}")


def test_a_lock_that_git_merged_into_a_contradiction_is_made_whole(tmp_path: Path) -> None:
    """Two entries of one ask under two labels, which no line of git's forbids."""
    base = shots("c")
    ours = Lock(made={**base.made, **of(POUR, CREMA, label="shot a").made})
    theirs = Lock(made={**base.made, **of(POUR, FOAM, label="shot d", circled=FOAM.id).made})
    conflicts, text = git(tmp_path, base, ours, theirs)
    assert conflicts == 0
    with pytest.raises(SpecError, match="and they differ") as told:
        parsed(text, "vidbuild.lock")
    assert "`vidbuild lock --resolve`" in (told.value.problems[0].hint or "")
    made = resolved(text, "vidbuild.lock")
    assert [one.id for one in made.lock.asks[key("ask pour")].attempts] == [POUR.id, CREMA.id, FOAM.id]
    assert len(made.told) == 1


@pytest.mark.parametrize(
    "text",
    [
        "<<<<<<< HEAD\na\n=======\nb\n",
        "a\n=======\nb\n>>>>>>> x\n",
        "<<<<<<< HEAD\na\n>>>>>>> x\n",
        "<<<<<<< HEAD\n<<<<<<< HEAD\n=======\n>>>>>>> x\n",
    ],
)
def test_marks_that_are_not_whole_are_told(text: str) -> None:
    """Somebody edited half of a conflict away."""
    with pytest.raises(SpecError, match="a mark of a merge conflict stands alone here"):
        parted(text, "l")


@given(locks(), locks())
@settings(max_examples=25, deadline=None)
def test_two_locks_always_make_one(ours: Lock, theirs: Lock) -> None:
    """That can be read, holds all that was bought, and is the same when it is merged again with either."""
    made = merged(ours, theirs).lock
    assert parsed(written(made), "l") == made
    assert {one.key for lock in (ours, theirs) for one in lock.bought.values()} == {o.key for o in made.bought.values()}
    assert merged(made, made).lock == made
    assert merged(ours, Lock()).lock.asks == ours.asks
