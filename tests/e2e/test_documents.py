"""What programs read: `plan --json`, a build's events and last line, exit codes; `why` and `check` for people."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from small_projects import GENERATED, set_up

from vidbuild.share import share
from vidbuild.testing.studio import Built, Studio


def mistakes(name: str, document: Any) -> list[str]:
    """Compare a document with one of the shipped schemas; give what doesn't hold."""
    schema = json.loads(share(f"schemas/{name}.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    found = Draft202012Validator(schema).iter_errors(document)
    return [f"{error.json_path}: {error.message}" for error in found]


def action(
    plan: Mapping[str, Any], mnemonic: str, shot: str | None = None, output: str | None = None
) -> dict[str, Any]:
    """Find one action of a plan."""
    found = [
        row
        for row in plan["actions"]
        if row["mnemonic"] == mnemonic
        and (not shot or shot in row["shots"])
        and (not output or output in row["outputs"])
    ]
    assert len(found) == 1, found
    return dict(found[0])


def standings(plan: Mapping[str, Any]) -> dict[str, int]:
    """Count the standings of a plan's actions."""
    names = ("cached", "run", "resume", "unknown", "lost")
    return {name: sum(row["standing"] == name for row in plan["actions"]) for name in names}


@pytest.fixture(scope="module")
def cold(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """The small project, never built."""
    return set_up(Studio(tmp_path_factory.mktemp("cold") / "project"), GENERATED)


@pytest.fixture(scope="module")
def cold_plan(cold: Studio) -> dict[str, Any]:
    """Its plan."""
    return cold.plan()


@pytest.fixture(scope="module")
def first(cold: Studio, tmp_path_factory: pytest.TempPathFactory) -> tuple[Studio, Built]:
    """A copy of it, and its first build."""
    studio = cold.copy(tmp_path_factory.mktemp("first") / "copy")
    return studio, studio.build()


# The plan


def test_a_plan_of_what_was_never_built_keeps_to_its_schema(cold_plan: dict[str, Any]) -> None:
    """To the letter: no key more or less."""
    assert mistakes("plan", cold_plan) == []


def test_a_plan_of_what_is_built_keeps_to_its_schema(generated: Studio) -> None:
    """All is cached, the keys are known, nothing costs anything."""
    plan = generated.plan()
    assert mistakes("plan", plan) == []
    assert standings(plan) == {"cached": 16, "run": 0, "resume": 0, "unknown": 0, "lost": 0}
    assert {row["standing"] for row in plan["deliverables"]} == {"cached"}
    assert all(row["key"] for row in plan["actions"])
    assert all(row["why"] == [] for row in plan["actions"])


def test_a_plans_totals_are_the_sums_of_its_actions(cold_plan: dict[str, Any]) -> None:
    """Counts by standing; nothing local costs anything or has no price."""
    free = {"low": 0, "expected": 0, "high": 0}
    nothing = {"unpriced": 0, "cost_usd": free, "by_shot": {}, "by_provider": {}}
    assert cold_plan["totals"] == {**standings(cold_plan), **nothing}


def test_a_plan_knows_what_runs_and_what_it_can_not_know_yet(cold_plan: dict[str, Any]) -> None:
    """What has no unmade input runs; the rest is unknown, without a key."""
    for row in cold_plan["actions"]:
        assert row["standing"] == ("unknown" if row["needs"] else "run")
        assert (row["key"] is None) == bool(row["needs"])
    assert standings(cold_plan)["run"] == 3


def test_a_plan_lists_what_is_needed_first(cold_plan: dict[str, Any]) -> None:
    """`needs` are ids of actions that stand before."""
    seen: set[str] = set()
    for row in cold_plan["actions"]:
        assert set(row["needs"]) <= seen
        seen.add(row["id"])


def test_a_plan_says_why_of_whatever_is_not_cached(cold_plan: dict[str, Any]) -> None:
    """Every reason is a sentence."""
    assert [row["mnemonic"] for row in cold_plan["actions"] if not row["why"]] == []


def test_a_plan_after_an_edit_says_what_changed(generated: Studio) -> None:
    """The prompt with old and new words at the take; whom it waits for at its pieces; nothing at the rest."""
    generated.edit("into a cup, slow", "into a glass, slow")
    plan = generated.plan()
    assert mistakes("plan", plan) == []
    assert standings(plan) == {"cached": 9, "run": 1, "resume": 0, "unknown": 6, "lost": 0}
    take = action(plan, "Footage", "pour")
    assert take["standing"] == "run"
    assert any("cup" in reason and "glass" in reason for reason in take["why"])
    assert all(row["why"] for row in plan["actions"] if row["standing"] != "cached")


def test_ids_and_keys_of_a_plan_are_those_of_the_build(cold_plan: dict[str, Any], first: tuple[Studio, Built]) -> None:
    """The same graph is surveyed and built; the deliverables are the same too."""
    studio, built = first
    assert {row["id"] for row in built.last["ran"]} == {row["id"] for row in cold_plan["actions"]}
    assert [(row["id"], row["path"]) for row in built.last["deliverables"]] == [
        (row["id"], row["path"]) for row in cold_plan["deliverables"]
    ]
    known = {row["id"]: row["key"] for row in cold_plan["actions"] if row["key"]}
    assert {row["id"]: row["key"] for row in studio.plan()["actions"] if row["id"] in known} == known


def test_a_plan_makes_nothing(cold: Studio, cold_plan: dict[str, Any]) -> None:
    """No finished file, and the same plan again."""
    assert cold.files() == {}
    assert cold.plan() == cold_plan


def test_a_draft_of_vendors_models_costs_nothing(draft: Studio) -> None:
    """Everything local is free."""
    plan = draft.plan("--draft")
    assert [row["mnemonic"] for row in plan["actions"] if row["paid"]] == []
    assert plan["totals"]["cost_usd"] == {"low": 0, "expected": 0, "high": 0}


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["for people", "--json"])
def test_the_detailed_exit_code_says_whether_there_is_something_to_do(
    cold: Studio, generated: Studio, options: tuple[str, ...]
) -> None:
    """0 with nothing, 10 with something; without the option always 0."""
    assert generated.run("plan", "--detailed-exitcode", *options).returncode == 0
    assert cold.run("plan", "--detailed-exitcode", *options).returncode == 10
    assert cold.run("plan", *options).returncode == 0


def test_the_detailed_exit_code_sees_a_missing_file(generated: Studio) -> None:
    """A finished file that is gone is something to do, and its standing is `run`."""
    (generated.folder / "build" / "wide.mp4").unlink()
    assert generated.run("plan", "--detailed-exitcode").returncode == 10
    stands = {row["output"]: row["standing"] for row in generated.plan()["deliverables"]}
    assert stands == {"wide": "run", "tall": "cached"}


def test_plan_show_prints_what_will_run(cold: Studio) -> None:
    """argv of encodes, asks of generations."""
    said = cold.run("plan", "--show").stdout
    assert "libx264" in said
    assert "a barista pours espresso into a cup" in said


# The events


def test_every_event_of_a_first_build_keeps_to_its_schema(first: tuple[Studio, Built]) -> None:
    """Started, each action's begin and end, delivered, ended."""
    _, built = first
    assert [mistake for line in built.events for mistake in mistakes("event", line)] == []
    assert built.events[0]["event"] == "build_started"
    assert len(built.named("action_started")) == len(built.named("action_ended")) == 16


def test_every_event_of_a_second_build_keeps_to_its_schema(generated: Studio) -> None:
    """With and without a trace: hits are all of them, the files are told."""
    for built in (generated.build(), generated.build()):
        assert [mistake for line in built.events for mistake in mistakes("event", line)] == []
        assert (built.ran(), built.hits, len(built.last["deliverables"])) == (set(), 16, 2)


def test_the_last_line_tells_every_finished_file_as_it_is(generated: Studio) -> None:
    """Digest, frames, rate, size and seconds of what stands at the path."""
    import hashlib

    import av

    for row in generated.build().last["deliverables"]:
        path = generated.folder / row["path"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256"]
        with av.open(str(path)) as film:
            frames = list(film.decode(video=0))
            assert (len(frames), frames[0].width, frames[0].height) == (row["frames"], row["width"], row["height"])
            assert (film.streams.video[0].average_rate, 1.5) == (row["fps"], row["seconds"])


def test_a_rate_of_the_last_line_has_three_decimals_at_most(empty: Studio) -> None:
    """23.976 is 24000/1001."""
    set_up(empty, GENERATED.replace("fps: 12", "fps: 23.976"))
    built = empty.build("--output", "wide")
    assert [(row["fps"], row["frames"], row["output"]) for row in built.last["deliverables"]] == [(23.976, 36, "wide")]
    assert mistakes("event", built.last) == []


@pytest.mark.parametrize(
    ("options", "exit"),
    [(("--only", "nobody"), 2), (("--output", "nothing"), 2), (("--jobs", "0"), 2), (("--no-such-option",), 2),
     (("nowhere.yaml",), 2), (("--draft", "--jobs"), 2)],
    ids=["shot", "output", "jobs", "option", "file", "value"],
)  # fmt: skip
def test_a_wrong_command_line_has_a_last_word(generated: Studio, options: tuple[str, ...], exit: int) -> None:
    """`invalid`, exit 2, and a sentence."""
    built = generated.build(*options, ends=exit)
    assert mistakes("event", built.last) == []
    assert built.told.strip()


def test_a_broken_project_has_a_last_word(generated: Studio) -> None:
    """`invalid`, exit 2, and the place of the mistake."""
    generated.edit("fps: 12", "fsp: 12")
    built = generated.build(ends=2)
    assert [mistake for line in built.events for mistake in mistakes("event", line)] == []
    assert "project.yaml:3:1: " in built.told


def test_a_failure_is_told_and_what_does_not_depend_on_it_is_finished(filmed: Studio) -> None:
    """A film that ends before its header says: its pieces fail, all others are made; exit 1, and no traceback."""
    path = filmed.film("cut.mp4", 6)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    filmed.edit(
        "  - {id: loud, file: loud.mp4, duration_s: 0.5}",
        "  - {id: cut, file: cut.mp4, duration_s: 5.5}\n  - {id: loud, file: loud.mp4, duration_s: 0.75}",
    )
    built = filmed.build(ends=1)
    assert [mistake for line in built.events for mistake in mistakes("event", line)] == []
    assert [(row["mnemonic"], row["shots"]) for row in built.last["failed"]] == [("Segment", ["cut"])] * 2
    assert {row.shots for row in built.ran("Segment")} == {("loud",)}
    assert (built.last["deliverables"], filmed.plan()["totals"]["run"]) == ([], 2)


@pytest.mark.parametrize("command", ["plan", "graph", "diff", "test"])
def test_whatever_is_written_to_a_path_makes_its_folders(generated: Studio, command: str) -> None:
    """All commands alike; where a file stands in the way, all say so before they do anything."""
    shutil.copy(generated.folder / "build/wide.mp4", generated.folder / "old.mp4")
    words = {"diff": ["diff", "old.mp4", "build/tall.mp4", "-o"], "test": ["test", "--junit"]}.get(
        command, [command, "-o"]
    )
    generated.edit("outputs:", "tests: [{size_mb: 9}]\noutputs:")
    done = generated.run_bare(*words, "new/folder/it.html")
    assert done.returncode in (0, 1), done.stderr
    assert (generated.folder / "new/folder/it.html").is_file()
    done = generated.run_bare(*words, "old.mp4/it.html")
    assert (done.returncode, "old.mp4` is a file, and no folder" in done.stderr) == (2, True)


# why


def test_why_names_the_changed_field_with_old_and_new_value(generated: Studio) -> None:
    """Of a shot, in the author's words."""
    generated.edit("id: pour\n    duration_s: 0.5", "id: pour\n    seed: 99\n    duration_s: 0.75")
    said = generated.run("why", "pour").stdout
    assert "seed changed: 7 -> 99" in said
    assert "length changed: 0.5 s -> 0.75 s" in said


def test_why_shows_the_words_of_a_prompt_that_differ(generated: Studio) -> None:
    """Not the whole of it, if it is long."""
    generated.edit("into a cup, slow", "into a glass, slow")
    said = generated.run("why", "pour").stdout
    assert "prompt changed" in said
    assert "cup," in said
    assert "glass," in said


def test_why_names_a_changed_reframe_of_an_output(generated: Studio) -> None:
    """Asked for an output."""
    generated.edit("reframe: crop", "reframe: blur")
    assert "reframe changed: crop at 0.5, 0.5 -> blur" in generated.run("why", "tall").stdout


def test_why_names_changed_music(generated: Studio) -> None:
    """Asked for an action, by its mnemonic."""
    generated.edit("warm guitar, 90 bpm", "warm guitar, 120 bpm")
    assert "prompt changed: warm guitar, 90 bpm -> warm guitar, 120 bpm" in generated.run("why", "Music").stdout


def test_why_names_an_own_file_that_changed(filmed: Studio) -> None:
    """The file, not a digest."""
    filmed.film("loud.mp4", 1, tone=660, size="176x144")
    said = filmed.run("why", "loud").stdout
    assert "changed" in said
    assert "loud.mp4" in said


def test_why_says_how_things_stand_as_plan_does(generated: Studio) -> None:
    """The same line, word for word."""
    generated.edit("into a cup, slow", "into a glass, slow")
    lines = [line for line in generated.run("why", "pour").stdout.splitlines() if not line.startswith((" ", "kept"))]
    assert {line.split()[0] for line in lines} == {"make", "waits"}
    assert set(lines) <= set(generated.run("plan").stdout.splitlines())


def test_why_of_what_is_built_says_that_nothing_changed(generated: Studio) -> None:
    """And exits with 0."""
    done = generated.run("why", "pour")
    assert (done.returncode, "nothing has changed" in done.stdout) == (0, True)


def test_why_of_an_unknown_name_exits_2_with_a_hint(generated: Studio) -> None:
    """The nearest name."""
    done = generated.run("why", "poor")
    assert (done.returncode, "did you mean `pour`?" in done.stderr) == (2, True)


# check


MISTAKES = {
    "a misspelt key": ("fps: 12", "fsp: 12", "fsp", "did you mean `fps`?"),
    "a shot that isn't there": ("crema.last_frame", "cremma.last_frame", "cremma", "did you mean `crema`?"),
    "a platform that isn't there": ("  - wide\n", "  - wyde\n", "wyde", "did you mean `wide`?"),
    "a model that isn't there": (
        "model: local/animatic\n    prompt: a",
        "model: local/animatik\n    prompt: a",
        "local/animatik",
        "`local/animatic`",
    ),
    "a negative length": ("id: crema\n    duration_s: 0.5", "id: crema\n    duration_s: -1", "-1", "duration_s"),
    "a key that isn't built yet": (
        "  - id: pour\n",
        "  - id: pour\n    per: sku\n",
        "per",
        "not built",
    ),
    "an undefined variable": ("{{ drink }}", "{{ drnk }}", "drnk", "did you mean `drink`?"),
    "a file that isn't there": (
        "    prompt: crema",
        "    init_image: gone.png\n    prompt: crema",
        "gone.png",
        "gone.png",
    ),
    "a file outside the root": (
        "    prompt: she",
        "    end_image: ../../../etc/x.png\n    prompt: she",
        "../../..",
        "etc/x.png",
    ),
}
"""By what is wrong: what is written instead of what, the word that is pointed at, what is told."""


@pytest.fixture(scope="module")
def mistaken(cold: Studio, tmp_path_factory: pytest.TempPathFactory) -> tuple[Studio, subprocess.CompletedProcess[str]]:
    """One run of `check` on a project that holds them all."""
    studio = cold.copy(tmp_path_factory.mktemp("mistaken") / "copy")
    for old, new, _, _ in MISTAKES.values():
        studio.edit(old, new)
    return studio, studio.run("check")


@pytest.mark.parametrize("what", MISTAKES)
def test_check_points_at_every_mistake(mistaken: tuple[Studio, subprocess.CompletedProcess[str]], what: str) -> None:
    """`file:line:col: sentence`, the line with a caret, the word that helps; all of them in one run."""
    studio, done = mistaken
    _, new, word, told = MISTAKES[what]
    head = f"project.yaml:{studio.place(new, word)}: "
    found = [part for part in done.stderr.split("\n\n") if part.startswith(head)]
    assert len(found) == 1, f"nothing at {head}\n{done.stderr}"
    assert told in found[0]
    assert "^" in found[0]


def test_check_of_a_broken_project_exits_2(mistaken: tuple[Studio, subprocess.CompletedProcess[str]]) -> None:
    """It tells as many mistakes as there are, on standard error."""
    _, done = mistaken
    parts = [part for part in done.stderr.split("\n\n") if part.startswith("project.yaml:")]
    assert (done.returncode, done.stdout, len(parts)) == (2, "", len(MISTAKES)), done.stderr


@pytest.mark.parametrize(
    ("old", "new", "word", "told"),
    [
        ("seed: 7\n", "seed: 7\nseed: 8\n", "seed: 8", "seed"),
        ("id: crema\n", "id: pour\n    note: twice\n", "pour", "stands twice"),
        ("id: pour\n    duration_s: 0.5", "id: pour\n    duration_s: .nan", ".nan", "finite"),
        (
            "    prompt: she slides",
            "    end_image: serve.last_frame\n    prompt: she slides",
            "serve.",
            "serve -> serve",
        ),
    ],
    ids=["a duplicate key", "a duplicate id", "not a number", "a cycle"],
)
def test_check_points_at_a_mistake(cold: Studio, tmp_path: Path, old: str, new: str, word: str, told: str) -> None:
    """Those that stand in the way of finding others."""
    studio = cold.copy(tmp_path / "copy")
    studio.edit(old, new)
    done = studio.run("check")
    assert done.returncode == 2
    assert f"project.yaml:{studio.place(new, word)}: " in done.stderr
    assert told in done.stderr


def test_check_of_a_sound_project_exits_0_and_makes_nothing(cold: Studio) -> None:
    """One line that says what it comes to."""
    done = cold.run("check")
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 shots" in done.stdout
    assert cold.files() == {}


def test_check_names_the_keys_that_a_build_would_need(draft: Studio) -> None:
    """And says `--draft`; a key that isn't there is no mistake in the project."""
    done = draft.run("check")
    assert done.returncode == 0
    assert "no mistakes" in done.stdout
    assert "KLING_ACCESS_KEY" in done.stderr
    assert "STABILITY_API_KEY" in done.stderr
    assert "--draft" in done.stderr


def test_check_of_a_draft_asks_for_no_key(draft: Studio) -> None:
    """Everything is made here."""
    assert draft.run("check", "--draft").stderr == ""


@pytest.mark.parametrize("name", ["plan", "event", "project", "platform", "model"])
def test_schemas_can_be_printed(cold: Studio, name: str) -> None:
    """As they are kept to."""
    done = cold.run_bare("schema", name)
    assert json.loads(done.stdout)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
