"""The GitHub Action: its file, and the scripts that it runs, in a repository, without GitHub."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from one_shot import write_one_shot

from vidbuild.share import PACKAGE
from vidbuild.testing.ci import Machine

ROOT = PACKAGE.parent

ACTION: Any = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]


def test_no_text_of_anybody_stands_in_a_command() -> None:
    """Expressions go through the environment: in a command they would be run."""
    commands = [step["run"] for step in STEPS if "run" in step]
    assert len(commands) == 4
    assert not [command for command in commands if "${{" in command]
    assert {step["shell"] for step in STEPS if "run" in step} == {"bash"}


def test_what_the_action_names_is_there() -> None:
    """Scripts that can be run, inputs that are told of, and outputs that a script gives."""
    text = (ROOT / "action.yml").read_text()
    for name in re.findall(r"\$GITHUB_ACTION_PATH/([\w./]+)", text):
        path = ROOT / name
        assert path.is_file()
        assert path.suffix == ".py" or os.access(path, os.X_OK), name
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(ACTION["inputs"])
    assert all(told["description"] for told in (*ACTION["inputs"].values(), *ACTION["outputs"].values()))
    script = (ROOT / "ci/run.sh").read_text()
    for name in re.findall(r"steps\.build\.outputs\.([\w-]+)", text):
        assert f"tell {name} " in script
    for name in re.findall(r"(VIDBUILD_CI_\w+):", text):
        assert name in script


def test_the_cache_holds_the_stores_plain_files_alone() -> None:
    """Never the index, nor what belongs to one machine; it is written by builds only."""
    cached = [step for step in STEPS if step.get("uses", "").startswith("actions/cache")]
    assert len(cached) == 2
    for step in cached:
        names = {line.rpartition("/")[2] for line in step["with"]["path"].splitlines()}
        assert names == {"cas", "ac", "jobs"}
    (save,) = (step for step in cached if "save" in step["uses"])
    assert "command == 'build'" in save["if"]
    assert "always()" in save["if"]


def test_a_pull_request_is_told_what_it_costs(runner: Machine) -> None:
    """Held against its base branch; without a key, and nobody is asked; its author's words run nothing."""
    runner.git("init", "-qb", "main")
    write_one_shot(runner.shop, "plain-keyed-video")
    runner.commit("first")
    runner.git("clone", "-q", "--bare", ".", str(runner.folder / "origin"))
    runner.git("remote", "add", "origin", str(runner.folder / "origin"))
    runner.shop.edit("a cup is poured", "a glass is poured, ::error::no $(touch pwned) `touch pwned`")
    runner.commit("second")
    runner.on_github("pull_request", GITHUB_BASE_REF="main").without_keys()
    done = runner.script("run.sh")
    assert done.returncode == 0, done.stderr
    plan = (runner.out / "plan.md").read_text()
    assert plan.startswith("<!-- vidbuild plan: one -->\n")
    assert "generates 1 of 1 shot" in plan
    assert "a glass is poured" in plan
    assert (runner.folder / "summary").read_text() == plan
    assert runner.told == {"command": "plan", "plan": str(runner.out / "plan.md")}
    assert not list(runner.shop.folder.rglob("pwned"))
    assert runner.shop.submits == 0
    assert runner.git("rev-parse", "--is-shallow-repository").strip() == "false"
    first, *_, last = done.stdout.splitlines()
    assert (first.startswith("::stop-commands::"), last) == (True, f"::{first.rpartition('::')[2]}::")


def test_a_build_without_a_cap_buys_nothing(runner: Machine) -> None:
    """It is locked: without a lock, or with one that lacks something, it fails and says so; with one it builds."""
    write_one_shot(runner.shop, "plain-keyed-video")
    runner.on_github("push")
    assert runner.script("run.sh").returncode == 6
    assert runner.shop.submits == 0
    bought = runner.script("run.sh", VIDBUILD_CI_MAX_COST="1")
    assert bought.returncode == 0, bought.stderr
    assert runner.told["lock-changed"] == "true"
    assert (runner.shop.submits, runner.told["folder"]) == (1, "./build")
    done = runner.without_keys().script("run.sh", VIDBUILD_CI_TEST="true")
    assert (done.returncode, "the project has no `tests`" in done.stderr) == (0, True), done.stderr
    assert (runner.told["lock-changed"], runner.shop.submits) == ("false", 1)
    assert (runner.shop.folder / "build/tiny.mp4").exists()
    for size, ends, says in (("1KB", 0, "warning: the cache stays larger"), ("much", 2, "is no size")):
        done = runner.script("run.sh", VIDBUILD_CI_COMMAND="bound", VIDBUILD_CI_CACHE_SIZE=size)
        assert (done.returncode, says in done.stderr) == (ends, True), done.stderr
        assert done.stdout.startswith("::stop-commands::")


def test_a_build_is_tested_where_that_is_asked_for(runner: Machine) -> None:
    """Its exit code is that of the tests; the report lies with the plan."""
    write_one_shot(runner.shop, "local/animatic")
    runner.shop.edit('"name": "one"', '"name": "one", "tests": [{"duration_s": [5, 9]}]')
    done = runner.script("run.sh", VIDBUILD_CI_COMMAND="build", VIDBUILD_CI_MAX_COST="0", VIDBUILD_CI_TEST="true")
    assert done.returncode == 1, done.stderr
    assert 'failures="1"' in (runner.out / "tests.xml").read_text()


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"GITHUB_EVENT_NAME": "pull_request_target"}, "nobody has reviewed"),
        ({"VIDBUILD_CI_COMMAND": "rm -rf /"}, "command is auto, plan or build"),
        ({"VIDBUILD_CI_PROJECT": "--help"}, "--help"),
        ({"VIDBUILD_CI_PROJECT": "a$(touch pwned).yaml"}, "isn't there"),
    ],
)
def test_what_can_not_be_is_refused(runner: Machine, environ: dict[str, str], told: str) -> None:
    """With exit code 2, and nothing is run of it."""
    done = runner.script("run.sh", **environ)
    assert (done.returncode, told in done.stdout + done.stderr) == (2, True), done.stdout + done.stderr
    assert not list(runner.shop.folder.rglob("pwned"))


def test_extras_are_names(runner: Machine) -> None:
    """What is no name is not handed to anybody."""
    done = runner.script("install.sh", VIDBUILD_EXTRAS="s3] evil[")
    assert (done.returncode, "extras are names" in done.stderr) == (2, True)


@pytest.mark.skipif(
    not shutil.which("shellcheck", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}"), reason="no shellcheck"
)
def test_the_scripts_are_clean() -> None:
    """As shellcheck sees them."""
    found = shutil.which("shellcheck", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    done = subprocess.run([str(found), *map(str, sorted((ROOT / "ci").glob("*.sh")))], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_hooks_of_pre_commit_run(runner: Machine) -> None:
    """Each with the files that it asks for, of `check` any that a project may be made of; projects are told at once."""
    hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert set(hooks) == {"vidbuild-check", "vidbuild-fmt"}
    good = "vidbuild: 1\nname: good\nshots:\n  - {id: one, card: {title: x}, duration_s: 1}\n"
    runner.shop.write("project.yaml", good)
    runner.shop.write("other/project.yaml", good.replace("title", "titel"))
    runner.shop.write("third/project.yaml", good.replace("card", "crad"))
    files = ("project.yaml", "other/project.yaml", "third/project.yaml")
    made_of = ("project.yaml", "scenes/one.yml", "brand.yaml", "strings/de.yaml", "rows.csv", "styles/x.j2")
    assert all(re.search(hooks["vidbuild-check"]["files"], file) for file in made_of)
    assert not re.search(hooks["vidbuild-check"]["files"], "notes.md")
    assert not hooks["vidbuild-check"]["pass_filenames"]
    (project,) = hooks["vidbuild-check"]["args"]
    assert runner.bash(f"{hooks['vidbuild-check']['entry']} {project}").returncode == 0
    done = runner.bash(f"{hooks['vidbuild-check']['entry']} {' '.join(files)}")
    assert done.returncode == 2
    assert [place in done.stderr for place in ("other/project.yaml:4:", "third/project.yaml:4:")] == [True, True]
    assert "project.yaml: 1 shot" in done.stdout
    assert runner.bash(f"{hooks['vidbuild-fmt']['entry']} project.yaml").returncode in (0, 1)


def test_an_event_is_read_as_github_writes_it(tmp_path: Path) -> None:
    """A run about no pull request comments on nothing."""
    (tmp_path / "plan.md").write_text("<!-- x -->\n")
    (tmp_path / "event.json").write_text(json.dumps({"push": {}}))
    environ = {**os.environ, "GITHUB_EVENT_PATH": str(tmp_path / "event.json"), "GITHUB_TOKEN": "secret"}
    script = str(ROOT / "ci/comment.py")
    done = subprocess.run(
        [sys.executable, script, str(tmp_path / "plan.md")], env=environ, capture_output=True, text=True
    )
    assert (done.returncode, "no pull request" in done.stdout) == (0, True)
