"""One contract over every remote place; and what stands between it and the local stores believes nothing of it."""

from __future__ import annotations

import io
import json
import os
import shutil
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from vidbuild.stores import claims, durable, tiered
from vidbuild.stores.action_cache import DiskActionCache, verified
from vidbuild.stores.cas import DiskCas
from vidbuild.stores.claims import Claim
from vidbuild.stores.index import Index, Memory
from vidbuild.stores.remotes import http
from vidbuild.stores.remotes.folder import FolderRemote
from vidbuild.stores.remotes.remote import Remote, RemoteTrouble, opened, shown
from vidbuild.stores.tiered import Behind, TieredCache, TieredCas
from vidbuild.testing.http_store import HttpStore
from vidbuild.words.action import ActionResult, Blob, BoundAction
from vidbuild.words.digest import Digest, digest_bytes
from vidbuild.words.errors import UsageError

BYTES = b"a take" * 1000
BLOB = Blob(digest_bytes(BYTES), len(BYTES), "video/mp4")
ACTION = BoundAction("Segment", {"steps": ["é"]}, {"clip": Digest("a" * 64)}, {"video": "video/mp4"}, "t@1")
RESULT = ActionResult({"video": BLOB}, {"seconds": 1.5})


@pytest.fixture
def store() -> Iterator[HttpStore]:
    with HttpStore() as store:
        yield store


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """A bucket of a stand-in for S3."""
    boto3, moto = pytest.importorskip("boto3"), pytest.importorskip("moto")
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1"}
    with pytest.MonkeyPatch.context() as patch, moto.mock_aws():
        for name, value in keys.items():
            patch.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket="bucket")
        yield "s3://bucket"


@pytest.fixture(params=["folder", "http", "s3"])
def remote(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Remote]:
    """Each kind of place, empty."""
    if request.param == "folder":
        (tmp_path / "remote").mkdir()
        yield FolderRemote(tmp_path / "remote")
    elif request.param == "http":
        yield opened(request.getfixturevalue("store").url, {})
    else:
        yield opened(f"{request.getfixturevalue('bucket')}/{tmp_path.name}", {})


def fetched(remote: Remote, path: str, most: int = 1 << 20) -> bytes | None:
    target = io.BytesIO()
    return target.getvalue() if remote.fetch(path, target, most) else None


def test_what_was_written_is_there(remote: Remote, tmp_path: Path) -> None:
    """Bytes and files come back, whole; what was never written is absent."""
    source = tmp_path / "made"
    source.write_bytes(BYTES)
    assert (remote.has("cas/x"), remote.read("cas/x", 10), fetched(remote, "cas/x")) == (False, None, None)
    remote.write("cas/x", source)
    remote.write("ac/y", b"record")
    assert (remote.has("cas/x"), fetched(remote, "cas/x"), remote.read("ac/y", 10)) == (True, BYTES, b"record")
    assert source.read_bytes() == BYTES


def test_what_is_too_large_is_not_taken(remote: Remote) -> None:
    """Neither whole nor in part."""
    remote.write("cas/x", BYTES)
    with pytest.raises(RemoteTrouble):
        remote.read("cas/x", len(BYTES) - 1)
    with pytest.raises(RemoteTrouble):
        fetched(remote, "cas/x", len(BYTES) - 1)


def test_one_asker_alone_creates(remote: Remote) -> None:
    """A second one is told no, until it is removed."""
    assert [remote.create("claims/k", b"me"), remote.create("claims/k", b"you")] == [True, False]
    assert remote.read("claims/k", 10) == b"me"
    remote.remove("claims/k")
    remote.remove("claims/k")
    assert remote.create("claims/k", b"you")


def test_a_url_names_a_place_or_says_why_not() -> None:
    """And is never shown with what it holds of secrets."""
    with pytest.raises(UsageError, match="ftp://host/x"):
        opened("ftp://user:secret@host/x", {})
    assert shown("https://user:secret@host/x?token=secret") == "https://host/x"
    for url in ("http://user:secret@[x", "http://user:secret@h:x/", "http://user:secret@h\x07/", "s3://u:secret@[b"):
        with pytest.raises(UsageError) as error:
            opened(url, {})
        assert "secret" not in error.value.text()


def test_credentials_go_along_and_are_never_told(store: HttpStore) -> None:
    """A token of the environment, or user and password of its URL."""
    opened(store.url, {"VIDBUILD_REMOTE_TOKEN": "abc"}).has("cas/x")
    assert store.headers[-1]["Authorization"] == "Bearer abc"
    url = store.url.replace("http://", "http://user:secret@")
    opened(url, {}).has("cas/x")
    assert store.headers[-1]["Authorization"].startswith("Basic ")
    store.answers = lambda method, path, held: (403, {}, b"")
    with pytest.raises(RemoteTrouble) as trouble:
        opened(url, {}).has("cas/x")
    assert "secret" not in trouble.value.sentence


def test_one_connection_serves_many_requests(store: HttpStore) -> None:
    """What is asked one after the other goes over one connection, whether there is anything or not."""
    remote = opened(store.url, {})
    remote.write("cas/x", BYTES)
    remote.has("cas/x"), remote.has("cas/y"), fetched(remote, "cas/x"), remote.read("ac/y", 10), remote.remove("cas/y")
    assert (len(store.asked), store.connections) == (6, 1)


def test_a_connection_that_was_closed_is_none_in_use(store: HttpStore) -> None:
    """However many answers aren't read to their end: the next question is asked."""
    remote = opened(store.url, {})
    remote.write("cas/x", BYTES)
    for _ in range(http.CONNECTIONS + 1):
        with pytest.raises(RemoteTrouble, match="larger"):
            fetched(remote, "cas/x", 1)
    assert fetched(remote, "cas/x") == BYTES


def test_a_server_that_talks_without_end_is_not_listened_to(store: HttpStore) -> None:
    """Of what it says to what it was sent little is read."""
    said = 200 << 20
    store.answers = lambda method, path, held: (201, {"Content-Length": str(said)}, b"x" * (1 << 20))
    store.stalls_at = 1 << 19
    began = time.monotonic()
    opened(store.url, {}).write("cas/x", BYTES)
    assert time.monotonic() - began < http.SILENCE_S / 2


def test_tls_is_trusted_by_the_machine_s_own_anchors(
    server_tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A company's own store is reached where its machines trust its certificate, and nowhere else."""
    with HttpStore(tls=server_tls) as store:
        with pytest.raises(RemoteTrouble, match="certificate") as trouble:
            opened(store.url, {}).has("cas/x")
        assert trouble.value.is_down
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
        remote = opened(store.url, {"VIDBUILD_REMOTE_TOKEN": "abc"})
        remote.write("cas/x", BYTES)
        assert fetched(remote, "cas/x") == BYTES


@pytest.mark.parametrize(
    ("url", "said"),
    [("http://127.0.0.1:1/x", "can't be reached"), ("http://nowhere.invalid/x", "no address")],
    ids=["nobody listens", "no such name"],
)
def test_who_isnt_there_is_told(url: str, said: str) -> None:
    """At once, and nothing more is expected of it."""
    with pytest.raises(RemoteTrouble, match=said) as trouble:
        opened(url, {}).has("cas/x")
    assert trouble.value.is_down


# Behind the local stores


class Machine:
    """Local stores with a remote behind them, and what they were told."""

    def __init__(self, folder: Path, remote: Remote, reads_only: bool = False):
        index = Index(folder / "index")
        self.local = DiskCas(folder, Memory(index))
        cache = DiskActionCache(folder, index)
        self.told: list[str] = []
        self.behind = Behind(self.local, cache, remote, self.told.append, reads_only, str(folder))
        self.local_cache = cache
        self.cas, self.cache = TieredCas(self.local, self.behind), TieredCache(cache, self.behind)
        self.folder = folder

    def make(self) -> None:
        self.cas.put_bytes(BYTES, "video/mp4")
        self.cache.put(ACTION, RESULT)
        self.behind.flush()

    def get(self) -> ActionResult | None:
        self.behind.recall(ACTION.key, self.cache.get(ACTION.key))
        return self.cache.get(ACTION.key)

    def refused(self) -> list[str]:
        return [path.name for path in self.folder.glob("cas/??/*.*")]


@pytest.fixture
def machine(tmp_path: Path) -> Callable[[Remote], Machine]:
    count = iter(range(9))
    return lambda remote, **how: Machine(tmp_path / f"machine{next(count)}", remote, **how)


def test_what_one_machine_makes_another_has(remote: Remote, machine: Callable[..., Machine]) -> None:
    """Record and bytes; the blob is fetched when it is asked for, and verified."""
    one, two = machine(remote), machine(remote)
    one.make()
    assert two.get() == RESULT
    assert (two.cas.has(BLOB.digest), two.local.has(BLOB.digest)) == (True, False)
    path = two.cas.fetch(BLOB.digest)
    assert path is not None
    assert (path.read_bytes(), two.local.has(BLOB.digest), two.told) == (BYTES, True, [])
    assert (two.behind.traffic.fetched, one.behind.traffic.sent) == (1, 1)


def test_what_was_fetched_is_believed_later_only_when_it_is_on_disk(
    remote: Remote, machine: Callable[..., Machine]
) -> None:
    """Until then a power cut may tear it: another run reads it again."""
    machine(remote).make()
    two = machine(remote)
    two.get()
    path = two.cas.fetch(BLOB.digest)
    assert path is not None
    memory = Memory(Index(two.folder / "index"))
    assert memory.digest(path) is None
    two.behind.stop()
    assert memory.digest(path) == BLOB.digest


def test_what_is_being_fetched_is_not_swept(store: HttpStore, machine: Callable[..., Machine]) -> None:
    """By a build that begins meanwhile."""
    store.held = {f"ac/{ACTION.key}": record(), f"cas/{BLOB.digest}": BYTES}
    two = machine(opened(store.url, {}))
    two.get()

    def slowly(method: str, path: str, held: bytes | None) -> None:
        time.sleep(0.2)
        durable.sweep(two.local.where(BLOB.digest).parent)

    store.answers = slowly
    assert two.cas.fetch(BLOB.digest) is not None


def test_a_result_of_the_lock_is_known_by_its_blobs(remote: Remote, machine: Callable[..., Machine]) -> None:
    """No record is needed: the lock has said what it is."""
    remote.write(f"cas/{BLOB.digest}", BYTES)
    two = machine(remote)
    two.behind.recall(Digest("c" * 64), RESULT)
    assert two.cas.has(BLOB.digest)
    assert two.cas.fetch(BLOB.digest) is not None


def test_a_remote_that_is_only_read_stays_as_it_is(store: HttpStore, machine: Callable[..., Machine]) -> None:
    """Nothing is put there."""
    machine(opened(store.url, {}), reads_only=True).make()
    assert store.held == {}


def record(**changed: object) -> bytes:
    fields = {
        "vidbuild_result": 1,
        "key": ACTION.key,
        "outputs": {"video": [BLOB.digest, BLOB.size, BLOB.media_type]},
        "facts": {},
        "action": ACTION.record(),
    }
    return json.dumps({**fields, **changed}).encode()


@pytest.mark.parametrize(
    "poison",
    [
        b"<html><body>log in first</body></html>",
        b"{",
        b"[]",
        b"\xff\xfe\x00",
        record(key="f" * 64),
        record(action={**ACTION.record(), "tool": "other"}),
        record(outputs={"video": ["../../etc/passwd", 7, "video/mp4"]}),
        record(outputs={"video": [BLOB.digest, -1, "video/mp4"]}),
        record(outputs={"other": [BLOB.digest, 7, "video/mp4"]}),
        record(outputs=[]),
        record(more=1),
        record(vidbuild_result=2),
        b" " * (1 << 21),
    ],
    ids=[
        "html",
        "torn",
        "list",
        "binary",
        "key",
        "action",
        "path",
        "size",
        "output",
        "outputs",
        "more",
        "form",
        "huge",
    ],
)
def test_a_record_that_is_none_is_passed_over(store: HttpStore, machine: Callable[..., Machine], poison: bytes) -> None:
    """Nothing of it is kept, and it is said."""
    store.held[f"ac/{ACTION.key}"] = poison
    two = machine(opened(store.url, {}))
    assert two.get() is None
    assert two.told
    assert list(two.folder.glob("ac/*/*")) == []


def test_other_bytes_under_a_digest_are_set_aside(store: HttpStore, machine: Callable[..., Machine]) -> None:
    """They are never given, are kept once for a look, and the remote doesn't hold the blob any more for us."""
    store.held = {f"ac/{ACTION.key}": record(), f"cas/{BLOB.digest}": BYTES[:-1] + b"x"}
    two = machine(opened(store.url, {}))
    assert two.get() is not None
    assert two.cas.fetch(BLOB.digest) is None
    assert (two.local.has(BLOB.digest), two.cas.has(BLOB.digest)) == (False, False)
    assert two.behind.blob(BLOB.digest) is None
    assert two.refused() == [f"{BLOB.digest}.refused"]
    assert BLOB.digest in two.told[0]
    two.behind.recall(ACTION.key, RESULT)
    assert not two.cas.has(BLOB.digest)  # though a HEAD would say that it is there


@pytest.mark.parametrize(
    "answer",
    [
        (302, {"Location": "http://127.0.0.1:1/"}, b""),
        (500, {}, b"oops"),
        (401, {}, b""),
        (200, {"Content-Length": "999999"}, BYTES),
    ],
    ids=["redirect", "error", "unknown", "torn"],
)
def test_trouble_is_a_miss_and_is_told(
    store: HttpStore,
    machine: Callable[..., Machine],
    answer: tuple[int, dict[str, str], bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is followed, nothing raised, nothing kept."""
    monkeypatch.setattr(http, "SILENCE_S", 0.3)
    store.held = {f"ac/{ACTION.key}": record()}
    store.answers = lambda method, path, held: answer if path.startswith("cas/") else None
    two = machine(opened(store.url, {}))
    assert two.get() is not None
    assert two.cas.fetch(BLOB.digest) is None
    assert two.told
    assert [path.name for path in two.folder.glob("cas/*/*")] == []


def test_a_stall_ends(store: HttpStore, machine: Callable[..., Machine], monkeypatch: pytest.MonkeyPatch) -> None:
    """After the silence that is allowed; the remote isn't asked any more then."""
    monkeypatch.setattr(http, "SILENCE_S", 0.3)
    store.held, store.stalls_at = {f"ac/{ACTION.key}": record(), f"cas/{BLOB.digest}": BYTES}, 5000
    two, began = machine(opened(store.url, {})), time.monotonic()
    assert two.get() is not None
    assert two.cas.fetch(BLOB.digest) is None
    assert time.monotonic() - began < 5
    count = len(store.asked)
    assert (two.cas.has(BLOB.digest), two.cas.fetch(BLOB.digest), len(store.asked)) == (False, None, count)


def test_a_blob_larger_than_its_record_says_is_cut_off(store: HttpStore, machine: Callable[..., Machine]) -> None:
    """A store can't fill the disk."""
    store.held = {f"ac/{ACTION.key}": record(), f"cas/{BLOB.digest}": BYTES * 100}
    two = machine(opened(store.url, {}))
    two.get()
    assert two.cas.fetch(BLOB.digest) is None
    assert "larger" in two.told[0]


def test_a_remote_that_is_down_costs_one_question(machine: Callable[..., Machine]) -> None:
    """All else is a miss at once."""
    two, began = machine(opened("http://127.0.0.1:9/", {})), time.monotonic()
    two.behind.recall_all({digest_bytes(str(number).encode()): None for number in range(200)})
    assert time.monotonic() - began < 3
    assert len(two.told) <= 20
    assert two.get() is None


def test_a_server_that_validates_records_is_told_of(store: HttpStore, machine: Callable[..., Machine]) -> None:
    """As bazel-remote does by default; the hint names its option. The bytes are there all the same."""
    store.validates = True
    one = machine(opened(store.url, {}))
    one.make()
    assert "--disable_http_ac_validation" in one.told[0]
    assert set(store.held) == {f"cas/{BLOB.digest}"}


def test_a_folder_that_is_not_mounted_is_told_of(tmp_path: Path, machine: Callable[..., Machine]) -> None:
    """It is not made where a drive should be."""
    one = machine(FolderRemote(tmp_path / "drive"))
    one.make()
    assert "isn't there" in one.told[0]
    assert not (tmp_path / "drive").exists()


def test_a_link_in_a_shared_folder_leads_nowhere(tmp_path: Path) -> None:
    """What it points to is not read."""
    (tmp_path / "remote" / "ac").mkdir(parents=True)
    (tmp_path / "secret").write_text("secret")
    os.symlink(tmp_path / "secret", tmp_path / "remote" / "ac" / "x")
    with pytest.raises(RemoteTrouble):
        FolderRemote(tmp_path / "remote").read("ac/x", 100)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["pipe", "folder"])
def test_what_is_no_file_in_a_shared_folder_is_trouble_at_once(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """A pipe that nobody writes to would be waited for without end."""
    (tmp_path / "ac").mkdir()
    make(tmp_path / "ac" / "x")
    with pytest.raises(RemoteTrouble, match="no regular file"):
        FolderRemote(tmp_path).read("ac/x", 100)
    with pytest.raises(RemoteTrouble, match="no regular file"):
        fetched(FolderRemote(tmp_path), "ac/x")


# Claims


def test_a_claim_that_stays_the_same_for_a_lease_is_taken_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is renewed is not, however long; whose it was finds out."""
    monkeypatch.setattr(claims, "SETTLE_S", 0.0)
    now = [0.0]
    place = FolderRemote(tmp_path)
    one, two = (Claim(place, "claims/k", name, lambda: now[0]) for name in ("one", "two"))
    assert (one.take(), two.take(), one.take()) == (True, False, True)
    for _ in range(5):
        now[0] += claims.LEASE_S - 1
        one.renew()
        assert not two.take()
    now[0] += claims.LEASE_S + 1
    assert two.take()
    one.renew()
    one.release()
    assert (one.take(), two.take()) == (False, True)
    two.release()
    assert one.take()


def test_a_claim_is_never_seen_half_made(tmp_path: Path) -> None:
    """Of many that ask at once for the same, one has it."""
    for number in range(20):
        askers = [Claim(FolderRemote(tmp_path), f"claims/{number}", str(name)) for name in range(8)]
        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(Claim.take, askers)) == 1


def test_what_came_to_nothing_keeps_its_claim(tmp_path: Path, machine: Callable[..., Machine]) -> None:
    """A job may be out: another machine waits, the same store goes on at once."""
    place = FolderRemote(tmp_path)
    one, two = machine(place), machine(place)
    claim = one.behind.claim(ACTION.key)
    assert claim is not None
    one.behind.settle(claim, ACTION.key, None)
    assert two.behind.claim(ACTION.key) is None
    again = one.behind.claim(ACTION.key)
    assert again is not None
    one.make()
    one.behind.settle(again, ACTION.key, RESULT)
    assert two.behind.claim(ACTION.key) is not None


@pytest.mark.parametrize("text", ["[" * 100_000, '{"vidbuild_result": 1, "key": 1e999}'], ids=["deep", "endless"])
def test_a_record_that_breaks_readers_is_passed_over(text: str) -> None:
    """Nothing is raised."""
    assert verified(text, ACTION.key) is None
    assert verified(record(action={**ACTION.record(), "tool": float("nan")}).decode(), ACTION.key) is None


BOUGHT = {"model": "kling-3", "seed": 7, "job": "kling/1", "usd": "21/25", "on": "2026-11-20"}


@pytest.mark.parametrize("is_answer", [False, True], ids=["attempt", "answer"])
@pytest.mark.parametrize(
    "poison",
    [
        *({"key": "zzzz"}, {"seed": "0, job: other"}, {"seed": True}, {"seed": 10**50}, {"on": "never"}, {"job": 1}),
        *({"model": None}, {"usd": "free"}, {"usd": "1e-999999999"}, {"usd": -1}, {"cost_usd": "1e-999999999"}),
    ],
    ids=lambda poison: "-".join(str(part)[:12] for each in poison.items() for part in each),
)
def test_a_record_whose_facts_could_not_be_locked_is_passed_over(poison: dict[str, object], is_answer: bool) -> None:
    """They are written into the lock, and counted as money: a lock that can't be read would come of it, or a hang."""

    def told(said: dict[str, object]) -> bytes:
        answer = {"attempt": {"key": "e" * 64, **BOUGHT, **said}} if is_answer else {}
        return record(facts={**BOUGHT, **(said if "key" not in said else {}), **answer})

    assert verified(told({}).decode(), ACTION.key) is not None
    if is_answer or "key" not in poison:
        assert verified(told(poison).decode(), ACTION.key) is None


def test_no_secret_goes_out_in_the_clear() -> None:
    """But for loopback."""
    with pytest.raises(UsageError, match="in the clear"):
        opened("http://store.example.com/x", {"VIDBUILD_REMOTE_TOKEN": "abc"})


def test_what_has_to_be_sent_waits_for_its_turn(
    tmp_path: Path, machine: Callable[..., Machine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it is sent, however much; what a store that fails hasn't got is counted."""
    (tmp_path / "far").mkdir()
    monkeypatch.setattr(tiered, "WAITING", 1)
    monkeypatch.setattr(durable.os, "fsync", lambda descriptor: None)
    one = machine(FolderRemote(tmp_path / "far"))
    blob = one.local.put_bytes(BYTES, "video/mp4")
    actions = [
        BoundAction("Segment", {"steps": [str(number)]}, {}, {"video": "video/mp4"}, "t@1") for number in range(50)
    ]
    for action in actions:
        one.local_cache.put(action, ActionResult({"video": blob}))
        one.behind.send(action.key, ActionResult({"video": blob}), waits=True)
    assert (one.behind.flush().unsent, len(list(tmp_path.glob("far/ac/*")))) == (0, 50)
    shutil.rmtree(tmp_path / "far")
    (tmp_path / "far").write_text("no folder")
    two = machine(FolderRemote(tmp_path / "far"))
    for action in actions:
        two.behind.send(action.key, ActionResult({"video": two.local.put_bytes(BYTES, "video/mp4")}), waits=True)
    assert two.behind.flush().unsent == 50
