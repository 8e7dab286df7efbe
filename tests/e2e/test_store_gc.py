"""`vidbuild store gc`, `verify` and `stats`, by the real command: what was paid for stays, whatever is asked."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from one_shot import LONG_S, end_all_jobs, write_one_shot

from vidbuild.session import Session
from vidbuild.settings import Settings
from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import Studio, wait_until

MODEL = "plain-keyed-video"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A project of one bought shot, built."""
    with Shop(tmp_path_factory.mktemp("gc") / "shop", "keyed") as shop:
        write_one_shot(shop, MODEL)
        shop.build("--yes")
        yield shop


@pytest.fixture
def mine(made: Shop, tmp_path: Path) -> Studio:
    """A copy of it, with its store, at a path that built here too."""
    copy = made.copy(tmp_path / "copy")
    for log in (copy.store / "jobs").glob("*"):
        log.write_text(log.read_text().replace(str(made.folder), str(copy.folder)))
    copy.build()
    return copy


def takes(studio: Studio) -> list[Path]:
    """Give the files of what was paid for that are in the store."""
    lock = (studio.folder / "vidbuild.lock").read_text()
    return [path for path in studio.store.glob("cas/??/*") if len(path.name) == 64 and path.name in lock]


def gc(studio: Studio, *options: str, ends: int = 0) -> str:
    done = studio.run_bare("store", "gc", *options)
    assert done.returncode == ends, done.stdout + done.stderr
    return done.stdout + done.stderr


def asked(studio: Studio, command: str, *options: str, ends: int = 0) -> Any:
    done = studio.run_bare("store", command, "--json", *options)
    assert done.returncode == ends, done.stdout + done.stderr
    return json.loads(done.stdout)


def damage(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(b"x" + path.read_bytes()[1:])


def test_what_can_be_made_again_goes_and_is_made_again(made: Shop, mine: Studio) -> None:
    """What was paid for stays; the next build makes the rest of it, the same bytes, and buys nothing."""
    files, paid = mine.files(), made.paid
    assert "0 derived" in gc(mine, "--keep", "1d")
    told = gc(mine, "--keep", "0s", "--dry-run")
    assert "would be freed" in told
    assert len(list(mine.store.glob("cas/??/*"))) > 1
    gc(mine, "--keep", "0s")
    assert list(mine.store.glob("cas/??/*")) == takes(mine)
    shutil.rmtree(mine.folder / "build")
    assert mine.build().counted
    assert (mine.files(), made.paid) == (files, paid)


def test_what_a_build_used_is_young_though_it_made_nothing(mine: Studio) -> None:
    """However old its files are: one that has nothing to do says that it uses them, too."""
    for path in [*mine.store.glob("cas/??/*"), *mine.store.glob("ac/??/*"), *mine.store.glob("uses/*")]:
        os.utime(path, (1, 1))
    (use,) = (path for path in mine.store.glob("uses/*") if str(mine.folder) in path.read_text())
    mine.edit('"name": "one"', '"name":  "one"')
    mine.build()
    os.utime(use, (1, 1))
    assert "nothing to do" in mine.run("build").stderr
    gc(mine, "--keep", "1d")
    shutil.rmtree(mine.folder / "build")
    assert mine.build().ran() == set()


def test_a_build_that_failed_forgets_nothing_of_what_is_used(mine: Studio) -> None:
    """What the whole one before it used stays young; the next whole one says anew."""
    (use,) = (path for path in mine.store.glob("uses/*") if str(mine.folder) in path.read_text())
    told = json.loads(use.read_text())
    use.write_text(json.dumps({**told, "keys": [*told["keys"], "f" * 64]}))
    (film,) = mine.folder.glob("build/*.mp4")
    film.unlink()
    (film / "in the way").mkdir(parents=True)
    mine.build(ends=1)
    assert "f" * 64 in use.read_text()
    shutil.rmtree(film)
    mine.build()
    assert json.loads(use.read_text()) == told


def test_what_a_killed_sweep_half_removed_is_back_for_every_command(mine: Studio) -> None:
    """Whoever opens the store next puts it back."""
    (take,) = takes(mine)
    take.rename(f"{take}.leaving-1")
    (mine.store / "gc.lock").touch()
    Session(Settings(mine.folder / "project.yaml"), mine.environ).close()
    assert take.exists()


def test_what_cannot_be_read_now_is_not_taken_for_damaged(mine: Studio) -> None:
    """It is told, and stays; what was set aside and is whole is put back. A foreign record stays."""
    (take,) = takes(mine)
    other = next(path for path in mine.store.glob("cas/??/*") if path != take)
    take.rename(f"{take}.damaged-abc")
    other.unlink()
    other.mkdir()
    foreign = mine.store / "ac" / "ab" / ("ab" * 32)
    foreign.parent.mkdir(exist_ok=True)
    foreign.write_text('{"vidbuild_result": 2}')
    told = asked(mine, "verify", ends=1)
    assert (told["restored"], told["unopened"], told["damaged"], told["lost"]) == ([take.name], [other.name], [], [])
    assert told["unreadable"] == [foreign.name]
    assert (take.is_file(), other.is_dir()) == (True, True)
    assert "can't be read by this vidbuild" in gc(mine, "--keep", "1d")
    assert foreign.exists()


def test_a_size_that_cannot_be_had_without_what_was_paid_for_is_a_failure(mine: Studio) -> None:
    """It says how much that is, and how it would go."""
    told = gc(mine, "--max-size", "1kB", ends=1)
    assert "--paid" in told
    assert takes(mine)


def test_what_was_paid_for_goes_only_when_it_is_said_twice(made: Shop, mine: Studio) -> None:
    """With a list of what would be lost, its shot, model, price and who names it; the vendor may still have it."""
    told = gc(mine, "--keep", "0s", "--paid", ends=5)
    assert takes(mine)
    for word in ("shot pour", MODEL, "$0.10", "exists nowhere else", str(mine.folder / "vidbuild.lock")):
        assert word in told
    (row,) = asked(mine, "gc", "--keep", "0s", "--paid", ends=5)["paid"]
    assert (row["label"], row["lost"]) == ("shot pour", True)
    assert "shot pour" in gc(mine, "--keep", "0s", "--paid", "--dry-run")
    assert takes(mine)
    gc(mine, "--keep", "0s", "--paid", "--yes")
    assert takes(mine) == []
    assert asked(mine, "verify")["lost"] == []
    paid = made.paid
    shutil.rmtree(mine.folder / "build")
    assert mine.build().status == "built"
    assert (len(takes(mine)), made.paid) == (1, paid)


def test_what_no_lock_names_goes_only_where_it_lies_elsewhere_whole(mine: Studio, tmp_path: Path) -> None:
    """A shared store that holds other bytes under its name is no other place."""
    (take,) = takes(mine)
    remote = tmp_path / "remote"
    (remote / "cas").mkdir(parents=True)
    (mine.folder / "vidbuild.lock").unlink()
    shutil.rmtree(mine.store / "uses")
    mine.environ["VIDBUILD_REMOTE"] = str(remote)
    gc(mine, "--keep", "0s")
    assert take.exists()
    (remote / "cas" / take.name).write_bytes(b"x" + take.read_bytes()[1:])
    gc(mine, "--keep", "0s")
    assert take.exists()
    shutil.copy(take, remote / "cas" / take.name)
    gc(mine, "--keep", "0s")
    assert not take.exists()


def test_a_lock_that_is_shown_keeps_what_it_names(mine: Studio, tmp_path: Path) -> None:
    """Wherever its project lies, and whatever lies elsewhere; one that can't be read keeps everything."""
    (take,) = takes(mine)
    remote, other = tmp_path / "remote" / "cas", tmp_path / "other"
    remote.mkdir(parents=True)
    shutil.copy(take, remote / take.name)
    shutil.copytree(mine.folder, other, ignore=shutil.ignore_patterns("build", ".vidbuild"))
    (mine.folder / "vidbuild.lock").unlink()
    shutil.rmtree(mine.store / "uses")
    mine.environ["VIDBUILD_REMOTE"] = str(tmp_path / "remote")
    gc(mine, "--keep", "0s", str(other))
    assert take.exists()
    (other / "vidbuild.lock").write_text("<<<<<<< ours\n")
    assert "can't be read" in gc(mine, "--keep", "0s", "--paid", "--yes", str(other))
    assert take.exists()
    (other / "vidbuild.lock").unlink()
    gc(mine, "--keep", "0s", str(other))
    assert not take.exists()


def test_a_build_beside_it_goes_on(tmp_path: Path) -> None:
    """A job that is out, and what was made for it beside, outlive a sweep; nothing is paid or made twice."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        write_one_shot(shop, MODEL)
        shop.edit(
            '"shots": [', '"shots": [{"id": "board", "duration_s": 1, "model": "local/animatic", "prompt": "a"}, '
        )
        shop.vendors.keyed.latency_s = LONG_S
        running = shop.start("--yes")

        def blobs() -> set[str]:
            return {path.name for path in shop.store.glob("cas/??/*") if len(path.name) == 64}

        assert wait_until(lambda: shop.submits == 1 and len(list(shop.store.glob("ac/??/*"))) >= 2, 20)
        before = blobs()
        gc(shop, "--keep", "0s", "--paid", "--yes")
        assert set() != before <= blobs()
        end_all_jobs(shop)
        assert running.finish().status == "built"
        assert (shop.submits, shop.paid) == (1, 1)
        assert takes(shop)


def test_nothing_that_was_paid_for_goes_beside_a_build(made: Shop, mine: Studio) -> None:
    """It says that it waits for its end."""
    other = Shop(mine.folder.parent / "other", "keyed")
    other.environ = {**mine.environ}
    with other:
        other.environ["VIDBUILD_STORE"] = str(mine.store)
        write_one_shot(other, MODEL, prompt="a glass is filled")
        other.vendors.keyed.latency_s = LONG_S
        running = other.start("--yes")
        assert wait_until(lambda: other.submits == 1, 20)
        assert "a build runs" in gc(mine, "--keep", "0s", "--paid", "--yes", ends=4)
        assert takes(mine)
        end_all_jobs(other)
        assert running.finish().status == "built"


@pytest.mark.parametrize(
    "options", [("--keep", "30"), ("--max-size", "much"), (), ("--keep", "1d", "nowhere")], ids=str
)
def test_what_cannot_be_meant_is_told(mine: Studio, options: tuple[str, ...]) -> None:
    """And nothing goes."""
    assert "hint:" in gc(mine, *options, ends=2)
    assert len(list(mine.store.glob("cas/??/*"))) > 1


@pytest.mark.parametrize("command", ["gc", "stats", "verify"])
def test_a_folder_that_is_no_store_is_left_alone(mine: Studio, command: str) -> None:
    """Whatever lies in it."""
    (mine.folder / "traces").mkdir()
    mine.write("traces/mine.txt", "notes")
    before = sorted(mine.folder.rglob("*"))
    done = mine.run_bare("store", command, "--store", ".", *(["--keep", "0s"] if command == "gc" else []))
    assert (done.returncode, "there is no store" in done.stderr) == (2, True)
    assert sorted(mine.folder.rglob("*")) == before


def test_stats_add_up(mine: Studio) -> None:
    """Paid and derived, by kind and project, and the money."""
    told = asked(mine, "stats")
    blobs = {path.name: path.stat().st_size for path in mine.store.glob("cas/??/*")}
    (take,) = takes(mine)
    paid, derived = told["paid"], told["derived"]
    assert (paid["takes"], paid["usd"], paid["bytes"]) == (1, 0.1, blobs[take.name])
    assert (derived["bytes"], derived["blobs"]) == (sum(blobs.values()) - paid["bytes"], len(blobs) - 1)
    assert sum(row["bytes"] for row in told["kinds"]) == sum(blobs.values())
    (project,) = (row for row in told["projects"] if row["project"] == str(mine.folder / "project.yaml"))
    assert (project["takes"], project["usd"], project["is_there"]) == (1, 0.1, True)
    said = mine.run_bare("store", "stats").stdout
    assert "1 take, $0.10" in said


def test_what_is_damaged_and_derived_is_made_again(mine: Studio) -> None:
    """It is set aside; the next build has the same files."""
    files, (take,) = mine.files(), takes(mine)
    for path in mine.store.glob("cas/??/*"):
        if path != take:
            damage(path)
    told = asked(mine, "verify", ends=1)
    assert set(told["derived"]) == set(told["damaged"]) != set()
    assert (told["fetched"], told["lost"]) == ([], [])
    shutil.rmtree(mine.folder / "build")
    assert mine.build().counted
    assert mine.files() == files
    assert asked(mine, "verify")["damaged"] == []


@pytest.mark.parametrize("is_shared", [True, False], ids=["shared", "vendor"])
def test_what_is_damaged_and_was_paid_for_is_fetched_again(
    made: Shop, mine: Studio, tmp_path: Path, is_shared: bool
) -> None:
    """From the store that is shared, without a word to a vendor; else by its job. Nothing is bought."""
    (take,) = takes(mine)
    whole, paid, requests = take.read_bytes(), made.paid, len(made.vendors.requests)
    if is_shared:
        (tmp_path / "remote" / "cas").mkdir(parents=True)
        shutil.copy(take, tmp_path / "remote" / "cas" / take.name)
        mine.environ["VIDBUILD_REMOTE"] = str(tmp_path / "remote")
    damage(take)
    told = asked(mine, "verify", ends=1)
    assert [row["why"] for row in told["fetched"]] == ["the shared store" if is_shared else "its vendor"]
    assert take.read_bytes() == whole
    assert made.paid == paid
    assert (len(made.vendors.requests) == requests) is is_shared


def test_what_was_paid_for_and_is_lost_is_told_with_its_price(tmp_path: Path) -> None:
    """Exit 3, the shot, what it cost, and what to do; the JSON says the same."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        write_one_shot(shop, MODEL)
        shop.build("--yes")
        shop.vendors.keyed.jobs.clear()
        for log in (shop.store / "jobs").glob("*"):  # long enough ago that its vendor may have forgotten it
            log.write_text(re.sub(r'"since": [0-9.]+', f'"since": {time.time() - 3600}', log.read_text()))
        (take,) = takes(shop)
        damage(take)
        done = shop.run_bare("store", "verify")
        assert done.returncode == 3
        for word in ("paid and lost: shot pour", "$0.10", "--buy-again"):
            assert word in done.stdout
        (row,) = asked(shop, "verify", ends=3)["lost"]
        assert (row["label"], row["usd"]) == ("shot pour", 0.1)
        assert list(take.parent.glob(f"{take.name}.damaged-*"))
        os.remove(shop.folder / "project.yaml")
        assert "isn't there" in shop.run_bare("store", "verify").stdout
