"""The lock as a file: each purchase is on disk at once, nothing is lost, nothing is written for nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from locks import POUR, SMALL, asked, bought, key, pin, video

from vidbuild.stores.lock_text import parsed, written
from vidbuild.stores.lockfile import LockedCache, LockFile
from vidbuild.testing.memory import MemoryActionCache
from vidbuild.words.action import ActionResult, Blob, BoundAction
from vidbuild.words.digest import Digest
from vidbuild.words.errors import SpecError, VidbuildError
from vidbuild.words.locked import ANEW, Bought, Lock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vidbuild.lock"


def buy(lock: LockFile, name: str, attempt: Bought | None = None, label: str | None = None) -> None:
    """Enter an attempt of an ask by the ask's name."""
    made = attempt or bought(name)
    lock.bought(label or f"shot {name}", key(f"ask {name}"), key(f"unsized {name}"), Fraction(10), 0, made)


def on_disk(path: Path) -> Lock:
    return parsed(path.read_text(), path.name)


def stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return (found.st_ino, found.st_mtime_ns)


def test_no_lock_is_an_empty_one_and_makes_no_file(path: Path) -> None:
    """Nothing is written before there is something to say."""
    assert (LockFile(path).value, path.exists()) == (Lock(), False)


def test_all_that_is_told_stands_in_the_file_at_once(path: Path) -> None:
    """In the form of the design."""
    lock = LockFile(path)
    lock.model("footage | auto | needs close-up, hands | 16:9 | init", "kling-3")
    lock.style("cinematic", "cinematic@1")
    lock.files({"assets/cup.png": key("cup")})
    buy(lock, "pour")
    lock.circle(key("ask pour"), POUR.id)
    lock.pin("shot pour", pin("pour"))
    assert path.read_text() == written(SMALL)
    assert (lock.value, LockFile(path).value) == (SMALL, SMALL)


@pytest.mark.parametrize(
    "tell",
    [
        lambda lock: buy(lock, "pour"),
        lambda lock: buy(lock, "pour", label="shot renamed"),
        lambda lock: buy(lock, "pour", replace(POUR, usd=None, job="", on="2027-01-01")),
        lambda lock: lock.circle(key("ask pour"), POUR.key),
        lambda lock: lock.pin("shot renamed", pin("pour")),
        lambda lock: lock.model("footage | auto | needs close-up, hands | 16:9 | init", "kling-3"),
        lambda lock: lock.style("cinematic", "cinematic@1"),
        lambda lock: lock.files({"assets/cup.png": key("cup")}),
        lambda lock: lock.forget(asks=[key("what isn't there")]),
    ],
)
@pytest.mark.parametrize("text", [written(SMALL), written(SMALL).replace("\n", "\r\n")], ids=["unix", "dos"])
def test_what_the_lock_says_already_is_not_written(path: Path, text: str, tell: Callable[[LockFile], None]) -> None:
    """A changed label alone makes no write, nor does the way the file was written."""
    path.write_bytes(text.encode())
    before = stamp(path)
    tell(LockFile(path))
    assert (stamp(path), path.read_bytes().decode()) == (before, text)


def test_an_entry_stays_under_the_label_that_it_was_bought_under(path: Path) -> None:
    """Further attempts join it there."""
    path.write_text(written(SMALL))
    lock = LockFile(path)
    buy(lock, "pour", bought("pour again"), label="shot renamed")
    lock.circle(key("ask pour"), key("pour again"))
    made = on_disk(path).made
    assert list(made) == ["shot pour"]
    assert made["shot pour"] == (
        replace(asked("pour", POUR, bought("pour again")), circled="k" + key("pour again")[:6]),
        pin("pour"),
    )


def test_an_attempt_learns_its_price_and_keeps_what_is_known(path: Path) -> None:
    """A vendor may tell the cost late; nobody forgets it."""
    lock = LockFile(path)
    buy(lock, "pour", replace(POUR, usd=None))
    buy(lock, "pour")
    buy(lock, "pour", replace(POUR, usd=None, job=""))
    assert on_disk(path).bought[POUR.id] == POUR


def test_what_is_learned_of_an_attempt_stands_wherever_it_does(path: Path) -> None:
    """One that was adopted answers two asks; bought again for one, it is the same in both: else no lock is read."""
    lock = LockFile(path)
    buy(lock, "pour")
    lock.circle(key("ask pour"), POUR.key)
    buy(lock, "glass", POUR)
    lock.circle(key("ask glass"), POUR.key)
    again = replace(POUR, job="kling/again", on="2026-11-21", outputs=video("pour again"))
    buy(lock, "pour", again)
    assert {name: ask.answer for name, ask in on_disk(path).asks.items()} == dict.fromkeys(lock.value.asks, again)


def test_a_pin_is_replaced_in_its_place(path: Path) -> None:
    """A frame that was made anew stands where the old one stood."""
    path.write_text(written(SMALL))
    fresh = replace(pin("pour"), outputs={"picture": Blob(key("other"), 5, "image/png")})
    LockFile(path).pin("shot pour", fresh)
    assert on_disk(path).made == {"shot pour": (SMALL.made["shot pour"][0], fresh)}


def test_two_attempts_never_share_an_id(path: Path) -> None:
    """Keys that begin alike are told apart by a further digit; both can be circled by their keys."""
    twin = Digest(POUR.key[:7] + ("0" * 57 if POUR.key[7] != "0" else "1" * 57))
    lock = LockFile(path)
    buy(lock, "pour")
    buy(lock, "crema", replace(bought("crema"), id=POUR.id, key=twin))
    lock.circle(key("ask crema"), twin)
    other = on_disk(path).asks[key("ask crema")].answer
    assert other is not None
    assert (other.id, other.key) == (f"k{twin[:7]}", twin)


def test_circling_what_was_not_bought_is_a_mistake_of_ours(path: Path) -> None:
    """It would make a lock that can't be read."""
    path.write_text(written(SMALL))
    with pytest.raises(ValueError, match="BUG"):
        LockFile(path).circle(key("ask pour"), "k000000")


def test_an_ask_that_is_asked_anew_keeps_what_was_bought(path: Path) -> None:
    """And its seconds: what is bought of it next, if anything, is as long as before."""
    path.write_text(written(SMALL))
    lock = LockFile(path)
    lock.circle(key("ask pour"), ANEW)
    found = on_disk(path)
    assert found.asks[key("ask pour")] == replace(asked("pour", POUR), circled=ANEW)
    assert found.unsized[key("unsized pour")] == (found.asks[key("ask pour")],)
    assert "    circled: anew\n" in path.read_text()


def test_what_is_forgotten_is_gone_with_its_group(path: Path) -> None:
    """Models are asked anew, entries bought anew."""
    path.write_text(written(SMALL))
    lock = LockFile(path)
    lock.forget(asks=[key("ask pour")], pins=[key("question pour")], models=list(SMALL.models))
    assert on_disk(path) == Lock(styles=SMALL.styles, files=SMALL.files)


def test_own_files_that_the_project_no_longer_has_are_listed_no_more(path: Path) -> None:
    """The list is of what there is."""
    path.write_text(written(SMALL))
    LockFile(path).files({"assets/logo.png": key("logo")})
    assert on_disk(path).files == {"assets/logo.png": key("logo")}


def test_what_is_told_together_is_written_once(path: Path) -> None:
    """Also where one of them fails."""
    lock = LockFile(path)

    def tell() -> None:
        with lock.together():
            lock.style("cinematic", "cinematic@1")
            assert not path.exists()
            lock.model("q", "kling-3")
            raise KeyError

    with pytest.raises(KeyError):
        tell()
    assert on_disk(path) == Lock({"q": "kling-3"}, {"cinematic": "cinematic@1"})


def test_a_file_that_changed_under_us_is_read_again_and_told_again(path: Path) -> None:
    """Somebody's `git checkout` loses nothing that this build bought, and this build nothing of theirs."""
    path.write_text(written(SMALL))
    lock = LockFile(path)
    buy(lock, "crema")
    path.write_text(written(Lock(made={"shot serve": (asked("serve", bought("serve")),)})))
    lock.circle(key("ask crema"), key("crema"))
    found = on_disk(path)
    assert found.made == {
        "shot crema": (asked("crema", bought("crema")),),
        "shot serve": (asked("serve", bought("serve")),),
    }
    assert lock.value == found


def test_a_file_that_was_removed_under_us_comes_back_with_what_was_bought(path: Path) -> None:
    """What the session itself bought is never forgotten."""
    lock = LockFile(path)
    buy(lock, "crema")
    path.unlink()
    buy(lock, "crema")
    assert list(on_disk(path).made) == ["shot crema"]


def test_a_conflict_that_appears_under_us_is_left_alone(path: Path) -> None:
    """What was bought is put beside, whole, and the error says where."""
    path.write_text(written(SMALL))
    lock = LockFile(path)
    conflict = "vidbuild_lock: 1\n<<<<<<< HEAD\n=======\n>>>>>>> other\n"
    path.write_text(conflict)
    with pytest.raises(VidbuildError) as told:
        buy(lock, "crema")
    spare = path.with_name("vidbuild.errored.lock")
    assert told.value.sentence == f"the lock `{path}` was changed while it was in use, and can't be read now"
    assert told.value.facts["kept in"] == str(spare)
    assert (path.read_text(), set(on_disk(spare).made)) == (conflict, {"shot pour", "shot crema"})


def test_a_lock_that_can_not_be_written_is_put_beside(path: Path) -> None:
    """And written as soon as it can be."""
    lock = LockFile(path)
    path.mkdir()
    with pytest.raises(VidbuildError) as told:
        buy(lock, "pour")
    spare = path.with_name("vidbuild.errored.lock")
    assert "put `vidbuild.errored.lock` in its place" in (told.value.hint or "")
    assert set(on_disk(spare).made) == {"shot pour"}
    path.rmdir()
    lock.circle(key("ask pour"), POUR.id)
    assert on_disk(path).made == {"shot pour": (asked("pour", POUR),)}


FULL = """
import resource, sys
from fractions import Fraction
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from locks import POUR, key
from vidbuild.stores.lockfile import LockFile
from vidbuild.words.errors import VidbuildError
lock = LockFile(Path(sys.argv[2]))
resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
try:
    lock.bought("shot pour", key("ask pour"), key("unsized pour"), Fraction(10), 0, POUR)
except VidbuildError as error:
    print(error.text())
"""


def run(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Start Python on a program of ours."""
    root = str(Path(__file__).parents[2])
    environ = {**os.environ, "PYTHONPATH": root}
    words = [sys.executable, "-c", code, str(Path(__file__).parent), *map(str, arguments)]
    return subprocess.Popen(words, env=environ, stdout=subprocess.PIPE, text=True)


def test_a_full_disk_leaves_the_old_lock_and_says_so(path: Path) -> None:
    """No part of a lock is ever left, and no temporary file."""
    path.write_text("vidbuild_lock: 1\n")
    told = run(FULL, path).communicate(timeout=60)[0]
    assert f"the lock `{path}` can't be written" in told
    assert "the store still has all that was bought" in told
    assert ([one.name for one in path.parent.iterdir()], path.read_text()) == (["vidbuild.lock"], "vidbuild_lock: 1\n")


BUY = """
import sys
from fractions import Fraction
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from locks import bought, key
from vidbuild.stores.lockfile import LockFile
lock = LockFile(Path(sys.argv[2]))
for number in range(10**6):
    lock.bought(f"shot {number % 50}", key(f"a{number}"), key("u"), Fraction(10), 0, bought(f"{number}"))
    print(number, flush=True)
"""


@pytest.mark.parametrize("after", [1, 7, 40])
def test_a_lock_is_whole_whenever_its_writer_is_killed(path: Path, after: int) -> None:
    """All that was told before the kill is there, and no litter once it is opened again."""
    writer = run(BUY, path)
    assert writer.stdout is not None
    for _ in range(after):
        writer.stdout.readline()
    time.sleep(0.0007 * after)
    writer.send_signal(signal.SIGKILL)
    told = writer.communicate()[0].split()
    last = int(told[-1]) if told else after - 1
    time.sleep(0.11)
    assert len(LockFile(path).value.asks) in (last + 1, last + 2)
    assert [one.name for one in path.parent.iterdir()] == ["vidbuild.lock"]


def test_a_users_own_file_is_no_litter(path: Path) -> None:
    """Only what we made is swept beside the lock."""
    mine = path.with_name(".new-ideas.md")
    mine.write_text("keep me")
    os.utime(mine, (0, 0))
    time.sleep(0.11)
    LockFile(path)
    assert mine.exists()


@pytest.mark.parametrize("name", ["film.lock", "vidbuild.lock"])
def test_the_spare_lock_is_named_for_the_lock(tmp_path: Path, name: str) -> None:
    """Two projects in one folder don't mix."""
    lock = LockFile(tmp_path / name)
    (tmp_path / name).mkdir()
    with pytest.raises(VidbuildError):
        lock.style("a", "a@1")
    assert (tmp_path / name.replace(".lock", ".errored.lock")).is_file()


def test_a_lock_that_does_not_hold_is_an_error_of_the_text(path: Path) -> None:
    """With its place, before anything is built on it."""
    path.write_text("vidbuild_lock: 1\nmade: 3\n")
    with pytest.raises(SpecError, match="`made` must hold groups"):
        LockFile(path)


def test_a_pipe_for_a_lock_is_no_lock(path: Path) -> None:
    """It isn't waited for."""
    os.mkfifo(path)
    with pytest.raises(VidbuildError, match="can't be read"):
        LockFile(path)


def test_a_thousand_purchases_are_cheap(path: Path) -> None:
    """What didn't change isn't put into words again: a lock of a thousand takes a further one in milliseconds."""
    entries = {f"shot {n}": (asked(f"{n}", bought(f"{n}")),) for n in range(1000)}
    path.write_text(written(Lock(made=dict(sorted(entries.items())))))
    lock = LockFile(path)
    buy(lock, "first")
    started = time.process_time()
    for number in range(20):
        buy(lock, f"more {number}")
    assert (time.process_time() - started) / 20 < 0.02
    assert len(on_disk(path).asks) == 1021


ACTION = BoundAction("Footage", {"prompt": "x"}, {}, {"video": "video/mp4"}, "kling-3@1")
ELSEWHERE = ActionResult({"video": Blob(key("elsewhere"), 7, "video/mp4")}, {})


def test_the_lock_is_asked_before_any_other_memory(path: Path) -> None:
    """An ask gives its circled attempt, an attempt what it made; their facts are the lock's."""
    path.write_text(written(SMALL))
    behind = MemoryActionCache({key("ask pour"): ELSEWHERE, POUR.key: ELSEWHERE})
    cache = LockedCache(LockFile(path), behind)
    facts = {"model": "kling-3", "seed": 884412, "job": "kling/pour", "usd": "21/25", "on": "2026-11-20"}
    assert cache.get(POUR.key) == ActionResult(video("pour"), facts)
    answer = ActionResult(video("pour"), {**facts, "attempt": {**facts, "key": POUR.key}})
    assert cache.get(key("ask pour")) == answer


def test_an_ask_that_nothing_answers_yet_is_looked_for_behind_the_lock(path: Path) -> None:
    """A kill between the store and the lock loses no answer."""
    path.write_text(written(Lock(made={"shot pour": (asked("pour", POUR, circled=False),)})))
    cache = LockedCache(LockFile(path), MemoryActionCache({key("ask pour"): ELSEWHERE}))
    assert cache.get(key("ask pour")) == ELSEWHERE


def test_what_answered_an_ask_before_it_was_asked_anew_answers_it_no_more(path: Path) -> None:
    """Whichever store remembers that; its attempts are known as before."""
    path.write_text(written(Lock(made={"shot pour": (replace(asked("pour", POUR), circled=ANEW),)})))
    cache = LockedCache(LockFile(path), MemoryActionCache({key("ask pour"): ELSEWHERE}))
    assert cache.get(key("ask pour")) is None
    found = cache.get(POUR.key)
    assert found is not None
    assert found.outputs == video("pour")


def test_what_the_lock_does_not_know_goes_through(path: Path) -> None:
    """Reading and recording."""
    cache = LockedCache(LockFile(path), MemoryActionCache())
    cache.put(ACTION, ELSEWHERE)
    assert (cache.get(ACTION.key), cache.action(ACTION.key)) == (ELSEWHERE, ACTION.record())
    assert not path.exists()


def test_a_pin_is_found_by_its_question(path: Path) -> None:
    """And told through the same door."""
    cache = LockedCache(LockFile(path), MemoryActionCache())
    assert cache.pinned(key("question pour")) is None
    cache.pin("shot pour", key("question pour"), ActionResult(pin("pour").outputs, {"seconds": 3}))
    assert cache.pinned(key("question pour")) == ActionResult(pin("pour").outputs)
    assert on_disk(path).pins == {key("question pour"): pin("pour")}
