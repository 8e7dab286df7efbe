"""`styles`: the looks that a project can name, packaged and its own, with their parameters and a sample of each."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from vidbuild import packaged
from vidbuild.console import say
from vidbuild.settings import Settings
from vidbuild.spec.files import confined, root_of, taken
from vidbuild.spec.inherit import folded
from vidbuild.spec.reader import MOST_BYTES, decode
from vidbuild.spec.template import Job, Templates
from vidbuild.words.errors import Exit, SpecError, clean

WIDTH = 100
MOST_NEEDED = 40
PATIENCE_S = 2.0
_SAID = re.compile(r"\{#-?\s*(.*?)\s*-?#\}", re.DOTALL)


@dataclass(frozen=True)
class Style:
    """A style as it is listed.

    Args:
        name: as `style.template` names it.
        said: its own first words: a comment at its top.
        parameters: all that `with` may give.
        needs: those that must be given.
        sample: what it gives without any, what must be given in angle brackets.
        error: why it can't be used; empty where it can.
    """

    name: str
    is_own: bool
    said: str = ""
    parameters: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    sample: str = ""
    error: str = ""


def run(settings: Settings, as_json: bool) -> int:
    """List packaged styles and those of the project's `styles` folder."""
    found = [_sampled(name, text, is_own, wrong) for name, text, is_own, wrong in _texts(settings)]
    if as_json:
        say(json.dumps({"vidbuild_styles": 1, "styles": [asdict(style) for style in found]}))
        return Exit.BUILT
    for style in found:
        for line in _lines(style):
            say(clean(line))
    return Exit.BUILT


def _texts(settings: Settings) -> Iterator[tuple[str, str, bool, str]]:
    """Give each style's name and text; of the project's own, why one can't be read."""
    for name, path in packaged.styles().items():
        yield name, path.read_text(encoding="utf-8"), False, ""
    folder = settings.home / "styles"
    for file in sorted(folder.glob("*.j2")) if folder.is_dir() else ():
        name = f"styles/{file.name}"
        try:
            data = taken(confined(root_of(settings.file), settings.home, name), MOST_BYTES)
            text, problems = decode(data, name)
            yield name, text, True, problems[0].sentence if problems else ""
        except SpecError as error:
            yield name, "", True, error.problems[0].sentence
        except OSError as error:
            yield name, "", True, f"it can't be read: {error.strerror or error}"


def _sampled(name: str, text: str, is_own: bool, wrong: str) -> Style:
    """Render a style with nothing but what it can't do without, in a child of its own."""
    said = _SAID.match(text.lstrip())
    words = folded(said[1]) if said else ""
    needs: dict[str, str] = {}
    with Templates({}, PATIENCE_S) as templates:
        while not wrong:
            (answer,) = templates.render([Job("style", text, needs)])
            if answer.error is None:
                return Style(name, is_own, words, answer.names, tuple(needs), folded(answer.text))
            if answer.error != "undefined" or answer.attribute or not answer.name or len(needs) >= MOST_NEEDED:
                wrong = f"it can't be rendered: {answer.message.rstrip('.')}"
            else:
                needs[answer.name] = f"<{answer.name}>"
    return Style(name, is_own, words, error=wrong)


def _lines(style: Style) -> Iterator[str]:
    own = "  (this project's own)" if style.is_own else ""
    yield f"{style.name}{own}"
    told = [style.said, f"error: {style.error}" if style.error else f"parameters: {_listed(style)}", style.sample]
    for text in filter(None, told):
        yield from textwrap.wrap(text, WIDTH, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False)


def _listed(style: Style) -> str:
    named = (f"{name} (needed)" if name in style.needs else name for name in style.parameters)
    return ", ".join(named) or "none"
