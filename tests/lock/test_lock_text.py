"""The lock's text: one form, read strictly, friendly to git."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from locks import POUR, SMALL, asked, bought, key, locks, pin

from vidbuild.packaged import schema
from vidbuild.spec.reader import read
from vidbuild.spec.tree import plain
from vidbuild.stores.lock_text import Form, parsed, written
from vidbuild.words.digest import Digest
from vidbuild.words.errors import SpecError
from vidbuild.words.locked import Bought, Lock

SCHEMA = Draft202012Validator(schema("lock"))
FORM = f"""\
vidbuild_lock: 1

models:
  "footage | auto | needs close-up, hands | 16:9 | init": kling-3

styles:
  cinematic: cinematic@1

files:
  assets/cup.png: {key("cup")}

made:

  shot pour:
  - ask: {key("ask pour")}
    unsized: {key("unsized pour")}
    seconds: 10
    circled: {POUR.id}
    attempts:
    - {{id: {POUR.id}, key: {POUR.key}, model: kling-3, seed: 884412, job: kling/pour, usd: 0.84, on: 2026-11-20, \
video: [{key("bytes of pour")}, 5210331, video/mp4]}}
  - pin: {key("question pour")}
    picture: [{key("picture pour")}, 812331, image/png]
"""


def test_a_lock_has_the_form_of_the_design() -> None:
    """Blocks, groups under labels, one attempt a line."""
    assert written(SMALL) == FORM


def test_an_empty_lock_is_its_version_alone() -> None:
    """What isn't there is left out."""
    assert (written(Lock()), parsed("vidbuild_lock: 1\n", "l")) == ("vidbuild_lock: 1\n", Lock())


@given(locks())
@settings(max_examples=150, deadline=None)
def test_a_lock_comes_back_as_it_was_written(lock: Lock) -> None:
    """Whatever names, prices and outputs it holds."""
    assert parsed(written(lock), "vidbuild.lock") == lock


@given(locks())
@settings(max_examples=40, deadline=None)
def test_equal_locks_have_equal_texts(lock: Lock) -> None:
    """The order in which things were told of other groups is not in the text, nor is who wrote it."""
    turned = Lock(
        *(dict(reversed(list(block.items()))) for block in (lock.models, lock.styles, lock.files)),
        dict(reversed(list(lock.made.items()))),
    )
    form = Form()
    form.written(SMALL)
    assert written(turned) == form.written(lock) == written(lock)


@given(locks())
@settings(max_examples=40, deadline=None)
def test_every_lock_is_of_its_schema(lock: Lock) -> None:
    """Programs that read locks may hold to it."""
    reading = read(written(lock), "l")
    assert reading.root is not None
    said = json.loads(json.dumps(plain(reading.root), default=float))
    assert list(SCHEMA.iter_errors(said)) == []


def test_a_take_beyond_the_first_is_counted_as_the_author_counts() -> None:
    """`take: 2` is the ask's take 1."""
    second = replace(asked("pour", POUR), take=1)
    text = written(Lock(made={"shot pour": (second,)}))
    assert "    take: 2\n" in text
    assert parsed(text, "l").asks[second.ask].take == 1


def test_control_characters_of_a_vendor_are_written_as_letters() -> None:
    """No vendor's id makes a lock that can't be read again, or drives a terminal."""
    hostile = replace(POUR, job="kling/\x1b]0;x\x07\u202e\ud800")
    text = written(Lock(made={"shot pour": (asked("pour", hostile),)}))
    text.encode()
    assert parsed(text, "l").bought[POUR.id].job == "kling/\\u001b]0;x\\u0007\u202e\\ud800"
    assert "\x1b" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize(
    "change",
    [{"seed": "0, job: other"}, {"key": Digest("zzzz")}, {"id": "x"}, {"on": "never"}, {"usd": Fraction(1, 10**40)}],
    ids=lambda change: "".join(change),
)
def test_what_could_not_be_read_again_is_not_written(change: dict[str, Any]) -> None:
    """Whoever lets it come so far: the lock of before stays."""
    with pytest.raises(ValueError, match="BUG"):
        written(Lock(made={"shot pour": (asked("pour", replace(bought("pour"), **change)),)}))


def text_of(*attempts: Bought) -> str:
    return written(Lock(made={"shot pour": (asked("pour", *attempts),)}))


TEXT = text_of(POUR)
PIN = f"vidbuild_lock: 1\nmade:\n  a:\n  - pin: {key('q')}\n"


@pytest.mark.parametrize(
    ("text", "at", "sentence"),
    [
        ("", "", "the file is empty"),
        ("[]", "[", "a lock is a mapping that begins with `vidbuild_lock: 1`"),
        ("models: {}", "models", "this is no lock: `vidbuild_lock: 1` is missing"),
        ("vidbuild_lock: 2\nnews: 1", "2", "this lock has version 2, and this vidbuild reads version 1"),
        ("vidbuild_lock: 1\nmodel: {}", "model", "`model` is not known here"),
        ("vidbuild_lock: 1\nmodels: [x]", "[", "this must be a mapping"),
        ("vidbuild_lock: 1\nmodels: {a: 3}", "3", "this must be a text"),
        ("vidbuild_lock: 1\nfiles: {a.png: abc}", "abc", "`abc` is no digest: 64 hex digits in lower case"),
        ("vidbuild_lock: 1\nmade: []", "[", "`made` must hold groups"),
        ("vidbuild_lock: 1\nmade: {shot a: x}", "x", "the group `shot a` must be a list of entries"),
        ("vidbuild_lock: 1\nmade: {shot a: [{x: 3}]}", "{x", "an entry begins with `ask:` or `pin:`"),
        ("vidbuild_lock: 1\nmade: {shot a: [{pin: 3}]}", "3", "this must be a text"),
        ("vidbuild_lock: 1\nmade:\n  a:\n  - {", "", "this is not YAML"),
        (PIN + "    x: [7]", "[7]", "an output is `[sha256, size in bytes, media type]`"),
        (PIN + "    xy: 1", "xy", "`xy` is not known here"),
        (PIN.replace("pin", "ask"), "ask", "`unsized` is missing here"),
        (TEXT.replace(f"circled: {POUR.id}", "circled: k0000"), "k0000", "`k0000` is circled, and no attempt here has"),
        (
            TEXT.replace(POUR.id, "crema").replace("circled: crema\n    ", ""),
            "crema",
            "the id `crema` is not `k` and the first digits of",
        ),
        (TEXT.replace("usd: 0.84", "usd: -1"), "-1,", "this must be a number that is not negative"),
        (TEXT.replace("usd: 0.84", "usd: 1/0"), "1/0", "this must be a number that is not negative"),
        (TEXT.replace("usd: 0.84", "usd: .nan"), ".nan", "`.nan` can't be used"),
        (TEXT.replace("2026-11-20", "today"), "today", "`today` is no day, as in `2026-11-20`"),
        (TEXT.replace("5210331", "-5"), "-5", "this must be a whole number from 0"),
        (TEXT.replace("model: kling-3, ", ""), "{id", "`model` is missing here"),
        (TEXT.replace("seed:", "sede:"), "sede", "`sede` is not known here"),
    ],
)
def test_a_lock_that_does_not_hold_is_told_with_its_place(text: str, at: str, sentence: str) -> None:
    """File, line, column, and what to do."""
    with pytest.raises(SpecError) as told:
        parsed(text, "vidbuild.lock")
    first = told.value.problems[0]
    before = text[: text.index(at)] if at else ""
    where = f"vidbuild.lock:{before.count(chr(10)) + 1}:{len(before.rpartition(chr(10))[2]) + 1}"
    assert first.sentence.startswith(sentence)
    assert (str(first.mark) if at else where) == where
    assert all(problem.hint for problem in told.value.problems)


def test_every_mistake_is_told_at_once() -> None:
    """In the order of their places."""
    with pytest.raises(SpecError) as told:
        parsed("vidbuild_lock: 1\nmodels: {a: 1}\nfiles: {b: c}\nmade: {d: e}", "l")
    assert [problem.mark.line for problem in told.value.problems if problem.mark] == [2, 3, 4]


CONFLICT = FORM.replace("    seconds: 10\n", "<<<<<<< HEAD\n    seconds: 10\n=======\n    seconds: 5\n>>>>>>> other\n")


@pytest.mark.parametrize("text", [CONFLICT, CONFLICT.replace("\n", "\r\n")], ids=["unix", "dos"])
def test_a_merge_conflict_is_told_as_such(text: str) -> None:
    """With the lines that it reaches over, and how to end it without losing what either side bought."""
    with pytest.raises(SpecError) as told:
        parsed(text, "vidbuild.lock")
    problem = told.value.problems[0]
    assert str(problem.mark) == "vidbuild.lock:17:1"
    assert problem.sentence.startswith("the lock holds a merge conflict;")
    assert problem.facts == ("lines 17 to 21: `HEAD` and `other`",)
    assert (problem.hint or "").startswith("`vidbuild lock --resolve`")


def test_a_lock_with_other_line_ends_is_the_same_lock() -> None:
    """Git may write it so."""
    assert parsed(FORM.replace("\n", "\r\n"), "l") == SMALL


def test_an_entry_may_stand_anywhere_and_twice() -> None:
    """The label is a label."""
    entry = asked("pour", POUR)
    lock = Lock(made={"shot crema": (entry, pin("x")), "what was once pour": (pin("x"), entry)})
    assert parsed(written(lock), "l").asks == {entry.ask: entry}


def test_an_entry_that_stands_twice_and_differs_is_told() -> None:
    """Nobody chooses silently between two things that were paid for."""
    one, other = asked("pour", POUR), asked("pour", POUR, circled=False)
    with pytest.raises(SpecError) as told:
        parsed(written(Lock(made={"shot a": (one,), "shot b": (other,)})), "l")
    problem = told.value.problems[0]
    assert problem.sentence == f"the ask `{one.ask[:12]}` stands here and in line 6, and they differ"
    assert str(problem.mark) == "l:14:5"


def test_two_attempts_of_one_id_are_told() -> None:
    """An author who writes `take: k7e31a2` means one of them."""
    other = replace(bought("crema"), id=POUR.id, key=POUR.key[:-1] + ("0" if POUR.key[-1] != "0" else "1"))  # type: ignore[arg-type]
    with pytest.raises(SpecError, match=f"the id `{POUR.id}` stands here and in line"):
        parsed(written(Lock(made={"shot a": (asked("pour", POUR),), "shot b": (asked("crema", other),)})), "l")


def test_a_group_that_stands_twice_is_made_one_by_hand() -> None:
    """After a merge that took both sides, nothing is thrown away by a hint."""
    text = "vidbuild_lock: 1\nmade:\n  shot a:\n  - pin: {}\n  shot a:\n  - pin: {}\n".format(key("a"), key("b"))
    with pytest.raises(SpecError) as told:
        parsed(text, "l")
    assert told.value.problems[0].hint == "make them one, with the entries of both below it"


def lock_of(**prices: str) -> Lock:
    groups = {f"shot {name}": (asked(name, bought(name, usd=usd)), pin(name)) for name, usd in prices.items()}
    return Lock(SMALL.models, {}, SMALL.files, groups)


def test_other_groups_keep_their_bytes() -> None:
    """A change touches the lines of its own group."""
    form = Form()
    before = form.written(lock_of(bar="1", crema="1", pour="1")).splitlines()
    after = form.written(lock_of(bar="1", crema="2", pour="1")).splitlines()
    changed = [old for old, new in zip(before, after, strict=True) if old != new]
    assert (len(changed), "kling/crema" in changed[0]) == (1, True)


def merged(folder: Path, base: Lock, ours: Lock, theirs: Lock) -> tuple[int, str]:
    """Merge as git does; give the number of conflicts and the text."""
    for name, lock in (("base", base), ("ours", ours), ("theirs", theirs)):
        (folder / name).write_text(written(lock))
    ran = subprocess.run(
        ["git", "merge-file", "-p", "ours", "base", "theirs"], cwd=folder, capture_output=True, text=True, check=False
    )
    return ran.returncode, ran.stdout


def test_two_shots_that_changed_in_two_branches_merge(tmp_path: Path) -> None:
    """Neighbours too: the blank line and the label between them keep them apart."""
    base = lock_of(bar="1", crema="1", pour="1")
    ours, theirs = lock_of(bar="1", crema="2", pour="1"), lock_of(bar="1", crema="1", pour="2")
    conflicts, text = merged(tmp_path, base, ours, theirs)
    assert (conflicts, parsed(text, "l")) == (0, lock_of(bar="1", crema="2", pour="2"))


def test_shots_bought_in_two_branches_at_two_places_merge(tmp_path: Path) -> None:
    """New groups go where they sort."""
    base = lock_of(crema="1", pour="1")
    ours, theirs = lock_of(bar="1", crema="1", pour="1"), lock_of(crema="1", film="1", pour="1")
    conflicts, text = merged(tmp_path, base, ours, theirs)
    assert (conflicts, parsed(text, "l")) == (0, lock_of(bar="1", crema="1", film="1", pour="1"))


def test_seconds_and_prices_are_exact() -> None:
    """Thirds are written as fractions."""
    third = replace(asked("pour", replace(POUR, usd=Fraction(1, 3))), seconds=Fraction(20, 3))
    text = written(Lock(made={"shot pour": (third,)}))
    assert "seconds: 20/3\n" in text
    assert parsed(text, "l").asks[third.ask] == third
