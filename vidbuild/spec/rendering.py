"""What of a tree is a template, which names it sees, and what its errors say.

Leaf texts with `{{` or `{%` are rendered once, in place; `when` is judged; values are never rendered again.
It hands jobs to `template` and knows no process.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from vidbuild.spec.cast import description_of, members_in
from vidbuild.spec.outline import Entry
from vidbuild.spec.reader import CONTROL
from vidbuild.spec.template import Answer, Job
from vidbuild.spec.tree import Node, Style, leaves, plain
from vidbuild.words.errors import Mark, Problem
from vidbuild.words.names import MOST_HINTS, did_you_mean

Render = Callable[[Sequence[Job]], list[Answer]]
OWN_NAMES = ("vars", "cast", "brand", "shot", "project", "output", "t", "row")
_NEVER = frozenset({"vars", "include", "note", "when", "vidbuild", "shots"})
_WHOLE = re.compile(r"\{\{((?!\}\}).)*\}\}\Z", re.DOTALL)
_NOTHING = "without `vidbuild: 1` nothing is a template"
_BRACES = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_SPOKEN = {
    **dict.fromkeys(("no", "off", "n", "never"), "write `false`"),
    **dict.fromkeys(("yes", "on", "y", "always"), "write `true`"),
}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def names_of(root: Node, columns: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Give the names that every template of a project sees.

    Args:
        columns: those of the variant, by name: its `language`, its strings (`t`).
    """
    written = root.get("vars")
    given = plain(written) if written is not None and type(written.value) is dict else {}
    assert isinstance(given, dict)
    project = {key: _literal(root.get(key)) for key in ("name", "fps", "aspect")}
    known = {key: value for key, value in project.items() if value is not None}
    return {**given, "vars": given, "project": known, **(columns or {})}


def refused_names(root: Node, columns: Collection[str] = ()) -> list[Problem]:
    """Tell variables whose names templates can't say, or know otherwise."""
    written, told = root.get("vars"), []
    for key, node in written.entries().items() if written else ():
        if key in OWN_NAMES or key in columns:
            told.append(Problem(node.key_mark, f"`{key}` is a name that templates have of their own"))
        elif not _NAME.match(key):
            hint = "a variable's name is letters, digits and `_`, and starts with no digit"
            told.append(Problem(node.key_mark, f"templates can't say `{key}`", hint=hint))
    return told


def unrendered(root: Node, entries: Sequence[Entry]) -> list[Problem]:
    """Tell what a storyboard holds as if it were templated: variables that nothing asks for, else texts."""
    given, style, outputs = root.get("vars"), root.get("style"), root.get("outputs")
    owners = [*(each.node for each in entries), *(outputs.members() if outputs else ())]
    asks = any((when := owner.get("when")) is not None and type(when.value) is str for owner in owners)
    is_own = given is not None and given.key_mark.file == root.file
    if given is not None and is_own and given.entries() and not asks and not (style and style.has("template")):
        return [Problem(given.key_mark, f"`vars` has no effect: {_NOTHING}", hint="begin the file with `vidbuild: 1`")]
    found: list[Node] = []
    for owner in (root, *(each.node for each in entries)):
        for key, child in owner.entries().items():
            found += _templates(child) if key not in _NEVER else ()
    first = {leaf.file: leaf for leaf in sorted(found, key=lambda leaf: (leaf.line, leaf.column), reverse=True)}
    return [_stands(leaf) for leaf in first.values()]


def _stands(leaf: Node) -> Problem:
    """Warn of braces that nobody renders."""
    found = _BRACES.search(str(leaf.value))
    what = found[0] if found and len(found[0]) <= 40 else str(leaf.value)[:40]
    hint = "begin the file with `vidbuild: 1` if it is a template"
    return Problem(leaf.mark, f"`{what}` stands as it is: {_NOTHING}", (), hint, True)


class Rendering:
    """One tree's templates, rendered in place."""

    def __init__(
        self,
        root: Node,
        entries: tuple[Entry, ...],
        sources: Mapping[str, str],
        columns: Mapping[str, Any] | None = None,
    ):
        self.root = root
        self.entries = entries
        self.sources = sources
        self.names = names_of(root, columns)
        self.problems: list[Problem] = []
        self.mentioned: dict[int, tuple[str, ...]] = {}
        """The members that a text names, by the text's node."""
        self._rows: dict[str, list[str]] = {}

    def judge(self, render: Render, owners: Iterable[tuple[Node, Mapping[str, Any]]]) -> dict[int, bool]:
        """Judge every `when`: give by the owner's node whether it takes part."""
        asked: list[tuple[Node, Node, Job]] = []
        stands: dict[int, bool] = {}
        for owner, names in owners:
            node = owner.get("when")
            if node is not None and type(node.value) is bool:
                stands[id(owner)] = node.value
            elif node is not None and type(node.value) is str and not self._is_braced(node):
                asked.append((owner, node, Job("when", node.value, names)))
        for (owner, node, job), answer in zip(asked, render([job for *_, job in asked]), strict=True):
            stands[id(owner)] = answer.value
            if answer.error:
                stands[id(owner)] = True
                self._tell(node, job, answer)
        return stands

    def _is_braced(self, node: Node) -> bool:
        if not isinstance(node.value, str) or "{{" not in node.value:
            return False
        hint = "write `when: launch == 'yes'`"
        self.problems.append(Problem(node.mark, "`when` is a bare expression, without braces", hint=hint))
        node.spoil()
        return True

    def render(self, render: Render, muted: set[Entry]) -> None:
        """Render every leaf in place, the cast's words first; mistakes in muted entries are passed over."""
        members = members_in(self.root)
        asked = [ask for member in members.values() for ask in _asked(member, {}, {"image"})]
        self._render(render, asked)
        words = {name: description_of(member) or name for name, member in members.items()}
        self.names["cast"] = words
        asked = []
        for name, member in members.items():
            asked += _asked(member, {"description": words[name]}, set(member.entries()) - {"image"})
        for owner, names, is_muted in self._owners(muted):
            asked += _asked(owner, names, _NEVER if owner is not self.root else _NEVER | {"cast"}, is_muted)
        if words and asked:
            render([Job("cast", "", words)])
        self._render(render, asked)

    def _render(self, render: Render, asked: list[tuple[Node, Job, bool]]) -> None:
        for (leaf, job, is_muted), answer in zip(asked, render([job for _, job, _ in asked]), strict=True):
            if answer.error is None and CONTROL.search(answer.text):
                self.problems.append(Problem(leaf.mark, "this template gives a control character", hint="remove it"))
                leaf.spoil()
            elif answer.error is None:
                leaf.style = Style.COMPUTED if _WHOLE.match(job.text.strip()) else Style.RENDERED
                leaf.value = answer.text
                if answer.cast:
                    self.mentioned[id(leaf)] = answer.cast
            else:
                if not is_muted:
                    self._tell(leaf, job, answer)
                leaf.spoil()

    def _owners(self, muted: set[Entry]) -> list[tuple[Node, Mapping[str, Any], bool]]:
        return [(self.root, {}, False)] + [(each.node, shot_names(each), each in muted) for each in self.entries]

    def _tell(self, leaf: Node, job: Job, answer: Answer) -> None:
        if answer.error != "skipped":
            known = [*self.names, *self.names["vars"], *job.names, *(job.names.get("shot") or ())]
            known = list(self.names.get("cast", ())) if _is_cast(answer) else known
            self.problems.append(self.problem(leaf, answer, known, job.kind))
        leaf.spoil()

    def problem(self, leaf: Node, answer: Answer, known: Iterable[str], kind: str) -> Problem:
        """Put a template's error into words, at the line that it is in."""
        mark = self._place(leaf, answer)
        if answer.error == "undefined" and answer.name:
            what = "has no" if answer.attribute else "is not defined"
            sentence = f"nothing here has `{answer.name}`" if answer.attribute else f"`{answer.name}` {what}"
            if answer.attribute and re.search(rf"\bt\.(\w+\.)*{re.escape(answer.name)}\b", str(leaf.value)):
                language = str(self.names.get("language"))
                hint = f"write it in `strings/{language}.yaml`"
                return Problem(mark, f"the string `{answer.name}` is missing in `{language}`", hint=hint)
            if _is_cast(answer):
                return Problem(mark, f"nobody in `cast` is called `{answer.name}`", hint=_member(answer.name, known))
            if kind == "when" and (spoken := _SPOKEN.get(str(leaf.value).strip().lower())):
                return Problem(mark, sentence, hint=spoken)
            near = did_you_mean(answer.name, known) if len(self.problems) < MOST_HINTS else None
            near = f"write `cast.{answer.name}`" if answer.name in self.names.get("cast", ()) else near
            return Problem(mark, sentence, hint=near or _ways(answer))
        if answer.error == "odd":
            hint = "compare it, like `launch == 'yes'`"
            return Problem(mark, f'`when` must be true or false, and gives "{answer.message}"', hint=hint)
        if answer.error == "limit":
            return Problem(mark, f"this template {answer.message}")
        if answer.error == "syntax":
            return Problem(mark, f"this template can't be read: {answer.message.rstrip('.')}")
        return Problem(mark, f"this template fails: {answer.message.rstrip('.')}")

    def _place(self, leaf: Node, answer: Answer) -> Mark:
        """Find the line inside a block of text, and the undefined name in it."""
        if leaf.file not in self._rows:
            self._rows[leaf.file] = self.sources.get(leaf.file, "").splitlines()
        rows = self._rows[leaf.file]
        line, start = leaf.line, leaf.column - 1
        if leaf.style is Style.LITERAL:
            line, start = leaf.line + answer.line, 0
        if not 1 <= line <= len(rows):
            return leaf.mark
        row = rows[line - 1]
        if answer.name and (found := re.compile(rf"\b{re.escape(answer.name)}\b").search(row, start)):
            return Mark(leaf.file, line, found.start() + 1)
        return Mark(leaf.file, line, max(start, len(row) - len(row.lstrip())) + 1)


def shot_names(entry: Entry) -> Mapping[str, Any]:
    """Give what a shot's templates see of the shot itself."""
    if entry.is_group:
        return {}
    seen = {key: _literal(entry.node.get(key)) for key in ("duration_s", "title", "seed")}
    seen["id"] = None if is_template(str(entry.id)) else entry.id
    return {"shot": {key: value for key, value in seen.items() if value is not None}}


def _asked(
    owner: Node, names: Mapping[str, Any], never: Collection[str], is_muted: bool = False
) -> list[tuple[Node, Job, bool]]:
    """List the templates of an owner, but for some of its keys."""
    return [
        (leaf, Job("text", str(leaf.value), names), is_muted)
        for key, child in owner.entries().items()
        if key not in never
        for leaf in _templates(child)
    ]


def _templates(node: Node) -> list[Node]:
    return [leaf for leaf in leaves(node) if not leaf.is_broken and is_template(str(leaf.value))]


def is_template(text: str) -> bool:
    """Say whether a text holds anything for templates to do."""
    return "{{" in text or "{%" in text


def _literal(node: Node | None) -> object:
    """Give a scalar as it is written, unless it is a template itself."""
    if node is None or isinstance(node.value, (list, dict)):
        return None
    return None if isinstance(node.value, str) and is_template(node.value) else node.value


def _is_cast(answer: Answer) -> bool:
    """Say whether a member of the cast was looked for in vain."""
    return answer.attribute and ".Cast object" in answer.message


def _member(name: str, known: Iterable[str]) -> str:
    """Give the hint for a member that was looked for in vain; a name with `-` is no word of templates."""
    dashed = next((each for each in known if each.startswith(f"{name}-")), None)
    if dashed is not None:
        return f"write `cast['{dashed}']`"
    return did_you_mean(name, known) or "define it under `cast`"


def _ways(answer: Answer) -> str:
    return "define it under `vars`" if not answer.attribute else "add it where it is looked for"
