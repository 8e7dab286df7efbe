"""docs/ci.md: its workflows name what there is, and what they run, runs, in a repository with a film."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pages import ROOT, Block, blocks

from vidbuild.sections import EXITS
from vidbuild.testing.ci import Machine
from vidbuild.testing.shop import Shop

PAGE = ROOT / "docs/ci.md"
BLOCKS = list(blocks(PAGE))
ACTION: Any = yaml.safe_load((ROOT / "action.yml").read_text())
ENVIRONMENT = {"secrets": {"VIDBUILD_REMOTE", "KLING_ACCESS_KEY", "KLING_SECRET_KEY"}, "github": {"ref"}}


def of(said: str) -> list[Block]:
    """Give the blocks of a kind."""
    found = [block for block in BLOCKS if block.said == said]
    assert found
    return found


def films(*said: str) -> list[Any]:
    return [yaml.safe_load(block.text) for kind in said for block in of(kind)]


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A repository with the page's film, its outputs small, and a base to hold it against."""
    with Shop(tmp_path / "shop") as shop:
        machine = Machine(shop, tmp_path / "machine")
        (film,) = of("project")
        shop.write("project.yaml", film.text)
        profile = (
            "name: tiktok-small\nsize: [180, 320]\nvideo: {preset: ultrafast, crf: 30}\naudio: {kbps: 64, lufs: -14}\n"
        )
        shop.write("platforms/tiktok-small.yaml", profile)
        shop.edit("platform: tiktok,", "platform: tiktok-small, name: tiktok,")
        shop.edit("size: 1080x1920", "size: 180x320")
        machine.git("init", "-qb", "main")
        machine.commit("first")
        yield machine


def test_every_block_is_of_a_kind_that_is_run_here() -> None:
    """A new one has to say what it is."""
    kinds = {(block.language, block.said) for block in BLOCKS}
    assert kinds == {
        ("yaml", "github"), ("yaml", "gitlab"), ("yaml", "pre-commit"), ("yaml", "project"),
        ("sh", "shell"), ("sh", "docker"),
    }  # fmt: skip


@pytest.mark.parametrize("workflow", films("github"))
def test_workflows_use_the_action_as_it_is(workflow: Any, machine: Machine) -> None:
    """Its inputs and outputs; a pull request gets no vendor's key; nothing but fixed text is run."""
    (job,) = workflow["jobs"].values()
    uses = [step for step in job["steps"] if step.get("uses", "").startswith("your-org/vidbuild@v")]
    assert len(uses) == 1
    assert set(uses[0].get("with", {})) <= set(ACTION["inputs"])
    triggers = workflow[True]  # YAML 1.1 reads `on` so
    assert "pull_request_target" not in triggers
    if "pull_request" in triggers:
        assert set(job["env"]) == {"VIDBUILD_REMOTE"}
        assert "max-cost" not in uses[0]["with"]
    text = yaml.safe_dump(workflow)
    for context, name in re.findall(r"\$\{\{ (\w+)\.(\w+) \}\}", text):
        assert name in ENVIRONMENT[context]
    for name in re.findall(r"steps\.videos\.outputs\.([\w-]+)", text):
        assert name in ACTION["outputs"]
    for step in job["steps"]:
        assert "${{" not in step.get("run", "")
        if "run" in step:
            origin = machine.folder / "origin"
            machine.git("clone", "-q", "--bare", ".", str(origin))
            machine.git("remote", "add", "origin", str(origin))
            machine.git("config", "push.autoSetupRemote", "true")
            machine.shop.write("vidbuild.lock", "vidbuild_lock: 1\n")
            done = machine.bash(step["run"])
            assert done.returncode == 0, done.stderr
            assert machine.git("ls-files", "vidbuild.lock").strip() == "vidbuild.lock"


def test_what_gitlab_runs_runs(machine: Machine) -> None:
    """Both jobs, in the repository, with what their cache keeps; the artefacts that they name are there."""
    (told,) = films("gitlab")
    kept = {path.rpartition("/")[2] for path in told["default"]["cache"]["paths"]}
    assert kept == {"cas", "ac", "jobs"}
    first = machine.git("rev-parse", "HEAD").strip()
    machine.shop.edit("a harbour at dawn", "a harbour at noon")
    machine.commit("second")
    folder = str(machine.shop.folder)
    given = {
        "CI": "true",
        "CI_PROJECT_DIR": folder,
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": first,
        "VIDBUILD_STORE": f"{folder}/.store",
    }
    for name, source in (("plan", "merge_request_event"), ("videos", "push")):
        for line in told[name]["script"]:
            done = machine.bash(line, **given, CI_PIPELINE_SOURCE=source)
            assert done.returncode == 0, (line, done.stdout + done.stderr)
        for path in (*told[name]["artifacts"]["paths"], *told[name]["artifacts"].get("reports", {}).values()):
            assert (machine.shop.folder / path).exists(), path
    assert "rebuilds 1 of 1 deliverable" in (machine.shop.folder / "plan.md").read_text()
    (line,) = told["default"]["before_script"]
    assert re.fullmatch(r'pip install --quiet "git\+\$VIDBUILD_REPOSITORY"', line)


@pytest.mark.slow
def test_any_shell_does_the_same(machine: Machine) -> None:
    """The film of the page passes its own tests."""
    (block,) = of("shell")
    done = machine.bash(block.text, CI="true")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 failed" in done.stdout
    assert (machine.shop.folder / "tests.xml").exists()


def test_hooks_that_are_named_are_there() -> None:
    """With the ids that pre-commit looks for."""
    (told,) = films("pre-commit")
    hooks = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert {hook["id"] for repo in told["repos"] for hook in repo["hooks"]} == hooks


def test_the_container_is_run_as_it_is_made() -> None:
    """The folders that are mounted, and the command, are those of the Dockerfile; it copies what the package needs."""
    (block,) = of("docker")
    file = (ROOT / "Dockerfile").read_text()
    mounted = {part.rpartition(":")[2] for part in re.findall(r'-v "([^"]+)"', block.text)}
    assert mounted == {
        re.findall(r"^WORKDIR (\S+)", file, re.MULTILINE)[-1],
        re.findall(r"VIDBUILD_STORE=(\S+)", file)[-1],
    }
    assert re.findall(r"^USER (\S+)", file, re.MULTILINE) == ["1000"]
    assert 'ENTRYPOINT ["vidbuild"]' in file
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[0] == "*"
    for name in ("pyproject.toml", "vidbuild", "schemas", "templates", "README.md", "LICENSE"):
        assert f"!{name}" in ignored
        assert (ROOT / name).exists()


def test_every_exit_code_is_told() -> None:
    """As the command's own page of help has them."""
    page = PAGE.read_text()
    rows = {int(code): said for code, said in re.findall(r"^\| (\d+) \| ([^|]+) \|$", page, re.MULTILINE)}
    for code, said in EXITS.items():
        assert rows[int(code)].startswith(said) if int(code) < 100 else f"{int(code)}" in page, code


def test_every_variable_that_is_told_of_is_read() -> None:
    """By vidbuild or by its scripts."""
    sources = "".join(path.read_text() for path in (*(ROOT / "vidbuild").rglob("*.py"), *(ROOT / "ci").iterdir()))
    for name in set(re.findall(r"\bVIDBUILD_[A-Z_]+\b", PAGE.read_text())) - {"VIDBUILD_REPOSITORY"}:
        assert name in sources, name


def test_links_lead_somewhere() -> None:
    """To pages, and to headings in them."""
    for target in re.findall(r"\]\((?!https)([^)]+)\)", PAGE.read_text()):
        path, _, heading = target.partition("#")
        text = (PAGE.parent / path).read_text()
        if heading:
            assert re.search(rf"^#+ .*{heading}", text, re.MULTILINE | re.IGNORECASE), target


def test_the_scripts_need_no_package() -> None:
    """GitHub's runners have Python alone."""
    argv = [sys.executable, "-S", "-c", f"import ast, sys; sys.path.insert(0, {str(ROOT / 'ci')!r}); import comment"]
    assert subprocess.run(argv, capture_output=True).returncode == 0
