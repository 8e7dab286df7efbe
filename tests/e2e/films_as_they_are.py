"""What holds of every film that ships, a template or a showpiece: right as it stands, and free as a draft."""

from __future__ import annotations

from vidbuild.testing.studio import Studio


def is_right(studio: Studio) -> str:
    """Check a film, its layout and its draft's price; give what `check` told."""
    assert studio.run("fmt", "--check").returncode == 0, "as `vidbuild fmt` lays it out"
    checked = studio.run("check")
    assert (checked.returncode, "no mistakes" in checked.stdout) == (0, True), checked.stderr
    told = [line for line in studio.run("plan").stdout.splitlines() if line.startswith(("make", "waits"))]
    assert sorted(set(told)) == sorted(told), "every line of a plan tells of another thing"
    plan = studio.plan("--draft")
    assert plan["totals"]["cost_usd"]["high"] == 0
    assert {row["path"].split("/")[1] for row in plan["deliverables"]} == {"draft"}
    return checked.stderr


def builds_as_draft(studio: Studio) -> None:
    """Build a draft, find nothing to do behind it, and run the film's own tests."""
    studio.patience_s = 600.0
    built = studio.start("--draft").finish()
    assert built.exit == 0, built.told
    assert all(row["frames"] for row in built.last["deliverables"])
    assert studio.build("--draft").last["ran"] == []
    if "\ntests:" in (studio.folder / studio.file).read_text():
        tested = studio.run("test", "--draft")
        assert tested.returncode == 0, tested.stdout + tested.stderr
