"""The same video on another machine: the lock and a store that is shared, without a key and without a vendor."""

from __future__ import annotations

import json
import re
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from one_shot import TINY, write_one_shot

from vidbuild import drifting
from vidbuild.session import Session
from vidbuild.settings import Settings
from vidbuild.testing.http_store import HttpStore
from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import Studio
from vidbuild.words.errors import Drifted


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A project of one bought shot, built by somebody whose store is shared as a folder."""
    folder = tmp_path_factory.mktemp("shared")
    with Shop(folder / "shop", "keyed") as shop:
        write_one_shot(shop, "plain-keyed-video")
        (folder / "remote").mkdir()
        shop.environ["VIDBUILD_REMOTE"] = str(folder / "remote")
        built = shop.build("--yes")
        assert built.status == "built", built.told
        yield shop


def remote(shop: Shop) -> Path:
    return Path(shop.environ["VIDBUILD_REMOTE"])


@pytest.fixture
def clone(made: Shop, tmp_path: Path) -> Studio:
    """A clone of the project on another machine: no store, no finished file, no key; a copy of the remote."""
    studio = Studio(tmp_path / "clone" / "project")
    for path in made.folder.rglob("*"):
        name = path.relative_to(made.folder)
        if path.is_file() and name.parts[0] not in ("build", ".vidbuild"):
            studio.write(str(name), path.read_bytes())
    shutil.copytree(remote(made), tmp_path / "remote")
    studio.environ["VIDBUILD_REMOTE"] = str(tmp_path / "remote")
    return studio


def place(clone: Studio) -> Path:
    return Path(clone.environ["VIDBUILD_REMOTE"])


def asked(shop: Shop) -> int:
    return len(shop.vendors.requests)


def test_a_clone_builds_the_same_bytes_without_a_vendor(made: Shop, clone: Studio) -> None:
    """From the lock and the remote alone; nothing is encoded again, and little is fetched."""
    before, lock = asked(made), made.lock.read_bytes()
    built = clone.build("--frozen")
    assert (built.ran(), clone.files()) == (set(), made.files())
    assert (asked(made), (clone.folder / "vidbuild.lock").read_bytes()) == (before, lock)
    assert len(list(clone.store.glob("cas/*/*"))) <= len(made.files())


def test_what_is_made_again_is_made_of_what_was_bought(made: Shop, clone: Studio) -> None:
    """Where the remote has the bought take alone, all else is made here, and sent there."""
    for path in place(clone).glob("ac/*"):
        path.unlink()
    for path in place(clone).glob("cas/*"):
        if path.name not in made.lock.read_text():
            path.unlink()
    assert len(list(place(clone).glob("cas/*"))) == 1
    built = clone.build("--frozen")
    assert built.counted
    assert clone.files() == made.files()
    assert set(built.sha256.values()) <= {path.name for path in place(clone).glob("cas/*")}


@pytest.mark.parametrize("is_there", [True, False], ids=["empty", "down"])
def test_what_is_nowhere_is_named_in_seconds(made: Shop, clone: Studio, is_there: bool) -> None:
    """With an empty store, and a remote that is empty or gone; nothing is asked of a vendor."""
    shutil.rmtree(place(clone))
    if is_there:
        place(clone).mkdir()
    before, began = asked(made), time.monotonic()
    built = clone.build("--frozen", ends=6)
    (blob,) = (path.name for path in remote(made).glob("cas/*") if path.name in made.lock.read_text())
    assert blob in built.told
    assert "pour" in built.told
    assert (asked(made), time.monotonic() - began < 10) == (before, True)


def test_however_many_are_nowhere_each_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What drifted is counted from some number on; a blob that has to be looked for is not."""
    lost = [f"shot s{number}: video {number:064x}" for number in range(drifting.MOST + 20)]
    monkeypatch.setattr(drifting, "_lost", lambda *_: iter(lost))
    studio = Studio(tmp_path / "project")
    studio.write(
        "project.yaml", "vidbuild: 1\nfps: 12\nshots: [{model: local/animatic, prompt: sea, duration_s: 0.5}]\n"
    )
    session = Session(Settings(studio.folder, store=str(tmp_path / "store")), studio.environ)
    try:
        with pytest.raises(Drifted) as told:
            drifting.check(session, session.plan(), is_frozen=True)
    finally:
        session.close()
    assert [*told.value.facts.values()] == lost


def test_a_take_that_is_kept_by_its_id_and_is_nowhere_is_named(made: Shop, clone: Studio) -> None:
    """It stands in no plan, and its bytes are needed all the same."""
    (id,) = re.findall(r"circled: (k\w+)", made.lock.read_text())
    clone.edit('"prompt": "a cup is poured"', f'"prompt": "a glass is poured", "take": "{id}"')
    assert clone.build("--frozen").status == "built"
    for folder in (place(clone), clone.store):
        shutil.rmtree(folder)
    clone.edit('"a glass is poured"', '"a mug is poured"')
    (blob,) = (path.name for path in remote(made).glob("cas/*") if path.name in made.lock.read_text())
    assert f"take {id}: video {blob}" in clone.build("--frozen", ends=6).told


@pytest.mark.parametrize("option", ["--locked", "--frozen"])
def test_what_drifted_is_named(made: Shop, clone: Studio, option: str) -> None:
    """An edit that would buy exits with 6 and says what it is; the lock stays as it is."""
    lock = (clone.folder / "vidbuild.lock").read_bytes()
    clone.edit("a cup is poured", "a glass is poured")
    built = clone.build(option, ends=6)
    assert "pour" in built.told
    assert "prompt" in built.told
    assert (built.status, (clone.folder / "vidbuild.lock").read_bytes()) == ("drifted", lock)


def test_without_a_lock_there_is_nothing_to_keep_to(clone: Studio) -> None:
    """It says so, and how to get one."""
    (clone.folder / "vidbuild.lock").unlink()
    assert "vidbuild.lock" in clone.build("--locked", ends=6).told


def test_what_buys_nothing_needs_no_lock(tmp_path: Path) -> None:
    """A film that is drawn here has nothing that a lock holds; once it has own footage, it needs one."""
    studio = Studio(tmp_path / "project")
    studio.write("platforms/tiny.yaml", TINY)
    studio.film("own.mp4", 1)
    drawn = "{model: local/animatic, prompt: sea, duration_s: 0.5}"
    studio.write("project.yaml", f"vidbuild: 1\nfps: 12\nshots: [{drawn}]\noutputs: [tiny]\n")
    assert studio.build("--locked").counted
    assert studio.build("--frozen", "--rehash").hits
    assert not (studio.folder / "vidbuild.lock").exists()
    studio.edit(drawn, "{file: own.mp4, duration_s: 0.5}")
    assert "there is no `vidbuild.lock`" in studio.build("--locked", ends=6).told


def test_one_of_a_thing_is_told_as_one(made: Shop) -> None:
    """Where things are counted."""
    assert made.run("lock").stdout.startswith("1 thing bought for $0.10, 0 pins, ")
    told = made.run_bare("store", "stats").stdout
    assert re.search(r"^paid .* 1 take, ", told, re.MULTILINE)
    copy = made.copy(made.folder.parent / "of one")
    for blob in sorted(copy.store.glob("cas/*/*"))[1:]:
        blob.chmod(0o600)
        blob.unlink()
    assert "1 blob, 0 damaged; " in copy.run_bare("store", "verify").stdout


def test_a_push_that_sends_nothing_does_not_say_that_it_sent(made: Shop, tmp_path: Path) -> None:
    """It says what wasn't sent."""
    copy = made.copy(tmp_path / "copy")
    copy.environ["VIDBUILD_REMOTE"] = "http://127.0.0.1:9/store"
    pushed = copy.run("push")
    assert (pushed.returncode, pushed.stdout) == (1, "")
    assert re.search(r"not sent: (\d+) of \1 results; push again", pushed.stderr)
    (copy.folder / "vidbuild.lock").unlink()
    shutil.rmtree(copy.store)
    pushed = copy.run("push")
    assert (pushed.returncode, pushed.stdout) == (1, "")


def test_a_plan_knows_what_the_remote_holds(clone: Studio) -> None:
    """On an empty store a plan against a warm remote costs nothing, and has nothing to make."""
    plan = clone.plan()
    assert {action["standing"] for action in plan["actions"]} == {"cached"}


def test_pull_requests_only_read(made: Shop, clone: Studio) -> None:
    """In their CI nothing is written to the remote, unless the environment says so."""
    for path in place(clone).glob("*/*"):
        if path.name not in made.lock.read_text():
            path.unlink()
    held = {path.name for path in place(clone).glob("*/*")}
    clone.environ["GITHUB_EVENT_NAME"] = "pull_request"
    assert clone.build("--frozen").counted
    assert {path.name for path in place(clone).glob("*/*")} == held


def test_the_project_itself_may_name_the_remote(made: Shop, clone: Studio, tmp_path: Path) -> None:
    """A folder of its own counts from the project; any other place the user has to know of."""
    del clone.environ["VIDBUILD_REMOTE"]
    shutil.copytree(tmp_path / "remote", clone.folder / "shared")
    clone.edit('"name": "one"', '"name": "one", "remote": "shared"')
    assert clone.build("--frozen").ran() == set()
    for place_ in ("../../remote", "https://elsewhere.example/store"):
        clone.edit('"remote": "shared"', f'"remote": "{place_}"')
        refused = clone.run("plan")
        assert (refused.returncode, "and you don't" in refused.stderr) == (2, True)
        clone.edit(f'"remote": "{place_}"', '"remote": "shared"')


def test_two_machines_at_once_buy_a_thing_once(tmp_path: Path) -> None:
    """Each with a store of its own: one claims it, the other waits and takes what was bought; both locks say so."""
    (tmp_path / "remote").mkdir()
    with Shop(tmp_path / "one", "keyed", latency_s=1.0) as one:
        write_one_shot(one, "plain-keyed-video")
        one.environ["VIDBUILD_REMOTE"] = str(tmp_path / "remote")
        two = one.copy(tmp_path / "two")
        built = [each.finish() for each in [one.start("--yes"), two.start("--yes")]]
        assert [each.status for each in built] == ["built", "built"], built[0].told + built[1].told
        assert (one.submits, one.paid) == (1, 1)
        assert one.files() == two.files()
        assert one.lock.read_text() == (two.folder / "vidbuild.lock").read_text()
        assert not list((tmp_path / "remote").glob("claims/*"))


def test_what_was_made_alone_can_be_pushed_and_pulled(made: Shop, clone: Studio, tmp_path: Path) -> None:
    """A second push sends nothing; with all pulled, a build needs the shared store no more."""
    full = {path.name for path in place(clone).glob("cas/*")}
    assert clone.run("pull").returncode == 0
    shutil.rmtree(place(clone))
    place(clone).mkdir()
    pushed = [clone.run("push") for _ in range(2)]
    assert [each.returncode for each in pushed] == [0, 0], pushed[0].stderr
    assert "sent: 0 blobs" in pushed[1].stdout
    sent = {path.name for path in place(clone).glob("cas/*")}
    assert sent <= full
    assert set(made.build("--frozen").sha256.values()) <= sent
    del clone.environ["VIDBUILD_REMOTE"]
    assert clone.build("--frozen").ran() == set()


def test_a_pull_names_what_is_nowhere(made: Shop, clone: Studio) -> None:
    """It fails, and says which blob; what a record says of it can do nothing to a terminal."""
    (blob,) = (path for path in place(clone).glob("cas/*") if path.name in made.lock.read_text())
    blob.unlink()
    for record in place(clone).glob("ac/*"):
        if '"Poster"' in record.read_text():
            told = json.loads(record.read_text())
            ((_, output),) = told["outputs"].items()
            output[2] = "\x1b]0;title\x07"
            record.write_text(json.dumps(told))
            (place(clone) / "cas" / output[0]).unlink()
    done = clone.run("pull")
    assert (done.returncode, blob.name in done.stderr) == (1, True)
    assert "title" in done.stderr
    assert "\x1b" not in done.stderr


def test_a_remote_that_is_no_url_is_told(clone: Studio) -> None:
    """By the environment, or by the project."""
    clone.environ["VIDBUILD_REMOTE"] = "http://[x"
    done = clone.run("plan")
    assert (done.returncode, "can't be read" in done.stderr) == (2, True)


LOGIN = (200, {"Content-Type": "text/html"}, b"<html><body>log in first</body></html>")
POISONS = {
    "html": lambda method, path, held: LOGIN if method in ("GET", "HEAD") else None,
    "bytes": lambda method, path, held: (200, {}, b"x" * len(held)) if held and path.startswith("cas/") else None,
    "another's record": lambda method, path, held: (
        (200, {}, held.replace(b'"key": "', b'"key": "0', 1)) if held and path.startswith("ac/") else None
    ),
    "redirect": lambda method, path, held: (302, {"Location": "http://127.0.0.1:9/"}, b""),
    "endless": lambda method, path, held: (200, {}, (held or b"") + b" " * (2 << 20)) if method == "GET" else None,
}
"""What a store that somebody else writes to may answer, by what is wrong with it."""


@pytest.mark.parametrize(
    "poison", [pytest.param(name, marks=[] if name == "bytes" else pytest.mark.slow) for name in POISONS]
)
def test_a_poisoned_store_stops_no_build_and_leaves_nothing_bad(generated: Studio, poison: str) -> None:
    """All is made here as if there were no other place, what was wrong is said, and the store is whole."""
    files = generated.files()
    with HttpStore() as store:
        generated.environ["VIDBUILD_REMOTE"] = store.url
        assert generated.run("push").returncode == 0
        store.answers = POISONS[poison]
        for folder in (generated.store, generated.folder / "build", generated.folder / ".vidbuild"):
            shutil.rmtree(folder)
        built = generated.build()
        assert built.counted
        assert generated.files() == files
        assert "remote store" in built.told
        assert generated.run_bare("store", "verify").returncode == 0


def test_a_build_that_is_stopped_waits_for_no_upload(made: Shop, clone: Studio) -> None:
    """Its last word comes at once, though nothing is sent yet."""
    with HttpStore(lambda method, path, held: time.sleep(20) if method == "PUT" else None) as slow:
        clone.environ["VIDBUILD_REMOTE"] = slow.url
        shutil.copytree(made.store, clone.store)
        clone.edit('"name": "one"', '"name": "one", "fade_in_s": 0.5')
        running = clone.start("--frozen")
        assert running.wait_for("delivered")
        began = time.monotonic()
        running.kill(signal.SIGINT)
        built = running.finish()
        assert time.monotonic() - began < 10
        assert built.status == "interrupted"
        assert slow.held == {}
