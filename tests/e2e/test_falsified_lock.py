"""Each field of the lock, falsified: the build notices, or here stands why it can't."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from small_films import VIDEO, film, shot, since

from vidbuild import packaged
from vidbuild.packaged import schema
from vidbuild.session import Session
from vidbuild.settings import Settings
from vidbuild.stores.lockfile import LockFile
from vidbuild.survey import Standing
from vidbuild.testing.shop import Shop
from vidbuild.words.locked import Asked, Bought, Lock, Pin

QUESTION = f"footage | {VIDEO}, other-video | 16:9 | init"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Two shots, the second of which goes on from the first; one starts from an own file and names two models."""
    with Shop(tmp_path_factory.mktemp("falsified") / "shop", "keyed") as shop_:
        own = (shop_.folder / f"models/{VIDEO}.yaml").read_text()
        shop_.write("models/other-video.yaml", own.replace(VIDEO, "other-video"))
        shop_.still("cup.png")
        film(
            shop_,
            shot("one", model=[VIDEO, "other-video"], init_image="cup.png", takes=2),
            shot("two", "crema", init_image="one.last_frame"),
            style={"template": "cinematic"},
        )
        shop_.build("--yes")
        yield shop_


@pytest.fixture
def shop(built: Shop) -> Iterator[Shop]:
    """That project; its lock is put back afterwards."""
    before = built.lock.read_bytes()
    yield built
    built.lock.write_bytes(before)


def lock_of(shop: Shop) -> Lock:
    return LockFile(shop.lock).value


def taken(shop: Shop) -> Bought:
    """Give the attempt that answers the first shot."""
    return next(answer for asked in lock_of(shop).asks.values() if (answer := asked.answer) is not None)


def pin(shop: Shop) -> Pin:
    """Give a picture that a paid take starts from."""
    return next(iter(lock_of(shop).pins.values()))


def other(text: str) -> str:
    """Give another text of the same form."""
    return text[:-1] + ("0" if text[-1] != "0" else "1")


def falsify(shop: Shop, old: str, new: str, behind: str = "") -> None:
    """Replace the first such text of the lock behind another."""
    text = shop.lock.read_text()
    start = text.index(old, text.index(behind))
    shop.lock.write_text(text[:start] + new + text[start + len(old) :])


ERRORS = {
    "vidbuild_lock": (r"(vidbuild_lock): 1", r"\1: 2"),
    "circled, of nothing": (r"(circled): k[0-9a-f]+", r"\1: k000000"),
    "id": (r"(\{id): k[0-9a-f]+", r"\1: k000000"),
    "key": (r"(, key): [0-9a-f]{4}", r"\1: 0000"),
    "an output's form": (r"(video): \[", r"\1: [7, "),
    "a field's name": (r"attempts:", "attempt:"),
}


@pytest.mark.parametrize("field", ERRORS)
def test_what_makes_no_lock_is_an_error_with_its_place(shop: Shop, field: str) -> None:
    """Nothing is built on it."""
    text = shop.lock.read_text()
    falsified = re.sub(*ERRORS[field], text, count=1)
    assert falsified != text
    shop.lock.write_text(falsified)
    done = shop.run("plan")
    assert (done.returncode, "vidbuild.lock:" in done.stderr) == (2, True), done.stderr


DRIFT = (
    "models",
    "models, no such",
    "files",
    "ask",
    "pin",
    "pin's bytes",
    "output",
    "output's name",
    "output's name, that nothing waits for",
    "seconds",
)


@pytest.mark.parametrize("field", DRIFT)
def test_what_a_build_hangs_on_is_drift(shop: Shop, field: str) -> None:
    """`--locked` ends with 6 and changes nothing; a plan without it shows what would be made, bought or lost."""
    label = "shot two" if field.endswith("that nothing waits for") else "shot one"
    ask = next(one.ask for one in lock_of(shop).made[label] if isinstance(one, Asked) and one.answer is not None)
    digest = taken(shop).outputs["video"].digest
    if field == "models":
        falsify(shop, f": {VIDEO}", ": other-video", QUESTION)
    elif field == "models, no such":
        falsify(shop, f": {VIDEO}", ": veo-0", QUESTION)
    elif field == "files":
        falsify(shop, lock_of(shop).files["cup.png"], other(lock_of(shop).files["cup.png"]))
    elif field == "ask":
        falsify(shop, ask, other(ask))
    elif field == "pin":
        falsify(shop, pin(shop).question, other(pin(shop).question))
    elif field == "pin's bytes":
        (blob,) = pin(shop).outputs.values()
        falsify(shop, blob.digest, other(blob.digest))
    elif field == "output":
        falsify(shop, digest, other(digest))
    elif field.startswith("output's name"):
        falsify(shop, "video: [", "vidoe: [", str(ask))
    else:
        falsify(shop, "seconds: ", "seconds: 1", str(ask))
    before, count = shop.lock.read_bytes(), len(shop.vendors.requests)
    built = shop.build("--frozen", ends=6)
    named = (
        "shot one",
        "shot two",
        "cup.png",
        QUESTION,
        "`vidbuild.lock` would change",
    )
    assert any(name in built.told for name in named), built.told
    assert (shop.lock.read_bytes(), since(shop, count)) == (before, [])


@pytest.mark.parametrize("option", ["--locked", "--frozen"])
def test_a_style_without_a_version_is_told_and_is_no_drift_by_itself(shop: Shop, option: str) -> None:
    """What was bought for its words is there, so they are the ones of then; the next build writes the version down.

    Where something else drifted it is among the reasons: a newer version may be why.
    """
    falsify(shop, "  cinematic: cinematic@1", "  documentary: documentary@1")
    before = shop.lock.read_bytes()
    built = shop.build(option)
    assert "`cinematic` is `cinematic@1`, and the lock says `nothing`" in built.told
    assert (built.counted, shop.lock.read_bytes()) == (set(), before)
    falsify(shop, "    circled: k", "    circled: anew #")
    assert "`cinematic` is `cinematic@1`" in shop.build(option, ends=6).told
    shop.lock.write_bytes(before)
    shop.build()
    assert "  cinematic: cinematic@1\n" in shop.lock.read_text()


@pytest.mark.parametrize("option", ["--locked", "--frozen"])
def test_pins_that_are_missing_are_told_before_anything_runs(shop: Shop, option: str) -> None:
    """All of them, though the store remembers what they name; with `--frozen` what is nowhere is in the same list."""
    lock = lock_of(shop)
    digest = taken(shop).outputs["video"].digest
    place, aside = shop.store / "cas" / digest[:2] / digest, shop.store / "aside"
    LockFile(shop.lock).forget(pins=lock.pins)
    before = shop.lock.read_bytes()
    if option == "--frozen":
        place.rename(aside)
    try:
        built = shop.build(option, ends=6)
    finally:
        if aside.exists():
            aside.rename(place)
    assert len(lock.pins) == 2
    assert "shot one: the lock has no pin of the Frame of `one`" in built.told
    assert "shot one: the lock has no pin of the Frame of `one`, last_frame" in built.told
    assert (digest in built.told) == (option == "--frozen")
    assert (built.ran(), built.hits, shop.lock.read_bytes()) == (set(), 0, before)


TOLD = {
    "model": (f"model: {VIDEO}", "model: other-video"),
    "seed": ("seed: ", "seed: 7"),
    "job": ("job: plain-keyed/", "job: plain-keyed/x"),
    "usd": ("usd: ", "usd: 9"),
    "on": ("on: 20", "on: 19"),
    "what it made": (", video/mp4]", ", video/webm]"),
    "unsized": ("unsized: ", ""),
    "take": ("    take: 2\n", "    take: 3\n"),
    "picture has": (", image/png]", "0, image/png]"),
}


@pytest.mark.parametrize("field", TOLD)
def test_what_the_store_knows_better_is_told(shop: Shop, field: str) -> None:
    """What was bought, for how much and when: no video hangs on it, but ledgers do. The lock's word counts."""
    old, new = TOLD[field]
    if field == "unsized":
        unsized = next(asked.unsized for asked in lock_of(shop).asks.values() if asked.answer is not None)
        old, new = unsized, other(unsized)
    falsify(shop, old, new)
    told = shop.build("--frozen").told
    assert "the lock and the store disagree: shot " in told
    assert field in told
    done = shop.run("lock")
    assert (done.returncode, "the lock and the store disagree" in done.stdout) == (6, True)


def test_a_circle_is_the_locks_own_word(shop: Shop) -> None:
    """Another take that was bought is another answer: nothing contradicts it, and the video shows it."""
    asks = [asked for asked in lock_of(shop).asks.values() if asked.attempts]
    assert len(asks) == 3
    first = asks[0].attempts[0]
    falsify(shop, f"circled: {first.id}", "circled: anew")
    assert "asked anew" in shop.build("--frozen", ends=6).told


@pytest.mark.parametrize("field", ["label", "toolchain", "a pin's media type"])
def test_what_no_video_hangs_on_changes_none(shop: Shop, field: str) -> None:
    """A label only groups, the toolchain is for `verify`, and of a pinned picture only the bytes are read."""
    files = shop.files()
    if field == "label":
        falsify(shop, "  shot two:", "  shot zwo:")
    elif field == "toolchain":
        falsify(shop, "  pillow: ", "  pillow: 0")
        assert "pillow" in shop.run("verify").stdout
    else:
        falsify(shop, ", image/png]", ", image/gif]")
    assert shop.build("--frozen").counted == set()
    assert shop.files() == files


def test_a_version_of_a_style_that_nobody_has_is_an_error(shop: Shop) -> None:
    """It says whose it is, and how it is let go; a draft takes the newest, whatever the lock says."""
    falsify(shop, "  cinematic: cinematic@1", "  cinematic: cinematic@77")
    told = shop.build(ends=2).told
    assert "the lock says that `cinematic` is `cinematic@77`" in told
    assert "project.yaml:" in told
    assert shop.run("plan", "--draft").returncode == 0


def test_what_was_bought_by_a_bare_style_outlives_the_next_version(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release that ships a newer one moves no key of a project that is locked."""
    newer = tmp_path / "cinematic@2.j2"
    newer.write_text("Another look altogether.")
    shipped = packaged.styles()
    monkeypatch.setattr(packaged, "styles", lambda: {**shipped, "cinematic@2": newer})

    def standings() -> set[Standing]:
        session = Session(Settings(shop.folder, store=str(shop.store)), {**os.environ, **shop.environ})
        try:
            graph = session.plan().graph
            found = session.survey(graph)
            return {found[id].standing for id, node in graph.nodes.items() if node.conduct.is_paid}
        finally:
            session.close()

    assert standings() == {Standing.CACHED}
    falsify(shop, "  cinematic: cinematic@1", "  documentary: documentary@1")
    assert Standing.CACHED not in standings()


def test_no_field_of_the_lock_is_left_out(built: Shop) -> None:
    """Whoever adds one says here how it is noticed when it is falsified."""
    form, ask, attempt, pinned = schema("lock"), *(schema("lock")["$defs"][name] for name in ("ask", "attempt", "pin"))
    fields = {name for part in (form, ask, attempt, pinned) for name in part["properties"]}
    held = {
        *("vidbuild_lock", "toolchain", "models", "files", "made", "styles"),
        *("ask", "unsized", "take", "seconds", "circled", "attempts"),
        *("id", "key", "model", "seed", "job", "usd", "on", "pin"),
    }
    assert fields == held
    text = built.lock.read_text()
    assert {name for name in held if f"{name}:" not in text} == set()
    assert isinstance(yaml.safe_load(text), dict)
