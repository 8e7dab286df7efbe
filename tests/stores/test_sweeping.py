"""What of a store may go: derived before paid, the longest unused first, and nothing from under a running build."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import pytest

from vidbuild.stores import durable, sweeping, uses
from vidbuild.stores.action_cache import DiskActionCache
from vidbuild.stores.cas import LEAVING, SWEEPING, YOUNG_S, DiskCas
from vidbuild.stores.holdings import Holdings, Paid, holdings
from vidbuild.stores.index import Index, Memory
from vidbuild.stores.job_log import JobLog
from vidbuild.stores.process_lock import ProcessLock
from vidbuild.stores.sweeping import Broom, Limits
from vidbuild.stores.workspaces import WorkspacesOnDisk, settled
from vidbuild.words.action import ActionResult, Blob, BoundAction
from vidbuild.words.digest import Digest
from vidbuild.words.errors import BusyError
from vidbuild.words.locked import Asked, Bought, Lock

DAY = 86400.0
BIG = 1000


@dataclass
class Stock:
    """A store on disk, whose entries have the age that a test gives them."""

    root: Path
    now: float = field(default_factory=time.time)

    def __post_init__(self) -> None:
        index = Index(self.root / "index")
        self.cas, self.cache = DiskCas(self.root, Memory(index)), DiskActionCache(self.root, index)
        self.log = JobLog(self.root)

    def blob(self, name: str, days: float) -> Blob:
        blob = self.cas.put_bytes(name.encode() * BIG, "video/mp4")
        self.age(self.cas.where(blob.digest), days)
        return blob

    def result(self, name: str, days: float, *blobs: Blob, **facts: object) -> Digest:
        """Record what an action made: blobs of its own name, unless others are given."""
        made = {f"out{number}": blob for number, blob in enumerate(blobs or (self.blob(name, days),))}
        action = BoundAction("Segment", {"name": name}, {}, dict.fromkeys(made, "video/mp4"), "t@1")
        self.cache.put(action, ActionResult(made, facts))
        self.age(self.root / "ac" / action.key[:2] / action.key, days)
        return action.key

    def bought(self, name: str, days: float) -> Digest:
        key = self.result(name, days, job="acme/1", model="m", usd="2.50", on="2026-11-20")
        outputs = {"out0": self.first(key).digest}
        self.log.append(key, "intent", label="shot pour", project="/p/project.yaml")
        self.log.append(key, "stored", outputs=outputs)
        return key

    def first(self, key: Digest) -> Blob:
        result = self.cache.get(key)
        assert result is not None
        return result.outputs["out0"]

    def age(self, path: Path, days: float) -> None:
        os.utime(path, (self.now - days * DAY,) * 2)

    def held(self, locks: Mapping[str, Lock] | None = None) -> Holdings:
        return holdings(self.root, self.cas, self.cache, locks or {}, settled(self.root))

    def limits(self, keep_days: float = 0, most: int | None = None) -> Limits:
        return Limits(self.now - keep_days * DAY + 1, most)

    def broom(self) -> Broom:
        return Broom(self.root, self.cas, self.cache)


@pytest.fixture
def stock(tmp_path: Path) -> Stock:
    return Stock(tmp_path / "store")


def lock_of(stock: Stock, key: Digest) -> Lock:
    bought = Bought("k123456", key, "m", 0, "acme/1", Fraction(5, 2), "2026-11-20", {"out0": stock.first(key)})
    return Lock(made={"shot pour": (Asked(Digest("a" * 64), Digest("b" * 64), None, "k123456", (bought,)),)})


def test_what_was_not_used_for_long_goes(stock: Stock) -> None:
    """What is newer stays; what was paid for stays however old it is."""
    old, new, paid = stock.result("old", 40), stock.result("new", 5), stock.bought("take", 90)
    sweep = sweeping.derived(stock.held(), stock.limits(keep_days=30))
    old_blob, paid_blob = stock.first(old), stock.first(paid)
    assert (sweep.keys, sweep.blobs) == ([old], [old_blob.digest])
    stock.broom().sweep(sweep)
    assert not stock.cas.has(old_blob.digest)
    assert [stock.cache.get(key) is not None for key in (old, new, paid)] == [False, True, True]
    assert stock.cas.has(paid_blob.digest)
    assert sweep.size == stock.held().size


def test_a_build_makes_what_it_used_young(stock: Stock, tmp_path: Path) -> None:
    """However old its record is; so does one that is only touched."""
    first, second, third = (stock.result(name, 40) for name in ("first", "second", "third"))
    uses.note(stock.root, "one", tmp_path / "project.yaml", {first})
    uses.note(stock.root, "two", tmp_path / "project.yaml", {second})
    stock.age(stock.root / "uses" / "two", 40)
    assert set(sweeping.derived(stock.held(), stock.limits(30)).keys) == {second, third}
    uses.touch(stock.root, "two")
    assert sweeping.derived(stock.held(), stock.limits(30)).keys == [third]


def test_the_longest_unused_goes_first_and_no_more_than_must(stock: Stock) -> None:
    """Until the store is small enough; what is to be kept is kept, though it then isn't."""
    keys = [stock.result(name, days) for name, days in (("c", 3), ("a", 9), ("b", 6))]
    whole = stock.held().size
    assert sweeping.derived(stock.held(), stock.limits(most=whole)).keys == []
    assert sweeping.derived(stock.held(), stock.limits(most=whole - 1)).keys == [keys[1]]
    assert sweeping.derived(stock.held(), stock.limits(most=0)).keys == [keys[1], keys[2], keys[0]]
    assert sweeping.derived(stock.held(), stock.limits(keep_days=5, most=0)).keys == [keys[1], keys[2]]


def test_a_blob_stays_while_another_result_has_it(stock: Stock) -> None:
    """Of two results with one blob the older alone frees nothing of it."""
    shared = stock.blob("shared", 40)
    old, new = stock.result("old", 40, shared), stock.result("new", 1, shared)
    sweep = sweeping.derived(stock.held(), stock.limits(30))
    assert (sweep.keys, sweep.blobs) == ([old], [])
    assert set(sweeping.derived(stock.held(), stock.limits(0)).keys) == {old, new}


def test_what_a_step_made_and_a_vendor_too_is_paid_for(stock: Stock) -> None:
    """One witness is enough: a record, the job log alone, or a lock alone."""
    taken = stock.blob("taken", 90)
    stock.result("copy", 90, taken)
    assert sweeping.derived(stock.held(), stock.limits()).blobs == [taken.digest]
    stock.log.append(Digest("d" * 64), "stored", outputs={"video": taken.digest})
    assert sweeping.derived(stock.held(), stock.limits()).blobs == []
    other = stock.blob("locked", 90)
    assert sweeping.derived(stock.held(), stock.limits()).blobs == [other.digest]
    bought = Bought("k1", Digest("e" * 64), "m", 0, "a/1", None, "2026-11-20", {"video": other})
    lock = Lock(made={"audio": (Asked(Digest("f" * 64), Digest("f" * 64), None, None, (bought,)),)})
    assert sweeping.derived(stock.held({"vidbuild.lock": lock}), stock.limits()).blobs == []


def test_what_an_open_job_was_given_stays(stock: Stock) -> None:
    """It may have to be sent again."""
    given = stock.blob("first frame", 90)
    stock.log.append(Digest("d" * 64), "intent", action={"inputs": {"init": given.digest}})
    assert sweeping.derived(stock.held(), stock.limits()).blobs == []
    stock.log.append(Digest("d" * 64), "unmade")
    assert sweeping.derived(stock.held(), stock.limits()).blobs == [given.digest]


def test_of_what_was_paid_for_what_nothing_names_goes_first(stock: Stock) -> None:
    """And then the longest unused; only as much as must."""
    named, young, old = stock.bought("named", 90), stock.bought("young", 10), stock.bought("old", 50)
    held = stock.held({"/p/vidbuild.lock": lock_of(stock, named)})
    chosen = sweeping.bought(held, stock.limits(most=0), held.size, lambda one: True)
    assert [one.key for one in chosen] == [old, young, named]
    assert (chosen[2].named, chosen[0].label, chosen[0].usd) == (["/p/vidbuild.lock"], "shot pour", Fraction(5, 2))
    chosen = sweeping.bought(held, stock.limits(most=held.size - 1), held.size, lambda one: True)
    assert [one.key for one in chosen] == [old]
    chosen = sweeping.bought(held, stock.limits(keep_days=30), held.size, lambda one: not one.named)
    assert [one.key for one in chosen] == [old]


def test_what_was_let_go_is_still_known_to_be_bought(stock: Stock) -> None:
    """Its record and its job stay: it can be had again; a blob that another take has stays too."""
    one, shared = stock.bought("one", 50), stock.blob("shared", 50)
    two, three = (stock.result(name, 50, shared, job="acme/2", model="m") for name in ("two", "three"))
    held, blob = stock.held(), stock.first(one)
    going = [held.paid[one], held.paid[two]]
    assert stock.broom().let_go(held, going) == going
    assert (stock.cas.has(blob.digest), stock.cas.has(shared.digest)) == (False, True)
    assert all(stock.cache.get(key) is not None for key in (one, two, three))
    assert stock.log.steps(one)[-1]["step"] == sweeping.LET_GO
    assert not stock.held().paid[one].is_kept


BUILD = """
import sys
from pathlib import Path
from vidbuild.stores.workspaces import WorkspacesOnDisk
work = WorkspacesOnDisk(Path(sys.argv[1]))
print("runs", flush=True)
sys.stdin.read()
work.close()
"""


def test_nothing_goes_from_under_a_running_build(stock: Stock) -> None:
    """Not what it may have read or made, and nothing paid; with its end that is over."""
    long_ago, read = stock.result("long ago", 3), stock.result("read", 3)
    blobs = stock.first(long_ago).digest, stock.first(read).digest
    argv = [sys.executable, "-c", BUILD, str(stock.root)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as build:
        assert build.stdout is not None
        assert build.stdin is not None
        assert build.stdout.readline() == "runs\n"
        sweep = sweeping.derived(stock.held(), stock.limits())
        assert stock.cas.fetch(blobs[1]) is not None  # as a build does before it runs something
        stock.broom().sweep(sweep)
        assert [stock.cas.has(blob) for blob in blobs] == [False, True]
        with pytest.raises(BusyError):
            stock.broom().let_go(stock.held(), [])
        build.stdin.close()
        build.wait(20)
    stock.age(stock.cas.where(blobs[1]), 3)
    stock.broom().sweep(sweeping.derived(stock.held(), stock.limits()))
    assert not stock.cas.has(blobs[1])


def test_a_build_waits_to_begin_for_no_longer_than_a_batch(stock: Stock) -> None:
    """The gate is open again when the broom has passed."""
    stock.result("old", 3)
    stock.broom().sweep(sweeping.derived(stock.held(), stock.limits()))
    WorkspacesOnDisk(stock.root).close()


def test_what_is_put_again_while_it_is_removed_stays(stock: Stock) -> None:
    """It is younger than what may go."""
    blob = stock.blob("again", 3)
    sweep = sweeping.derived(stock.held(), stock.limits())
    stock.blob("again", 0)
    assert sweep.blobs == [blob.digest]
    assert not stock.cas.remove(blob.digest, stock.now - 1)
    assert stock.cas.has(blob.digest)


def test_what_a_killed_sweep_was_about_to_remove_is_put_back(stock: Stock) -> None:
    blob = stock.blob("half gone", 3)
    place = stock.cas.where(blob.digest)
    sweeper = ProcessLock(stock.root / SWEEPING)
    assert sweeper.take()
    place.rename(place.with_name(f"{place.name}{LEAVING}1"))
    stock.cas.recover()
    assert not stock.cas.has(blob.digest)  # who removes it is at it
    sweeper.release()
    stock.cas.recover()
    assert stock.cas.fetch(blob.digest) == place
    assert not (stock.root / SWEEPING).exists()  # nothing more to look for


def test_damaged_files_go_but_for_those_of_what_was_paid_for(stock: Stock) -> None:
    """They are the last that is left of it."""
    derived, paid = stock.result("derived", 3), stock.bought("take", 3)
    for key in (derived, paid):
        digest = stock.first(key).digest
        stock.cas.set_aside(stock.cas.where(digest), digest)
    sweep = sweeping.derived(stock.held(), Limits(time.time() + 1, None))
    assert [file.path.name[:64] for file in sweep.files] == [stock.first(derived).digest]
    stock.blob("take", 0)
    sweep = sweeping.derived(stock.held(), Limits(time.time() + 1, None))
    assert len(sweep.files) == 2  # it is here, whole, again


@pytest.mark.parametrize("ran", ["before", "between"])
def test_what_a_build_buys_after_the_choice_stays(stock: Stock, ran: str) -> None:
    """A clip is here before its record: one of a build that ran at the choice, or began and ended since."""
    clip = stock.blob("clip", 0 if ran == "before" else 3)
    with subprocess.Popen(
        [sys.executable, "-c", BUILD, str(stock.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as build:
        assert build.stdin is not None
        if ran == "before":
            assert build.stdout is not None
            assert build.stdout.readline() == "runs\n"
            stock.age(stock.cas.where(clip.digest), -0.5 / DAY)  # put here half a second ago
        held = stock.held()
        sweep = sweeping.derived(held, Limits(time.time() + 2, 1))
        sweep.blobs = [clip.digest]  # by whatever mistake
        if ran == "between":
            stock.cas.put_bytes(b"clip" * BIG, "video/mp4")
        build.stdin.close()
        build.wait(20)
    stock.broom().sweep(sweep)
    assert stock.cas.has(clip.digest)
    assert stock.broom().let_go(held, [Paid(Digest("d" * 64), blobs={clip.digest})]) == []
    assert stock.cas.has(clip.digest)


def test_what_no_result_has_may_get_one_yet(stock: Stock) -> None:
    """So it stays for an hour at least; what stands in the place of a chosen file later stays, too."""
    young, old = stock.blob("young", 0.5 * YOUNG_S / DAY), stock.blob("old", 2 * YOUNG_S / DAY)
    torn = stock.result("torn", 3)
    place = stock.root / "ac" / torn[:2] / torn
    place.chmod(0o644)
    place.write_text("{")
    sweep = sweeping.derived(stock.held(), Limits(time.time() + 1, None))
    assert (old.digest in sweep.blobs, young.digest in sweep.blobs) == (True, False)
    assert [file.path for file in sweep.files] == [place]
    stock.result("torn", 3)
    stock.broom().sweep(sweep)
    assert place.exists()


def test_every_witness_counts(stock: Stock) -> None:
    """Two clones bought one thing at once: each lock names its own bytes, in whichever order they are shown."""
    key, other = stock.bought("first", 90), stock.blob("second", 90)
    mine = lock_of(stock, key)
    bought = Bought("k123456", key, "m", 0, "acme/2", Fraction(5, 2), "2026-11-20", {"out0": other})
    theirs = Lock(made={"shot pour": (Asked(Digest("a" * 64), Digest("b" * 64), None, "k123456", (bought,)),)})
    for locks in ({"a": mine, "b": theirs}, {"b": theirs, "a": mine}):
        held = stock.held(locks)
        assert sweeping.derived(held, stock.limits()).blobs == []
        assert held.paid[key].blobs == {stock.first(key).digest, other.digest}


@pytest.mark.parametrize("is_opened", [True, False], ids=["newer", "shut"])
def test_a_record_that_may_be_one_stays_with_what_it_names(
    stock: Stock, is_opened: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of a newer vidbuild, or one that can't be opened now; what is torn goes."""
    clip, key = stock.blob("clip", 40), Digest("ab" * 32)
    told = {"vidbuild_result": 2, "key": key, "made": {"video": [clip.digest, clip.size]}}
    durable.write_bytes(stock.root / "ac" / "ab" / key, json.dumps(told).encode())
    torn = stock.root / "ac" / "cd" / ("cd" * 32)
    durable.write_bytes(torn, b'{"vidbuild_result"')
    stock.age(torn, 40)
    stock.age(stock.root / "ac" / "ab" / key, 40)
    if not is_opened:
        text = stock.cache.text
        monkeypatch.setattr(stock.cache, "text", lambda asked: None if asked == key else text(asked))
    held = stock.held()
    sweep = sweeping.derived(held, stock.limits())
    assert ([file.path for file in sweep.files], sweep.blobs) == ([torn], [])
    assert [file.path.name for file in held.foreign] == [key]


def test_what_was_asked_for_is_remembered_for_long(stock: Stock) -> None:
    """Whatever else goes: a project that isn't there may be on a drive that isn't."""
    trace = stock.root / "traces" / ("a" * 32)
    durable.write_bytes(trace, b"{}")
    for request in ("new", "old"):
        uses.note(stock.root, request, Path("/gone/project.yaml"), set())
    stock.age(stock.root / "uses" / "old", 40)
    stock.broom().forget_requests(stock.held(), time.time())
    assert [path.name for path in stock.root.glob("uses/*")] == ["new"]
    assert trace.exists()


def test_a_build_that_was_stopped_forgets_nothing(stock: Stock) -> None:
    """What the whole one before it used is still in use."""
    for keys, is_whole in (({"a", "b"}, True), ({"b", "c"}, False)):
        uses.note(stock.root, "one", Path("/p/project.yaml"), keys, is_whole)
    assert [use.keys for _, use in uses.all_uses(stock.root)] == [{"a", "b", "c"}]
    uses.note(stock.root, "one", Path("/p/project.yaml"), {"c"})
    assert [use.keys for _, use in uses.all_uses(stock.root)] == [{"c"}]
