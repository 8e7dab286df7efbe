"""`plan --format markdown`: what a reviewer reads before anybody merges."""

from __future__ import annotations

from pathlib import Path

from one_shot import write_one_shot

from vidbuild.testing.shop import Shop


def test_a_pull_request_is_told_what_it_costs(tmp_path: Path) -> None:
    """Before anything is bought, after it is, and after an edit; what authors wrote is text and pings nobody."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        write_one_shot(shop, "plain-keyed-video")
        told = shop.run("plan", "--format", "markdown").stdout
        assert "**costs $0.10 to" in told
        assert "generates 1 of 1 shot, rebuilds 1 of 1 deliverable**" in told
        assert "| Footage of &#96;pour&#96; | it was never built | $0.10 to" in told
        assert "| build/tiny.mp4 | 2 pieces |" in told
        assert shop.build("--yes").status == "built"
        assert (
            "**free, generates 0 of 1 shot, rebuilds 0 of 1 deliverable**"
            in shop.run("plan", "--format", "markdown").stdout
        )
        shop.edit("a cup is poured", "@everyone <img src=x> | [a](http://x) `cup`")
        told = shop.run("plan", "--format", "markdown").stdout
        assert "generates 1 of 1 shot" in told
        shown = told.partition("-->\n")[2]
        assert [mark for mark in ("@", "<", "](", "http://") if mark in shown] == []
        assert "&#64;everyone" in told
