"""`plan --format markdown`: what a reviewer reads before anybody merges."""

from __future__ import annotations

import os
import re
from pathlib import Path

from one_shot import write_one_shot

from vidbuild.commands.plan_markdown import MOST, Reviewed, markdown
from vidbuild.session import Session
from vidbuild.settings import Settings
from vidbuild.testing.shop import Shop
from vidbuild.words.action import Graph

SPANS = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
"""Code spans, in which GitHub decodes and links nothing."""
WRITTEN = "@all #12 GH-12 <b> | [a](//x) `c` ``d`` www.e.example me@e.example a1b2c3d \\\\| &#64;"


def test_a_pull_request_is_told_what_it_costs(tmp_path: Path) -> None:
    """Before anything is bought, after it is, and after an edit; what authors wrote is text and pings nobody."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        write_one_shot(shop, "plain-keyed-video")
        told = shop.run("plan", "--format", "markdown").stdout
        assert "**costs $0.10 to" in told
        assert "generates 1 of 1 shot, rebuilds 1 of 1 deliverable**" in told
        assert "| `` Footage of `pour` `` | `it was never built` | $0.10 to" in told
        assert "| `build/tiny.mp4` | 2 pieces |" in told
        assert shop.build("--yes").status == "built"
        assert (
            "**free, generates 0 of 1 shot, rebuilds 0 of 1 deliverable**"
            in shop.run("plan", "--format", "markdown").stdout
        )
        shop.edit("a cup is poured", WRITTEN.replace("\\", "\\\\"))
        shop.edit('"name": "one"', '"name": "@one #12"')
        told = shop.run("plan", "--format", "markdown").stdout
        assert "generates 1 of 1 shot" in told
        shown = told.partition("-->\n")[2]
        spans = [span.strip() for _, span in SPANS.findall(shown)]
        assert any(WRITTEN.replace("|", "\\|") in span for span in spans)
        assert "@one #12" in spans
        assert re.findall(r"[@<>\[\]\\`]|#\d|//|www|GH-|a1b2c3d", SPANS.sub("", shown)) == []
        assert {len(re.findall(r"(?<!\\)\|", row)) for row in shown.splitlines() if row.startswith("| ``")} == {4}


def test_what_has_to_be_settled_stands_first_and_what_is_left_out_is_counted(tmp_path: Path) -> None:
    """A payment that nobody knows the end of is not lost behind forty notes."""
    with Shop(tmp_path / "shop") as shop:
        write_one_shot(shop, "local/animatic")
        session = Session(Settings(shop.folder / shop.file), {**os.environ, **shop.environ})
        planned = session.plan()
        session.close()
    graph = Graph({}, {}, (), tuple(f"note {number}" for number in range(MOST + 1)))
    told = markdown(Reviewed(planned, graph, {}, {}, {}, ["a payment is unclear"])).splitlines()
    assert (told[5], told[-1]) == ("- `a payment is unclear`", "- and 2 more")


def test_a_plan_is_told_in_one_form_and_is_no_lock(tmp_path: Path) -> None:
    """Two forms at once would lose one; a name of a lock or a project is none of a plan, though nothing is there."""
    with Shop(tmp_path / "shop") as shop:
        write_one_shot(shop, "local/animatic")
        for options, says in (
            (("--json", "--format", "markdown"), "are two forms"),
            (("-o", "vidbuild.lock"), "is the name of a project or a lock"),
        ):
            done = shop.run("plan", *options)
            assert (done.returncode, done.stdout, says in done.stderr) == (2, "", True), done.stderr
        assert not shop.lock.exists()
