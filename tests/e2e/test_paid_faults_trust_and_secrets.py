"""Who is sent a key, and where keys turn up: nowhere but in the requests to the vendor whose they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from paid_films import film, made, shot, words

from vidbuild.runners import ffmpeg
from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import Built

BARE = "plain-bare-video"
PROVIDER = "providers/plain-bare.yaml"
RECORDER = """\
#!/bin/sh
{{ tr '\\0' '\\n' < /proc/$$/environ; tr '\\0' '\\n' < /proc/$PPID/cmdline; echo "$@"; }} >> {told}
exec {binary} "$@"
"""
"""An ffmpeg that notes the environment and the arguments that it is started with, and its parent's."""


# Hosts


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[Shop]:
    """A project that brings a provider at a host of its own, which the environment doesn't name."""
    with Shop(tmp_path / "shop", "bare") as shop:
        film(shop, shot("one", BARE))
        shop.edit("https://plain-bare.example", shop.vendors.bare.url, PROVIDER)
        del shop.environ["VIDBUILD_PLAIN_BARE_URL"]
        yield shop


def test_an_own_provider_is_refused_until_its_host_is_trusted(stranger: Shop) -> None:
    """A project that names its provider's address is a stranger: `vidbuild trust HOST` is the user's word."""
    host = stranger.vendors.bare.url.removeprefix("http://")
    told = stranger.build("--yes", ends=1).told
    assert ("not trusted" in told, f"vidbuild trust {host}" in told) == (True, True)
    assert len(stranger.vendors.requests) == 0
    assert stranger.run_bare("trust", host).returncode == 0
    assert made(stranger.build("--yes")) == {"one"}


@pytest.mark.parametrize("base", ["http://169.254.169.254/latest", "file:///etc/passwd"])
def test_an_own_providers_address_inward_is_refused(stranger: Shop, base: str) -> None:
    """Nothing is sent there, trusted or not."""
    stranger.edit(stranger.vendors.bare.url, base, PROVIDER)
    built = stranger.start("--yes").finish()
    assert built.exit in (1, 2)
    assert stranger.paid == 0


def test_an_own_provider_that_uses_a_packaged_providers_key_is_refused(stranger: Shop) -> None:
    """However trusted its host is."""
    stranger.run_bare("trust", stranger.vendors.bare.url.removeprefix("http://"))
    stranger.edit("PLAIN_API_KEY", "KLING_SECRET_KEY", PROVIDER, count=2)
    assert "`KLING_SECRET_KEY` is the key of the packaged provider `kling`" in stranger.build("--yes", ends=2).told
    assert len(stranger.vendors.requests) == 0


def test_an_own_file_does_not_stand_in_for_a_packaged_provider(stranger: Shop) -> None:
    """A file of the project that calls itself `kling` gets neither its name nor its keys."""
    text = (stranger.folder / PROVIDER).read_text()
    stranger.write("providers/kling.yaml", text.replace("name: plain-bare", "name: kling"))
    film(stranger, shot("one", "kling-2"))
    built = stranger.start("--yes").finish()
    assert (built.exit, stranger.vendors.bare.requests) == (2, [])


# Secrets


class Scene(NamedTuple):
    """A film built through faults in which vendors repeat keys, and all that was printed on the way."""

    shop: Shop
    built: Built
    printed: str
    children: str


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Build by four vendors whose errors repeat their keys, with an ffmpeg that notes how it is started."""
    folder = tmp_path_factory.mktemp("told")
    with Shop(folder / "shop", "bare") as shop:
        vendors, note = shop.vendors, folder / "children.txt"
        recorder = folder / "ffmpeg"
        recorder.write_text(RECORDER.format(told=note, binary=ffmpeg.find({})))
        recorder.chmod(0o755)
        shop.environ["VIDBUILD_FFMPEG"] = str(recorder)
        for vendor in (vendors.bare, vendors.kling):
            said, name = f"your key {vendor.key} and {vendors.kling.access} did it: Bearer {vendor.key}", vendor.name
            vendor.fault("submit", "fails", times=None, where=words(f"{name}-fails"), message=said, code=vendor.key)
            vendor.fault("submit", "refused", where=words(f"{name}-refused"), message=said)
            vendor.fault("poll", "server_error", message=said)
        vendors.bare.fault("submit", "lost", where=words("lost"))
        vendors.bare.fault("submit", "odd_id", where=words("odd"), id=f"../{vendors.bare.key}")
        film(
            shop,
            *(shot(f"kling-{id}", "kling-2") for id in ("fails", "refused")),
            *(shot(id, BARE) for id in ("plain-bare-fails", "plain-bare-refused", "lost", "odd", "fine")),
        )
        built = shop.build("--max-cost", "5", ends=3)
        commands = (("build", "--max-cost", "5"), ("plan", "--show"), ("cost",), ("jobs", "list"))
        rest = [shop.run(*command) for command in commands]
        printed = "".join([built.stderr, str(built.events), *(done.stdout + done.stderr for done in rest)])
        yield Scene(shop, built, printed, note.read_text())


def test_keys_are_in_nothing_that_is_printed(told: Scene) -> None:
    """Though the vendors say them: they read `[secret]`."""
    assert "[secret]" in told.printed
    assert not [key for key in told.shop.vendors.secrets.values() if key in told.printed]


def test_keys_are_in_no_file(told: Scene) -> None:
    """Not in the store, its logs and index, nor in the project, its lock and its traces."""
    places = [path for root in (told.shop.folder, told.shop.store) for path in root.rglob("*") if path.is_file()]
    assert len([path for path in places if path.parent.name == "jobs"]) >= 6
    secrets = [key.encode() for key in told.shop.vendors.secrets.values()]
    assert [str(path) for path in places if any(key in path.read_bytes() for key in secrets)] == []


def test_keys_are_in_no_process_that_is_started(told: Scene) -> None:
    """Neither in the arguments nor in the environment of what decodes and encodes, nor in the command's own."""
    assert "vidbuild" in told.children
    assert told.children.count("-i") > 5
    assert not [key for key in told.shop.vendors.secrets.values() if key in told.children]
    assert not [name for name in told.shop.vendors.secrets if name in told.children]


def test_keys_went_to_their_own_vendor_alone(told: Scene) -> None:
    """No download carried one, and no vendor saw a request that was no good."""
    assert (told.shop.vendors.leaks, told.shop.vendors.complaints) == ([], [])
