"""Reads a page's fenced blocks and does what they say: writes files, checks projects, runs commands.

What stands behind the language of a block says what it is:

- `yaml file=PATH`, `json file=PATH`: a file of the page's project; `diff file=PATH`: an edit of one.
- `yaml`: a project, or a part of one, which gets a shot where it has none; it must be checked without mistakes.
  `yaml wrong="WORDS"`: it must be refused with these words.
- `sh`: commands, one a line, each of which must succeed; a comment `# exit 6` says otherwise. `sh norun: WHY`: not run.
- `text`: what the last command printed, among other lines; `...` stands for anything. Not compared if that wasn't run.
- without a language: a drawing.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from vidbuild import packaged
from vidbuild.share import PACKAGE
from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import run_ffmpeg

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^( *)```(\w*) *(.*?)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"[\w./-]+\.(png|jpg|mp4|mov|wav|mp3|ttf|otf)\b")
_EXIT = re.compile(r"# exit (\d+)")
_SHOT = "shots: [{id: harbour, duration_s: 4, prompt: a harbour at dawn}]\n"
_FREE = frozenset({"check", "plan", "show", "models", "platforms", "styles", "schema", "init", "trust", "doctor"})
"""Commands that make nothing."""


@cache
def stand_in(suffix: str, colour: str = "orange") -> bytes:
    """Give a small file of a kind: a picture, a font, twelve seconds of film or sound."""
    if suffix in ("ttf", "otf"):
        return (PACKAGE / "fonts/NotoSans-Regular.ttf").read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"stand-in.{suffix}")
        if suffix in ("png", "jpg"):
            Image.new("RGB", (320, 180), colour).save(path)
        else:
            sound = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-t", "12"]
            picture = ["-f", "lavfi", "-i", f"color={colour}:size=64x36:rate=24"] if suffix in ("mp4", "mov") else []
            run_ffmpeg([*picture, *sound, "-preset", "ultrafast", "-fflags", "+bitexact", str(path)])
        return path.read_bytes()


class Block(NamedTuple):
    """A fenced block: where it stands, its language, what is said of it, what is in it."""

    page: str
    line: int
    language: str
    said: str
    text: str


def blocks(page: Path) -> Iterator[Block]:
    """Give the fenced blocks of a page, in order."""
    whole = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(whole):
        indent, language, said, text = found.groups()
        plain = "".join(line.removeprefix(indent) for line in text.splitlines(keepends=True))
        yield Block(page.name, whole.count("\n", 0, found.start()) + 1, language, said.strip(), plain)


class Reader:
    """Somebody who does what a page says, with the keys of every vendor, who are doubles on loopback.

    Args:
        is_hasty: nothing is built, and what other programs then miss is passed over.
    """

    def __init__(self, shop: Shop, is_hasty: bool = False):
        self._shop, self._is_hasty = shop, is_hasty
        self._home = self._place = shop.folder
        self._printed: str | None = ""
        self._tried = 0
        keys = {key: "a-key" for provider in packaged.catalog().providers.values() for key in provider.variables}
        shop.environ = {**keys, **shop.environ, "HOME": str(shop.folder.parent / "home")}
        Path(shop.environ["HOME"]).mkdir(parents=True, exist_ok=True)

    def does(self, block: Block) -> None:
        """Do what a block says."""
        where = f"{block.page}:{block.line}"
        name = re.search(r"file=(\S+)", block.said)
        if block.language in ("yaml", "json") and name:
            target = self._place / name[1]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
            self._bring_files(self._place, block.text)
        elif block.language == "diff":
            assert name, f"{where}: of which file?"
            self._edit(self._place / name[1], block.text, where)
        elif block.language in ("yaml", "json"):
            self._try(block, where)
        elif block.language == "sh":
            if not block.said.startswith("norun"):
                self._run_all(block.text, where)
        elif block.language == "text":
            self._compare(block.text, where)
        elif block.language:
            raise AssertionError(f"{where}: what is a block of `{block.language}`?")

    def _edit(self, file: Path, text: str, where: str) -> None:
        lines = text.splitlines(keepends=True)
        old = "".join(line[1:] for line in lines if line[0] in " -")
        new = "".join(line[1:] for line in lines if line[0] in " +")
        whole = file.read_text(encoding="utf-8")
        assert whole.count(old) == 1, f"{where}: what it changes stands {whole.count(old)} times in {file.name}"
        file.write_text(whole.replace(old, new), encoding="utf-8")
        self._bring_files(file.parent, text)

    def _try(self, block: Block, where: str) -> None:
        """Check a project, or a part of one, in a folder of its own."""
        self._tried += 1
        folder = self._home.parent / f"part-{self._tried}"
        shutil.copytree(self._home, folder, ignore=shutil.ignore_patterns("build", ".vidbuild", ".git", "*.lock"))
        text = block.text
        if text.startswith("- "):
            text = "shots:\n" + text
        if block.language == "yaml":
            text += "" if re.search(r"^shots:", text, re.MULTILINE) else _SHOT
            text = ("" if re.search(r"^vidbuild:", text, re.MULTILINE) else "vidbuild: 1\n") + text
        (folder / "project.yaml").write_text(text, encoding="utf-8")
        self._bring_files(folder, text)
        wrong = re.search(r'wrong="(.*?)"', block.said)
        code, told = self._vidbuild(folder, ["check"], {"VIDBUILD_REMOTE": ""})
        if wrong:
            assert (code, wrong[1] in told) == (2, True), f"{where}: {told}"
        else:
            assert code == 0, f"{where}: {told}"

    def _bring_files(self, folder: Path, text: str) -> None:
        """Make the pictures, films and sounds that a text names, where they aren't there."""
        for found in _FILE.finditer(text):
            path = folder / found[0]
            if path.exists() or not path.resolve().is_relative_to(folder.resolve()) or "://" in found[0]:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(stand_in(found[1]))

    def _run_all(self, text: str, where: str) -> None:
        for line in text.replace("\\\n", " ").splitlines():
            if line.strip() and not line.lstrip().startswith("#"):
                for part in line.split(" && "):
                    self._run(part.strip(), where)

    def _run(self, line: str, where: str) -> None:
        ends = int(found[1]) if (found := _EXIT.search(line)) else 0
        words = shlex.split(line, comments=True)
        given = {}
        while words and re.fullmatch(r"\w+=.*", words[0]):
            name, _, value = words.pop(0).partition("=")
            given[name] = self._filled(value)
        words = [self._filled(word) for word in words]
        if words[:1] == ["cd"]:
            place = (self._place / words[1]).resolve()
            self._place = self._place if self._is_hasty and not place.is_dir() else place
        elif words[:1] == ["export"]:
            told = dict(word.split("=", 1) for word in words[1:])
            self._shop.environ |= {name: value for name, value in told.items() if "..." not in value}
        elif words[:1] == ["vidbuild"]:
            if self._is_hasty and words[1] not in _FREE:
                self._printed = None
                return
            code, self._printed = self._vidbuild(self._place, words[1:], given)
            assert code == ends, f"{where}: `{line}` ends with {code}: {self._printed}"
        else:
            environ = {**self._shop.environ, "PATH": os.environ["PATH"], **given}
            argv = ["bash", "-c", line]
            ran = subprocess.run(argv, cwd=self._place, env=environ, text=True, capture_output=True, timeout=60)
            assert self._is_hasty or ran.returncode == ends, (
                f"{where}: `{line}` ends with {ran.returncode}: {ran.stderr}"
            )
            self._printed = ran.stdout + ran.stderr if ran.returncode == ends else None

    def _filled(self, word: str) -> str:
        """Put variables in, as a shell would."""
        return re.sub(r"\$(\w+)", lambda found: self._shop.environ.get(found[1], ""), word.replace("~/", "$HOME/"))

    def _vidbuild(self, folder: Path, words: list[str], given: dict[str, str]) -> tuple[int, str]:
        self._shop.folder = folder
        kept, self._shop.environ = self._shop.environ, {**self._shop.environ, **given}
        try:
            ran = self._shop.run_bare(*words)
        finally:
            self._shop.environ = kept
        return ran.returncode, ran.stdout + ran.stderr

    def _compare(self, text: str, where: str) -> None:
        if self._printed is None:
            return
        printed = [" ".join(line.split()) for line in self._printed.splitlines()]
        for line in text.splitlines():
            wanted = ".*".join(re.escape(part) for part in " ".join(line.split()).split("..."))
            assert any(re.fullmatch(wanted, said) for said in printed), f"{where}: `{line}` isn't in\n{self._printed}"


def read(page: Path, folder: Path, is_hasty: bool = False) -> None:
    """Do all that a page says."""
    with Shop(folder) as shop:
        shop.patience_s = 600.0
        reader = Reader(shop, is_hasty)
        for block in blocks(page):
            reader.does(block)
