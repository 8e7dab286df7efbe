"""`vidbuild lock` and `outdated`, on a project that bought something."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from one_shot import TINY, write_one_shot

from vidbuild.stores.lockfile import LockFile
from vidbuild.stores.process_lock import ProcessLock
from vidbuild.testing.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A project of one shot, bought."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        write_one_shot(shop, "plain-keyed-video")
        assert shop.build("--yes").status == "built"
        yield shop


def bought(shop: Shop) -> set[str]:
    return {one.id for one in LockFile(shop.lock).value.bought.values()}


def test_a_lock_that_is_used_is_left_alone(shop: Shop) -> None:
    """It is told what it holds; `--prune` changes no byte."""
    before = shop.lock.read_bytes()
    done = shop.run("lock")
    assert (done.returncode, "1 thing bought" in done.stdout, "unused" in done.stdout) == (0, True, False)
    assert shop.run("lock", "--prune").returncode == 0
    assert shop.lock.read_bytes() == before


def test_what_a_recipe_left_behind_is_told_and_pruned(shop: Shop) -> None:
    """And what is lacking is told, with the exit code of drift."""
    (old,) = bought(shop)
    shop.edit("a cup is poured", "a glass is poured")
    done = shop.run("lock")
    assert (done.returncode, f"{old} (plain-keyed-video" in done.stdout) == (6, True)
    assert "not in the lock: shot pour" in done.stdout
    done = shop.run("lock", "--json")
    document = json.loads(done.stdout)
    assert (done.returncode, document["bought"], [row["id"] for row in document["unused"]]) == (6, 1, [old])
    assert [line.partition(":")[0] for line in document["not_in_the_lock"]] == ["shot pour"]
    assert shop.run("lock", "--json", "--adopt", old).returncode == 2
    assert bought(shop) == {old}
    shop.run("lock", "--prune")
    assert bought(shop) == set()


def test_a_take_that_is_named_is_used(shop: Shop) -> None:
    """`take: ID` keeps it, whatever the recipe."""
    (old,) = bought(shop)
    shop.edit('"prompt": "a cup is poured"', f'"prompt": "a glass is poured", "take": "{old}"')
    shop.run("lock", "--prune")
    assert bought(shop) == {old}


def test_what_a_profile_uses_is_used(shop: Shop) -> None:
    """Though the project by itself doesn't."""
    (old,) = bought(shop)
    shop.edit('"name": "one"', '"name": "one", "profiles": {"final": {"model": "plain-keyed-video"}}')
    shop.edit('"model": "plain-keyed-video",\n', '"model": "local/animatic",\n')
    shop.run("lock", "--prune")
    assert bought(shop) == {old}


def test_what_a_muted_shot_asks_for_is_kept(shop: Shop) -> None:
    """Its take, and the model that was chosen for it: once it plays again nothing is bought anew."""
    (old,) = bought(shop)
    LockFile(shop.lock).model("footage | auto | 16:9", "plain-keyed-video")
    before = shop.lock.read_bytes()
    shop.edit('"id": "pour"', '"when": "false", "id": "pour"')
    shop.edit('"shots": [', '"shots": [{"id": "sea", "duration_s": 1, "model": "local/animatic", "prompt": "the sea"},')
    done = shop.run("lock", "--prune")
    assert ("muted, so what no shot that plays is called by is kept: pour" in done.stdout, "unused" in done.stdout) == (
        True,
        False,
    )
    assert shop.lock.read_bytes() == before
    shop.edit('"when": "false", ', "")
    shop.edit("a cup is poured", "a glass is poured")
    shop.run("lock", "--prune")
    assert old not in bought(shop)


def test_what_was_bought_can_stand_for_another_recipe(shop: Shop) -> None:
    """The author says that they are the same: nothing is bought, and the video is the old one."""
    (old,) = bought(shop)
    files, paid = shop.files(), shop.paid
    shop.edit("a cup is poured", "a cup is being poured")
    assert shop.run("lock", "--adopt", old).returncode == 0
    assert shop.build("--locked").status == "built"
    assert (shop.files(), shop.paid) == (files, paid)
    again = shop.run("lock", "--adopt", old)
    assert (again.returncode, f"`{old}` answers what the project asks for already" in again.stderr) == (2, True)


def test_a_take_stands_for_no_other_picture(shop: Shop) -> None:
    """Neither for a native one beside it, which shows another aspect, nor, where both changed, for the wrong one."""
    (old,) = bought(shop)
    shop.write("platforms/tall.yaml", TINY.replace("tiny", "tall").replace("[64, 36]", "[36, 64]"))
    shop.edit('"outputs": [\n  "tiny"', '"outputs": [\n  "tiny",\n  {"platform": "tall", "reframe": "native"}')
    before = shop.lock.read_bytes()
    done = shop.run("lock", "--adopt", old)
    assert (done.returncode, f"`{old}` answers what the project asks for already" in done.stderr) == (2, True)
    assert shop.lock.read_bytes() == before
    shop.edit("a cup is poured", "a glass is poured")
    assert shop.run("lock", "--adopt", old).returncode == 0
    standing = {row["standing"] for row in shop.plan()["actions"] if row["mnemonic"] == "Footage"}
    assert standing == {"cached", "run"}
    assert shop.build("--output", "tiny", "--locked").status == "built"


def test_the_lock_is_changed_by_one_at_a_time(shop: Shop) -> None:
    """Beside a build it ends with 4: what that writes would be lost. Looking at it is no change."""
    build = ProcessLock(shop.folder / ".vidbuild" / "lock")
    assert build.take("vidbuild build")
    try:
        for option in (["--prune"], ["--resolve"], ["--update", "pour"], ["--adopt", "k123456"]):
            done = shop.run("lock", *option)
            assert (done.returncode, "`vidbuild build`" in done.stderr) == (4, True), done.stderr
        assert shop.run("lock").returncode == 0
    finally:
        build.release()


def test_a_take_that_is_too_short_is_not_adopted(shop: Shop) -> None:
    """The lock would say that it is as long as the recipe of today."""
    (old,) = bought(shop)
    before = shop.lock.read_bytes()
    shop.edit('"duration_s": 1', '"duration_s": 4')
    shop.edit("a cup is poured", "a glass is poured")
    done = shop.run("lock", "--adopt", old)
    assert (done.returncode, f"asks for 4 s, and `{old}` has 1 s" in done.stderr) == (2, True), done.stderr
    assert shop.lock.read_bytes() == before


def test_an_attempt_that_is_not_there_is_not_adopted(shop: Shop) -> None:
    """With the nearest one named."""
    (old,) = bought(shop)
    done = shop.run("lock", "--adopt", old[:-1] + ("0" if old[-1] != "0" else "1"))
    assert (done.returncode, old in done.stderr) == (2, True)


def test_a_model_that_moved_on_is_told(shop: Shop) -> None:
    """One that the catalog has no more."""
    assert "as it was" in shop.run("outdated").stdout
    shop.lock.write_text(shop.lock.read_text().replace("model: plain-keyed-video", "model: kling-0"))
    assert "not in the catalog" in shop.run("outdated").stdout
    (row,) = json.loads(shop.run("outdated", "--json").stdout)["attempts"]
    assert (row["label"], row["model"], "not in the catalog" in row["why"]) == ("shot pour", "kling-0", True)
