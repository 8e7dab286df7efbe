"""`plan --against REF`: what is otherwise than at a git revision, by real git; the work tree is left alone."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from one_shot import TINY
from test_documents import mistakes

from vidbuild.revisions import Tree
from vidbuild.stores.lockfile import LockFile
from vidbuild.testing.shop import Shop

MODEL = "plain-keyed-video"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A project of two shots by a vendor and own footage, below a repository's top, in its first commit."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        shop.write("platforms/tiny.yaml", TINY)
        shop.write("platforms/small.yaml", TINY.replace("tiny", "small"))
        shop.film("own.mp4", 1)
        shots = [
            {"id": "pour", "duration_s": 1, "model": MODEL, "prompt": "a cup is poured"},
            {"id": "drink", "duration_s": 1, "model": MODEL, "prompt": "a glass is drunk"},
            {"id": "own", "file": "own.mp4"},
        ]
        outputs = ["tiny", {"platform": "small", "shots": ["drink", "own"]}]
        shop.project(vidbuild=1, name="one", fps=12, shots=shots, outputs=outputs)
        shop.write(".gitignore", "build/\n")
        git(shop, "init", "-q", ".")
        commit(shop)
        yield shop


def git(shop: Shop, *words: str) -> str:
    """Run git in the project, as somebody."""
    told = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    return subprocess.run(
        ["git", *told, *words], cwd=shop.folder, check=True, capture_output=True, text=True, timeout=60
    ).stdout


def commit(shop: Shop) -> None:
    git(shop, "add", "-A")
    git(shop, "commit", "-q", "-m", "so it was")


def against(shop: Shop, ref: str = "HEAD") -> dict[str, Any]:
    """Compare, and give what the plan's JSON says of it, which keeps to the schema."""
    plan = shop.plan("--against", ref)
    assert mistakes("plan", plan) == []
    told: dict[str, Any] = plan["against"]
    return told


def test_one_edit_is_told_with_its_price_and_its_reason(shop: Shop) -> None:
    """Of two shots bought one is bought again, of two films one changes; git sees nothing of it."""
    assert shop.build("--yes").status == "built"
    commit(shop)
    assert shop.plan("--against", "HEAD")["against"]["changed"] == []
    shop.edit("a cup is poured", "a jug is poured")
    before = (git(shop, "status", "--porcelain"), (shop.folder / ".git/index").read_bytes())
    told = against(shop)
    assert (told["shots"], told["rebuilt"], told["gone"]) == (["pour"], ["build/tiny.mp4"], [])
    assert told["cost_usd"]["high"] > told["cost_usd"]["low"] > 0
    assert told["rest"]["cost_usd"]["high"] == 0
    text = shop.run("plan", "--against", "HEAD", "--format", "markdown").stdout
    assert "to $" in text
    assert "regenerates 1 of 3 shots, rebuilds 1 of 2 deliverables**" in text
    assert "| `` Footage of `pour` `` | `prompt changed: a cup is poured" in text
    assert "| `build/tiny.mp4` | 2 pieces | `` `pour`: prompt changed" in text
    assert (git(shop, "status", "--porcelain"), (shop.folder / ".git/index").read_bytes()) == before
    assert shop.litter() == []
    shop.edit("a jug is poured", "a cup is poured")
    another_take_in_the_lock_is_told(shop)


@pytest.mark.slow
def test_what_follows_is_counted_once_it_is_bought_as_before(shop: Shop) -> None:
    """What continues the changed shot, and what shows a changed member, though its new take has equal bytes."""
    cast = {"ann": {"description": "a woman", "image": {"model": "plain-keyed-picture", "prompt": "a portrait"}}}
    bought = {"duration_s": 1, "model": MODEL}
    shots = [
        {"id": "pour", **bought, "prompt": "a cup is poured"},
        {"id": "drink", **bought, "prompt": "a glass is drunk", "init_image": "pour.last_frame"},
        {"id": "own", **bought, "prompt": "{{ cast.ann }} walks"},
        {"id": "sea", **bought, "prompt": "the sea"},
    ]
    shop.project(vidbuild=1, name="one", fps=12, shots=shots, outputs=["tiny"], cast=cast)
    shop.build("--yes")
    commit(shop)
    shop.edit("a cup is poured", "a jug is poured")
    shop.edit("a portrait", "a portrait, smiling")
    planned = against(shop)["shots"]
    count = shop.paid
    shop.build("--yes")
    assert shop.paid == count + 4
    shutil.rmtree(shop.store / "index")
    assert against(shop)["shots"] == planned == ["pour", "drink", "own"]
    shutil.rmtree(shop.store)
    assert against(shop)["shots"] == planned


def test_what_was_lacking_before_is_told_beside(shop: Shop) -> None:
    """Nothing was ever bought: the change costs one take, and the other is no part of it."""
    shop.edit("a cup is poured", "a jug is poured")
    told = against(shop)
    assert told["shots"] == ["pour"]
    assert told["cost_usd"] == told["rest"]["cost_usd"]
    text = shop.run("plan", "--against", "HEAD").stdout
    assert "beside the change, what HEAD lacks already: $" in text
    assert "make     Footage of `pour`  $" in text
    assert re.search(r"^\.\.\. and \d+ that follow from these$", text, re.MULTILINE)
    assert "Segment" not in text


def another_take_in_the_lock_is_told(shop: Shop) -> None:
    """Nobody changed a word: the lock names other bytes, and the film is another one. Nothing costs anything."""
    digest = next(bought for bought in LockFile(shop.lock).value.made_by)
    shop.write(shop.lock.name, shop.lock.read_text().replace(digest, digest[::-1]))
    told = against(shop)
    reasons = [why for row in told["changed"] for why in row["why"] if not why.startswith("it follows")]
    assert (len(told["shots"]), reasons) == (1, ["another take answers it"])
    assert "build/tiny.mp4" in told["rebuilt"]
    assert told["cost_usd"]["high"] == 0


def test_a_linked_work_tree_is_one(shop: Shop, tmp_path: Path) -> None:
    """Where `.git` is a file."""
    git(shop, "worktree", "add", "-q", str(tmp_path / "linked"))
    done = shop.run_bare("plan", "--against", "HEAD", str(tmp_path / "linked"))
    assert (done.returncode, "against HEAD: free, regenerates 0 of 3 shots" in done.stdout) == (0, True), done.stderr


def test_files_beside_the_projects_folder_are_read_as_they_were(shop: Shop) -> None:
    """What is included from the repository's top, in a project of a folder below it."""
    shop.write("brand.yaml", "vars: {what: a cup}\n")
    shots = [{"id": "a", "duration_s": 1, "model": "local/animatic", "prompt": "{{ what }} is poured"}]
    told = {"vidbuild": 1, "fps": 12, "include": ["../../brand.yaml"], "shots": shots, "outputs": ["web"]}
    shop.write("films/one/project.yaml", json.dumps(told))
    commit(shop)
    shop.write("brand.yaml", "vars: {what: a jug}\n")
    done = shop.run_bare("plan", "--against", "HEAD", "films/one")
    assert "prompt changed: a cup is poured -> a jug is poured" in done.stdout, done.stdout + done.stderr


def test_wording_changes_nothing(shop: Shop) -> None:
    """A note, and the order of keys."""
    shop.edit('"id": "drink",', '"note": "the hero", "id": "drink",')
    told = against(shop)
    assert (told["changed"], told["rebuilt"]) == ([], [])


def test_own_footage_and_a_new_output_are_told(shop: Shop) -> None:
    """Footage of other bytes, an output more, an output gone."""
    shop.film("own.mp4", 1, tone=880)
    shop.edit('"platform": "small",', '"platform": "small", "name": "other",')
    told = against(shop)
    assert (told["shots"], told["rebuilt"]) == ([], ["build/tiny.mp4", "build/other.mp4"])
    assert told["gone"] == ["build/small.mp4"]
    reasons = {why for row in told["changed"] for why in row["why"]}
    assert "the file it is made from changed (`own.mp4`)" in reasons


def test_large_footage_is_read_from_git(shop: Shop) -> None:
    """What is laid out as a hole gets its bytes when it is asked for: footage that stays is the same."""
    padding = (2 << 20).to_bytes(4, "big") + b"free" + bytes((2 << 20) - 8)
    shop.write("own.mp4", (shop.folder / "own.mp4").read_bytes() + padding)
    commit(shop)
    (shop.folder / "own.mp4").rename(shop.folder / "mine.mp4")
    shop.edit('"own.mp4"', '"mine.mp4"')
    assert against(shop)["rebuilt"] == []


def test_footage_in_git_lfs_is_read_where_it_is(shop: Shop) -> None:
    """By git's own filter; where that can't give it, it is said, and all counts as new."""
    kept = shop.folder.parent / "kept.mp4"
    kept.write_bytes((shop.folder / "own.mp4").read_bytes())
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
    shop.write(".gitattributes", "*.mp4 filter=lfs\n")
    git(shop, "config", "filter.lfs.clean", f"cat >/dev/null; printf '{pointer}'")
    git(shop, "config", "filter.lfs.smudge", f"cat >/dev/null; cat '{kept}'")
    git(shop, "add", "--renormalize", ".")
    commit(shop)
    assert git(shop, "show", "HEAD:own.mp4") == pointer
    assert against(shop)["changed"] == []
    git(shop, "config", "filter.lfs.smudge", "cat")
    told = against(shop)
    assert "is kept by Git LFS, and its bytes aren't here" in told["note"]
    assert told["shots"] == ["pour", "drink"]


@pytest.mark.slow
def test_footage_that_git_never_had_is_the_work_trees(shop: Shop) -> None:
    """As in a repository that ignores its footage; what the revision's lock names otherwise has changed since."""
    shop.write(".gitignore", "build/\n.vidbuild/\n*.mp4\n")
    git(shop, "rm", "-q", "--cached", "own.mp4")
    commit(shop)
    shop.edit('"name": "one"', '"name": "one", "brand": {"presets": {"big": {"like": "title"}}}')
    told = against(shop)
    assert (told["changed"], told["note"]) == ([], "")
    said = shop.run("plan", "--against", "HEAD").stdout
    assert "note: own.mp4 is neither in HEAD nor in its lock: the file that is here counts" in said
    assert shop.build("--yes").status == "built"
    commit(shop)
    shop.film("own.mp4", 1, tone=880)
    told = against(shop)
    assert told["rebuilt"] == ["build/tiny.mp4", "build/small.mp4"]
    assert {why for row in told["changed"] for why in row["why"] if not why.startswith("it follows")} == {
        "the file it is made from changed (`own.mp4`)"
    }
    assert "neither in HEAD" not in shop.run("plan", "--against", "HEAD").stdout
    shutil.rmtree(shop.store / "index")
    assert "`own.mp4` isn't in git, and was another file in HEAD" in against(shop)["note"]


def test_what_the_revision_has_no_output_or_shot_for_is_new(shop: Shop) -> None:
    """Asking for it is no mistake of today's."""
    shop.edit('"platform": "small",', '"platform": "small", "name": "other",')
    told = shop.plan("--against", "HEAD", "--output", "other")["against"]
    assert "so all counts as new: no output is called `other`" in told["note"]
    assert told["rebuilt"] == ["build/other.mp4"]


def test_of_a_large_tree_the_project_and_what_it_names_are_laid_out(shop: Shop, tmp_path: Path) -> None:
    """Through links, too; nothing else is written."""
    for name in ("films/one/project.yaml", "shared/looks/a.yaml", "brand.yaml", "rest/b.yaml", "rest/c/d.yaml"):
        shop.write(name, name)
    (shop.folder / "films/one/looks").symlink_to("../../shared/looks")
    (shop.folder / "films/one/out").symlink_to("../../..")
    commit(shop)
    (tmp_path / "laid").mkdir()
    tree = Tree(shop.folder, "HEAD", tmp_path / "laid")
    tree.lay_out(tree.folder / "films/one")
    assert files_of(tree.folder) == ["films/one/project.yaml", "shared/looks/a.yaml"]
    for name in ("films/one/../../brand.yaml", "films/one/looks/a.yaml", "films/one/../../../x", "/etc/hostname"):
        tree.lay_out(tree.folder / name)
    assert files_of(tree.folder) == ["brand.yaml", "films/one/project.yaml", "shared/looks/a.yaml"]
    assert (tree.folder / "brand.yaml").read_text() == "brand.yaml"


def files_of(folder: Path) -> list[str]:
    """List files, not links."""
    found = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sorted(path.relative_to(folder).as_posix() for path in found)


def test_a_pointer_in_the_place_of_footage_is_a_mistake(shop: Shop) -> None:
    """Of one film, and of an output with shots of its own."""
    shop.write("own.mp4", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")
    for _ in range(2):
        done = shop.run("plan")
        assert (done.returncode, done.stderr.count("`own.mp4` can't be read as a picture, video or sound")) == (2, 1)
        shop.project(vidbuild=1, name="one", fps=12, shots=[{"id": "own", "file": "own.mp4"}], outputs=["tiny"])


def test_a_revision_without_the_project_is_before_it(shop: Shop) -> None:
    """All is new; so it is where the revision's project is wrong."""
    git(shop, "mv", "project.yaml", "old.yaml")
    commit(shop)
    git(shop, "mv", "old.yaml", "project.yaml")
    told = against(shop)
    assert "`project.yaml` is not in HEAD" in told["note"]
    assert (len(told["shots"]), len(told["rebuilt"])) == (2, 2)
    commit(shop)
    shop.write("project.yaml", (shop.folder / "project.yaml").read_text().replace('"file"', '"flie"'))
    commit(shop)
    shop.edit('"flie"', '"file"')
    assert "HEAD can't be planned, so all counts as new: `flie`" in against(shop)["note"]


@pytest.mark.slow
def test_reasons_are_the_authors_own_in_every_language(shop: Shop) -> None:
    """One language's line is another one: its film changes, by that line, and not by what only moves with it."""
    shop.write("platforms/tiny.yaml", TINY)
    said = {"en": "Fresh every morning.", "de": "Jeden Morgen frisch."}
    by = {"cast": {"anna": {"voice": {"model": "local/voice", "id": "en+f3"}}}}
    serve = {"id": "serve", "duration_s": "auto", "model": "local/animatic", "prompt": "a cup"}
    shots = [{**serve, "say": {"by": "anna", "text": said}}, {**serve, "id": "end", "duration_s": 1}]
    shots[1]["init_image"] = "serve.last_frame"
    shop.project(vidbuild=1, fps=12, languages=["en", "de"], shots=shots, outputs=["tiny"], **by)
    shop.build()
    commit(shop)
    shop.edit("Jeden Morgen frisch.", "Jeden Abend ganz frisch.")
    shop.build()
    assert against(shop)["rebuilt"] == ["build/de/tiny.mp4"]
    (row,) = re.findall(
        r"\| `build/de/tiny.mp4` \| (.*) \|", shop.run("plan", "--against", "HEAD", "--format", "markdown").stdout
    )
    assert row.startswith("3 pieces | ")
    assert "spoken changed: Jeden Morgen frisch. -> Jeden Abend ganz frisch." in row
    assert "around" not in row


def test_a_revision_that_is_none_is_refused(shop: Shop) -> None:
    """Whatever it looks like."""
    for ref in ("nowhere", "--help", "HEAD:project.yaml", ""):
        done = shop.run("plan", f"--against={ref}")
        assert (done.returncode, done.stdout) == (2, "")
        assert f"git knows no revision `{ref}` here, and no file is called so" in done.stderr


def test_what_leads_out_of_the_revision_is_refused(shop: Shop) -> None:
    """A link of its tree to a file of the machine is not followed."""
    secret = shop.folder.parent / "secret.yaml"
    secret.write_text("vars: {a: b}\n")
    (shop.folder / "more.yaml").symlink_to(secret)
    shop.edit('"name": "one"', '"name": "one", "include": ["more.yaml"]')
    commit(shop)
    shop.edit(', "include": ["more.yaml"]', "")
    assert "is a link that leads out of the project" in against(shop)["note"]


def test_the_comment_of_a_project_is_known_by_its_first_line(shop: Shop) -> None:
    """Whatever the plan says, and with a name that would end it."""
    shop.edit('"name": "one"', '"name": "one --> <b>"')
    first = shop.run("plan", "--format", "markdown").stdout.splitlines()[0]
    shop.edit("a cup is poured", "a jug is poured")
    again = shop.run("plan", "--format", "markdown", "--against", "HEAD").stdout.splitlines()[0]
    assert first == again == "<!-- vidbuild plan: one &#45;&#45;&#62; &#60;b&#62; -->"


def test_without_git_there_is_no_revision(tmp_path: Path) -> None:
    """It is said in a sentence."""
    with Shop(tmp_path / "shop") as shop:
        shop.project(vidbuild=1, name="one", shots=[{"id": "a", "duration_s": 1, "card": {"title": "A"}}])
        done = shop.run("plan", "--against", "HEAD")
    assert (done.returncode, "is in no git work tree" in done.stderr) == (2, True)
