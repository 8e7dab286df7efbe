"""The lock in a real git repository: branches that merge, and those that git leaves to people."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_films import film, shot, since

from vidbuild.commands.resolving import resolve
from vidbuild.settings import Settings
from vidbuild.stores.lockfile import LockFile
from vidbuild.testing.shop import Shop
from vidbuild.words.digest import digest_bytes

ME = ["-c", "user.name=me", "-c", "user.email=me@example.com", "-c", "commit.gpgsign=false"]
SHOTS = ("one", "two", "three")


def git(shop: Shop, *words: str, ends: int = 0) -> str:
    """Run git in the project's folder; nothing of the machine's own settings counts."""
    environ = {**shop.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    done = subprocess.run(
        ["git", *ME, *words], cwd=shop.folder, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == ends, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A film of three bought shots, the first of which the second goes on from, committed on `main`."""
    with Shop(tmp_path / "shop", "keyed") as shop_:
        one, two, three = (shot(id, f"scene {id}") for id in SHOTS)
        film(shop_, one, {**two, "init_image": "one.last_frame"}, three)
        shop_.build("--yes")
        shop_.write(".gitignore", "build/\n.vidbuild/\n")
        git(shop_, "init", "-q", "-b", "main")
        git(shop_, "add", "-A")
        git(shop_, "commit", "-q", "-m", "film")
        yield shop_


@pytest.mark.slow
def test_of_an_entry_that_git_mixed_both_sides_are_whole(shop: Shop) -> None:
    """One branch prunes what its change left behind, another keeps it: an ask stands above another's attempts then."""
    git(shop, "checkout", "-q", "-b", "other")
    shop.edit("scene three", "scene three by day")
    shop.build("--yes")
    git(shop, "commit", "-q", "-a", "-m", "day")
    theirs = LockFile(shop.lock).value.bought
    git(shop, "checkout", "-q", "main")
    shop.edit("scene three", "scene three by night")
    shop.build("--yes")
    shop.run("lock", "--prune")
    git(shop, "commit", "-q", "-a", "-m", "night")
    ours = LockFile(shop.lock).value.bought
    git(shop, "merge", "-q", "other", ends=1)
    git(shop, "checkout", "-q", "--theirs", shop.file)
    assert shop.run("lock", "--resolve").returncode == 0
    lock = LockFile(shop.lock).value
    assert lock.bought.keys() == {**ours, **theirs}.keys()
    assert [len(asked.attempts) for asked in lock.asks.values()] == [1] * 5
    count = len(shop.vendors.requests)
    shop.build("--frozen")
    assert since(shop, count) == []


DRIFTS = (
    ('"one.last_frame"', '"cup.png"', "shot two: init_image changed: a picture of `one` -> `cup.png`"),
    (
        '"one.last_frame"',
        '"three.last_frame"',
        "init_image changed: a picture of `one` -> `three.last_frame`; it waits",
    ),
    ('"one.last_frame"', '"one.first_frame"', "shot two: it waits for the Frame of `one`, first_frame"),
    (',\n   "init_image": "one.last_frame"', "", "shot two: init_image removed: a picture of `one`"),
    ("scene one", "scene one by night", "shot two: it waits for the Frame of `one`, last_frame"),
)


@pytest.mark.slow
def test_what_a_shot_starts_from_is_told_in_the_authors_words(shop: Shop) -> None:
    """As it was written, where the last build is remembered; by the lock alone whose picture it was; no digest."""
    shop.still("cup.png")
    shop.edit('"prompt": "scene three",', '"prompt": "scene three", "init_image": "cup.png",')
    shop.build("--yes")
    text = (shop.folder / shop.file).read_text()
    shop.edit('"one.last_frame"', '"one.first_frame"')
    assert "init_image changed: one.last_frame -> one.first_frame" in shop.run("why", "two").stdout
    shutil.rmtree(shop.folder / ".vidbuild")
    for old, new, why in DRIFTS:
        shop.write(shop.file, text)
        shop.edit(old, new)
        told = shop.build("--locked", ends=6).told
        assert why in told
        assert re.search("[0-9a-f]{64}", told) is None


def on_branch(shop: Shop, branch: str, *changes: tuple[str, str]) -> None:
    """Edit the project on a branch from main, build it, commit it."""
    git(shop, "checkout", "-q", "main")
    git(shop, "checkout", "-q", "-b", branch)
    for old, new in changes:
        shop.edit(old, new)
    shop.build("--yes")
    git(shop, "commit", "-q", "-a", "-m", branch)


def test_two_branches_that_each_changed_another_shot_merge_and_build_for_nothing(shop: Shop) -> None:
    """Without a conflict; the lock holds what both bought, and is kept to."""
    on_branch(shop, "mine", ("scene two", "scene two by night"))
    on_branch(shop, "theirs", ("scene three", "scene three in rain"))
    count, paid = len(shop.vendors.requests), shop.paid
    git(shop, "merge", "-q", "--no-edit", "mine")
    assert git(shop, "status", "--porcelain") == ""
    plan = shop.plan()
    assert plan["totals"]["cost_usd"]["high"] == 0
    assert shop.build("--frozen").status == "built"
    assert (since(shop, count), shop.paid, paid) == ([], 5, 5)
    assert git(shop, "status", "--porcelain") == ""


def test_a_conflict_is_told_as_such_and_resolved(shop: Shop) -> None:
    """Both branches bought a further shot at the same place; the lock of both builds without a paid call."""
    on_branch(shop, "mine", ('"id": "three"', '"id": "three-a"'), ("scene three", "scene three by night"))
    on_branch(shop, "theirs", ('"id": "three"', '"id": "three-b"'), ("scene three", "scene three in rain"))
    paid = shop.paid
    git(shop, "merge", "-q", "--no-edit", "mine", ends=1)
    project = shop.folder / shop.file
    git(shop, "checkout", "-q", "--ours", shop.file)
    done = shop.run("plan")
    assert done.returncode == 2
    lines = shop.lock.read_text().splitlines()
    first_line, last = (number for number, line in enumerate(lines, 1) if line[:7] in ("<<<<<<<", ">>>>>>>"))
    assert f"lines {first_line} to {last}: `HEAD` and `mine`" in done.stderr
    assert "vidbuild lock --resolve" in done.stderr
    resolved = shop.run("lock", "--resolve")
    assert (resolved.returncode, "holds what both sides bought" in resolved.stdout) == (0, True), resolved.stderr
    assert len(LockFile(shop.lock).value.asks) == 5
    count = len(shop.vendors.requests)
    assert shop.build("--frozen").status == "built"
    theirs = project.read_text()
    git(shop, "checkout", "-q", "--theirs", shop.file)
    assert project.read_text() != theirs
    assert shop.build("--frozen").status == "built"
    assert (since(shop, count), shop.paid) == ([], paid)
    assert "holds no conflict" in shop.run("lock", "--resolve").stdout


@pytest.mark.slow
def test_an_own_file_is_listed_as_it_lies_there_after_a_merge(shop: Shop) -> None:
    """Both branches saved another one: the lock says which of them stands in the project."""
    shop.still("cup.png", "orange")
    shop.edit('"id": "three"', '"id": "three", "init_image": "cup.png"')
    git(shop, "add", "-A")
    shop.build("--yes")
    git(shop, "add", "-A")
    git(shop, "commit", "-q", "-m", "cup")
    for branch, colour in (("mine", "red"), ("theirs", "blue")):
        git(shop, "checkout", "-q", "main")
        git(shop, "checkout", "-q", "-b", branch)
        shop.still("cup.png", colour)
        shop.build("--yes")
        git(shop, "commit", "-q", "-a", "-m", branch)
    git(shop, "merge", "-q", "--no-edit", "mine", ends=1)
    git(shop, "checkout", "-q", "--theirs", "cup.png")
    assert shop.run("lock", "--resolve").returncode == 0
    assert shop.build("--frozen").status == "built"


@pytest.mark.parametrize("name", ["/dev/zero", "pipe", "../secret"])
def test_no_path_of_a_lock_leads_out_of_the_project(tmp_path: Path, name: str) -> None:
    """Nor to what never ends: the first side's word on that file stands."""
    folder = tmp_path / "project"
    folder.mkdir()
    os.mkfifo(folder / "pipe")
    (tmp_path / "secret").write_bytes(b"mine")
    ours, theirs = (f"files:\n  {name}: {digest}\n" for digest in ("a" * 64, digest_bytes(b"mine")))
    lock = folder / "vidbuild.lock"
    lock.write_text(f"vidbuild_lock: 1\n\n<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> other\n")
    assert resolve(Settings(folder)) == 0
    assert LockFile(lock).value.files == {name: "a" * 64}


@pytest.mark.slow
def test_nothing_is_written_where_a_side_is_no_lock(shop: Shop) -> None:
    """It is told with its line, and left as it is."""
    shop.lock.write_text("<<<<<<< HEAD\nvidbuild_lock: 1\n=======\nvidbuild_lock: x\n>>>>>>> other\n")
    before = shop.lock.read_bytes()
    done = shop.run("lock", "--resolve")
    assert (done.returncode, "this is no lock" in done.stderr) == (2, True)
    assert shop.lock.read_bytes() == before
    shop.lock.unlink()
    assert "there is no `vidbuild.lock`" in shop.run("lock", "--resolve").stderr


def test_a_new_project_tells_git_what_its_lock_is(shop: Shop) -> None:
    """Line ends stay, and reviews may fold it."""
    shop.run_bare("init", "film")
    (shop.folder / "film/vidbuild.lock").write_text("vidbuild_lock: 1\n")
    told = git(shop, "check-attr", "text", "eol", "merge", "linguist-generated", "--", "film/vidbuild.lock")
    said = dict(line.split(": ")[1:] for line in told.splitlines())
    assert said == {"text": "set", "eol": "lf", "merge": "unspecified", "linguist-generated": "set"}
