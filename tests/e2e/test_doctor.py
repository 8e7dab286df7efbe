"""`vidbuild doctor` and `vidbuild models --check`, by the real command: keys by name, never by value; who answers."""

from __future__ import annotations

import json

from vidbuild.runners import ffmpeg
from vidbuild.testing.shop import Shop
from vidbuild.testing.vendors import own_files

MODEL = """
name: old-film
kind: footage
routes: [{provider: plain-bare, id: plain-video-1, operation: video}]
prices: [{usd: 0.1, per: second}]
checked: 2020-01-01
"""


def line_of(said: str, name: str) -> str:
    """Give the line about a vendor."""
    return next(line for line in said.splitlines() if line.startswith(f"{name} "))


def test_the_doctor_tells_keys_by_name_and_who_answers(shop: Shop) -> None:
    """No value of a key is shown or sent; who lacks a key is not asked; there need be no project."""
    del shop.environ["FAL_KEY"], shop.environ["KLING_SECRET_KEY"]
    ran = shop.run("doctor")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "RUNWAYML_API_SECRET is set; answers in" in line_of(ran.stdout, "runway")
    assert line_of(ran.stdout, "fal").endswith("FAL_KEY is not set; not asked")
    kling = line_of(ran.stdout, "kling")
    assert kling.endswith("KLING_ACCESS_KEY is set, KLING_SECRET_KEY is not set; not asked")
    assert not any(secret in ran.stdout + ran.stderr for secret in shop.vendors.secrets.values())
    assert shop.vendors.fal.requests == shop.vendors.kling.requests == []
    assert [row.step for row in shop.vendors.runway.requests] == ["other"]
    assert "ffmpeg" in ran.stdout
    assert str(shop.store) in ran.stdout


def test_a_vendor_that_is_not_there_is_a_failure_and_a_strangers_host_is_not_asked(shop: Shop) -> None:
    """Where its keys are: a build would stop there."""
    shop.environ["VIDBUILD_RUNWAY_URL"] = "http://127.0.0.1:9"
    own_files(shop.folder, "bare")
    shop.project(vidbuild=1, name="x", shots=[], outputs=["square"])
    del shop.environ["VIDBUILD_PLAIN_BARE_URL"]
    ran = shop.run("doctor")
    assert ran.returncode == 1
    assert "`127.0.0.1:9` does not answer" in line_of(ran.stdout, "runway")
    assert "vidbuild trust plain-bare.example" in line_of(ran.stdout, "plain-bare")


def test_facts_that_are_old_are_named(shop: Shop) -> None:
    """The project's own, too; nothing is asked of anybody."""
    own_files(shop.folder, "bare")
    shop.write("models/old-film.yaml", MODEL)
    shop.project(vidbuild=1, name="x", shots=[], outputs=["square"])
    ran = shop.run("models", "--check")
    assert ran.returncode == 10, ran.stderr
    assert "model old-film: 2020-01-01, " in ran.stdout
    assert shop.vendors.requests.of() == []


def test_the_doctor_looks_at_what_the_project_needs(shop: Shop) -> None:
    """Encoders and filters of its plan, its characters, its models' keys, its shared store; JSON says the same."""
    (shop.folder / "remote").mkdir()
    shot = {"id": "pour", "duration_s": 1, "model": "kling-3", "prompt": "a cup", "text": [{"text": "Grüße"}]}
    shop.project(vidbuild=1, name="x", shots=[shot], outputs=["square"], remote="remote")
    del shop.environ["KLING_SECRET_KEY"], shop.environ["REPLICATE_API_TOKEN"]
    ran = shop.run("doctor")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "libx264" in line_of(ran.stdout, "encoders")
    assert "all 5 different characters" in line_of(ran.stdout, "fonts")
    assert "takes and gives blobs and records; claims" in line_of(ran.stdout, "shared store")
    assert "KLING_SECRET_KEY" in line_of(ran.stdout, "model kling-3")
    told = json.loads(shop.run("doctor", "--json").stdout)
    assert told["is_well"]
    assert {row["what"] for row in told["found"]} >= {"ffmpeg", "encoders", "fonts", "store", "file system"}
    (kling,) = (row for row in told["vendors"] if row["name"] == "kling")
    assert (kling["present"], kling["missing"]) == (["KLING_ACCESS_KEY"], ["KLING_SECRET_KEY"])
    assert not any(secret in json.dumps(told) for secret in shop.vendors.secrets.values())


def test_an_ffmpeg_that_lacks_an_encoder_and_a_store_that_is_not_there_are_wrong(shop: Shop) -> None:
    """By name, before a build finds out; a project with mistakes is one of them."""
    shot = {"id": "a", "duration_s": 1, "model": "local/animatic", "prompt": "a cup", "text": [{"text": "x"}]}
    shop.project(vidbuild=1, name="x", shots=[shot], outputs=["square"])
    lame = shop.write("lame-ffmpeg", f'#!/bin/sh\nexec {ffmpeg.find({})} "$@" | grep -v libx264\n')
    lame.chmod(0o755)
    shop.environ |= {"VIDBUILD_FFMPEG": str(lame), "VIDBUILD_REMOTE": str(shop.folder / "no-drive")}
    ran = shop.run("doctor")
    assert ran.returncode == 1
    assert "lacks the encoder `libx264`" in line_of(ran.stdout, "encoders")
    assert "isn't there" in line_of(ran.stdout, "shared store")
    shop.edit('"square"', '"sqare"')
    assert "sqare" in line_of(shop.run("doctor").stdout, "project")
