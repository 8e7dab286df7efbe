"""`plan -o` and `build --plan`: what was approved is built, at its price, or it is said what moved."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from one_shot import TINY
from small_films import film
from test_documents import mistakes
from test_two_acts import SENTENCE, VOICE, auto

from vidbuild.commands.plan import Survey
from vidbuild.runners import ffmpeg
from vidbuild.session import Session
from vidbuild.settings import Settings
from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import Studio

MODEL = "plain-keyed-video"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A project of two shots by a vendor, with an included file and a style of its own, never built."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        shop.write("platforms/tiny.yaml", TINY)
        shop.write("more.yaml", "vars: {what: a glass}\n")
        shop.write("look.j2", "calm look\n")
        shots = [
            {"id": "pour", "duration_s": 1, "model": MODEL, "prompt": "a cup is poured"},
            {"id": "drink", "duration_s": 1, "model": MODEL, "prompt": "{{ what }} is drunk"},
        ]
        rest = {"include": ["more.yaml"], "style": {"template": "look.j2"}, "outputs": ["tiny"]}
        shop.project(vidbuild=1, name="one", fps=12, shots=shots, **rest)
        yield shop


def approve(shop: Studio, *options: str) -> Path:
    """Plan into a file."""
    done = shop.run("plan", "-o", "plan.json", *options)
    assert done.returncode == 0, done.stderr
    return shop.folder / "plan.json"


def change(file: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a plan as it lies there."""
    told = json.loads(file.read_text())
    change(told)
    file.write_text(json.dumps(told))


def test_what_was_approved_is_built_without_another_question(shop: Shop) -> None:
    """Both takes are bought, nothing else; once more, there is nothing to buy, and the plan still holds."""
    plan = json.loads(approve(shop).read_text())
    assert mistakes("plan", plan) == []
    assert set(plan["basis"]["files"]) > {"project.yaml", "more.yaml", "look.j2", "platforms/tiny.yaml"}
    shop.build(ends=5)
    built = shop.build("--plan", "plan.json")
    assert (built.status, shop.paid) == ("built", 2)
    assert shop.build("--plan", "plan.json", "--locked").ran() == set()


def test_a_plan_is_refused_where_a_file_moved(shop: Shop) -> None:
    """The project, what it includes, its style, its platform, its model: named, and nothing is bought.

    So is a file that came or went.
    """
    approve(shop)
    files = ("project.yaml", "more.yaml", "look.j2", "platforms/tiny.yaml", f"models/{MODEL}.yaml")
    for file in files:
        before = (shop.folder / file).read_text()
        shop.write(file, before + "\n")
        built = shop.build("--plan", "plan.json", ends=6)
        assert [name for name in files if f"`{name}` has other bytes" in built.told] == [file]
        shop.write(file, before)
    (shop.folder / "more.yaml").rename(shop.folder / "other.yaml")
    shop.edit("more.yaml", "other.yaml")
    told = shop.build("--plan", "plan.json", ends=6).told
    assert "`more.yaml` is gone" in told
    assert "`other.yaml` is new" in told
    assert shop.submits == 0


def test_what_was_approved_can_be_spent_once(shop: Shop) -> None:
    """Money that went since is taken off: where what is left of it does not reach for the second take, it isn't bought.

    Where it reaches, the plan buys it: what another build bought since moves nothing.
    """
    file = approve(shop)
    approved = file.read_text()
    assert shop.build("--only", "pour", "--yes").status == "built"
    spent = shop.plan()["basis"]["spent_usd"]
    total = json.loads(file.read_text())["totals"]["cost_usd"]["high"]

    def poorer(told: dict[str, Any]) -> None:
        told["totals"]["cost_usd"]["high"] = spent + 0.01

    assert total > 0.02
    change(file, poorer)
    built = shop.build("--plan", "plan.json", ends=5)
    assert "$0.01 may be spent (the plan that was approved)" in built.told
    assert shop.paid == 1
    file.write_text(approved)
    assert shop.build("--plan", "plan.json").status == "built"
    assert shop.paid == 2


def test_what_became_dearer_needs_approval(shop: Shop) -> None:
    """A plan that told less for one take than it costs now: exit 5, and what it is."""
    file = approve(shop)

    def cheaper(told: dict[str, Any]) -> None:
        row = next(row for row in told["actions"] if row["paid"] and row["shots"] == ["drink"])
        row["cost_usd"]["high"] = 0.01

    change(file, cheaper)
    built = shop.build("--plan", "plan.json", ends=5)
    assert "Footage of `drink`: up to $" in built.told
    assert "and $0.01 then" in built.told or "and up to $0.01 then" in built.told
    assert shop.submits == 0


@pytest.mark.slow
def test_what_was_kept_stays_what_it_was(shop: Shop) -> None:
    """Other bytes that somebody circled are not what was approved; where lock and store are gone, nothing is bought."""
    assert shop.build("--yes").status == "built"
    file = approve(shop)
    approved = file.read_text()

    def other(told: dict[str, Any]) -> None:
        row = next(row for row in told["actions"] if row["paid"] and row["shots"] == ["pour"])
        row["result"]["video"] = "0" * 64

    change(file, other)
    told = shop.build("--plan", "plan.json", ends=6).told
    assert "Footage of `pour` is another take than the one that was kept" in told
    file.write_text(approved)
    shop.forget()
    built = shop.build("--plan", "plan.json", ends=6)
    assert "Footage of `pour` was kept, and would be bought again" in built.told
    assert shop.paid == 2


def test_another_machine_builds_what_was_approved(shop: Shop, tmp_path: Path) -> None:
    """Another folder, an empty store, another ffmpeg: all free steps are others, and the plan holds."""
    approve(shop)
    there = shop.copy(tmp_path / "there")
    shutil.rmtree(there.store, ignore_errors=True)
    program = tmp_path / "ffmpeg"
    program.write_text(f'#!/bin/sh\nexec "{ffmpeg.find(shop.environ)}" "$@"\n')
    program.chmod(0o755)
    there.environ["VIDBUILD_FFMPEG"] = str(program)
    assert there.build("--plan", "plan.json").status == "built"
    assert shop.paid == 2


@pytest.mark.slow
def test_a_plan_of_guessed_lengths_covers_both_acts(tmp_path: Path) -> None:
    """Lines first, then what is as long as they are; where only the lines came to be bought, the plan still holds."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        film(shop, auto(SENTENCE), audio={"voice": VOICE})
        plan = json.loads(approve(shop).read_text())
        assert plan["basis"]["guessed"] is True
        shop.build("--max-cost", "0.75", ends=5)
        assert [row.vendor for row in shop.vendors.ledger] == ["elevenlabs"]
        assert shop.plan()["basis"]["guessed"] is False
        assert shop.build("--plan", "plan.json").status == "built"
        assert [row.vendor for row in shop.vendors.ledger] == ["elevenlabs", "plain-keyed"]
        shop.edit("a little slower", "much slower")
        assert "`project.yaml` has other bytes" in shop.build("--plan", "plan.json", ends=6).told


def test_a_plan_asks_for_what_it_was_made_for(shop: Shop) -> None:
    """A draft is built as a draft; what the command says of it beside is refused."""
    approve(shop, "--draft")
    assert shop.build("--plan", "plan.json").status == "built"
    assert (shop.folder / "build/draft/tiny.mp4").exists()
    for option in (["--draft"], ["--only", "pour"], ["--output", "tiny"], ["--yes"]):
        built = shop.build("--plan", "plan.json", *option, ends=2)
        assert f"leave `{option[0]}` out" in built.told


def test_a_plan_is_no_consent_in_ci(shop: Shop) -> None:
    """Where nothing is bought without `--max-cost`, a file changes nothing; and that caps it, too."""
    approve(shop)
    shop.environ["CI"] = "true"
    assert "nothing is bought in CI unasked" in shop.build("--plan", "plan.json", ends=5).told
    assert shop.submits == 0
    assert shop.build("--plan", "plan.json", "--max-cost", "20").status == "built"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"vidbuild_plan": 1,\n "project" "x"}', "plan.json:2:12: this is no JSON"),
        ("[]", "is no plan that this vidbuild wrote"),
        ('{"vidbuild_plan": 7}', "its version"),
        ('{"vidbuild_plan": 1}', "is no whole plan"),
        ('{"vidbuild_plan": NaN}', "NaN is no number"),
        ("[" * 100_000, "is no plan"),
    ],
)
def test_what_is_no_plan_is_refused(shop: Shop, text: str, says: str) -> None:
    """With the place, where there is one."""
    shop.write("plan.json", text)
    assert says in shop.build("--plan", "plan.json", ends=2).told


@pytest.mark.parametrize("name", ["nothing.json", "/dev/zero", "."])
def test_a_plan_that_can_not_be_read_is_said(shop: Shop, name: str) -> None:
    """By its name."""
    assert f"the plan `{name}` can't be read" in shop.build("--plan", name, ends=2).told


def test_a_plan_takes_no_other_files_place(shop: Shop) -> None:
    """It replaces an earlier plan, and nothing else."""
    shop.write("README.md", "mine")
    for name in ("project.yaml", "more.yaml", "README.md"):
        before = (shop.folder / name).read_bytes()
        done = shop.run("plan", "-o", name)
        assert (done.returncode, f"`{name}` is there, and is no plan" in done.stderr) == (2, True)
        assert (shop.folder / name).read_bytes() == before
    approve(shop)
    approve(shop)


def test_a_plan_that_changed_in_one_flag_is_no_whole_plan(shop: Shop) -> None:
    """Values of wrong kinds are no surprise later."""
    file = approve(shop)
    text = file.read_text()
    for old, new in (
        *(('"draft": false', '"draft": "no"'), ('"spent_usd": 0', '"spent_usd": -1')),
        ('"spent_usd": 0.0', '"spent_usd": 1e-9999999999'),
    ):
        assert text.count(old) == 1, old
        file.write_text(text.replace(old, new))
        assert "is no whole plan" in shop.build("--plan", "plan.json", ends=2).told


def test_what_a_plan_is_of_is_only_looked_at_where_it_is_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan that is shown hashes none of the author's texts."""
    (tmp_path / "project.yaml").write_text("vidbuild: 1\nshots: [{id: a, card: {title: x}, duration_s: 1}]\n")
    session = Session(Settings(tmp_path / "project.yaml", store=str(tmp_path / "store")), os.environ)
    hashed: list[str] = []
    digest = session.own.digest
    monkeypatch.setattr(session.own, "digest", lambda path: hashed.append(path.name) or digest(path))
    try:
        assert Survey(session).basis == {}
        assert "project.yaml" not in hashed
        assert "project.yaml" in Survey(session, is_document=True).basis["files"]
        assert "project.yaml" in hashed
    finally:
        session.close()
