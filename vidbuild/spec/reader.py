"""Text -> nodes with places: YAML 1.2 read strictly from libyaml's events, without recursion.

Bounded in size, depth, nodes and aliases; nothing is resolved but plain scalars. JSON is YAML here.
It knows no key of the language; what a syntax error probably means is in `syntax`.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import Any

import yaml

from vidbuild.spec import scalars, syntax
from vidbuild.spec.tree import Node, Style
from vidbuild.words.errors import Mark, Problem

MISSED = "\0"
"""Stands in a mapping, broken, for keys that could not be read; no text of an author equals it."""
EMPTY = "the file is empty"
MOST_BYTES = 16 * 2**20
MOST_DEPTH = 60
MOST_NODES = 2_000_000
MOST_ALIASED = 100_000
_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STYLES = {None: Style.PLAIN, "": Style.PLAIN, "|": Style.LITERAL, ">": Style.FOLDED}
CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_COMMENT = re.compile(r"[ \t]*#")
_ENDS_KEY = re.compile(r"[\"']{0,2}[ \t]*:")
_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


@dataclass(frozen=True)
class Reading:
    """What was read: the root, or `None` where the text has no readable root."""

    root: Node | None
    problems: tuple[Problem, ...] = ()


def decode(data: bytes, file: str) -> tuple[str, tuple[Problem, ...]]:
    """Give the text of a file's bytes, with a problem where they are not UTF-8 or too many."""
    if len(data) > MOST_BYTES:
        return "", (_whole(file, f"the file is larger than {MOST_BYTES // 2**20} MB"),)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "", (_whole(file, "the file is UTF-16, not UTF-8", "save it as UTF-8"),)
    try:
        return data.decode("utf-8").removeprefix("\ufeff"), ()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8").removeprefix("\ufeff")
        text = data.decode("utf-8", "replace").removeprefix("\ufeff")
        mark = _mark_at(file, before, len(before))
        return text, (Problem(mark, f"byte 0x{data[error.start]:02x} is not UTF-8", hint="save the file as UTF-8"),)


def read(text: str, file: str) -> Reading:
    """Read one document; every mistake is a problem, none an exception."""
    text = text.removeprefix("\ufeff")
    if len(text) > MOST_BYTES:
        return Reading(None, (_whole(file, f"the file is larger than {MOST_BYTES // 2**20} MB"),))
    if found := CONTROL.search(text):
        mark = _mark_at(file, text, found.start())
        sentence = f"the control character U+{ord(found[0]):04X} can't stand in a project"
        return Reading(None, (Problem(mark, sentence, hint="remove it"),))
    return _Document(in_yaml(text), file).read()


def in_yaml(text: str) -> str:
    """Write what JSON may hold and YAML can't: one character in two escapes."""
    return _PAIR.sub(_joined, text) if text.lstrip()[:1] in ("{", "[") else text


def _joined(pair: re.Match[str]) -> str:
    """Write JSON's two halves of one character as YAML's one escape."""
    high, low = int(pair[2], 16), int(pair[3], 16)
    return f"{pair[1]}\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"


def _whole(file: str, sentence: str, hint: str | None = None) -> Problem:
    return Problem(Mark(file, 1, 1), sentence, hint=hint)


def _mark_at(file: str, text: str, index: int) -> Mark:
    rows = text[:index].splitlines(keepends=True)
    if not rows or rows[-1].endswith(("\n", "\r")):
        rows.append("")
    return Mark(file, len(rows), len(rows[-1]) + 1)


class _TooMuch(Exception):
    """A bound is passed; the problem is told, reading ends."""


class _Frame:
    """A list or mapping that is still open."""

    __slots__ = ("anchor", "counted", "height", "is_key", "key", "node")

    def __init__(self, node: Node, anchor: str | None, counted: int, is_key: bool):
        self.node = node
        self.anchor = anchor
        self.counted = counted
        self.height = 1
        self.is_key = is_key
        self.key: Node | None = None


class _Document:
    """The state of one reading: open frames, anchors, what was counted, problems."""

    def __init__(self, text: str, file: str):
        self.text = text
        self.file = sys.intern(file)
        self.problems: list[Problem] = []
        self.stack: list[_Frame] = []
        self.anchors: dict[str, tuple[Node, int, int]] = {}
        self.root: Node | None = None
        self.documents = 0
        self.nodes = 0
        self.aliased = 0
        self.rows = text.splitlines()
        self.has_comments = "#" in text

    def read(self) -> Reading:
        parser = _PARSER(self.text)
        try:
            self._follow(parser)
        except _TooMuch:
            return Reading(None, tuple(self.problems))
        except yaml.YAMLError as error:
            told = syntax.explained(error, self.rows, self.file)
            if not any(told.mark and known.mark and told.mark.line == known.mark.line for known in self.problems):
                self.problems.append(told)
            return Reading(None, tuple(self.problems))
        finally:
            parser.dispose()
        if self.root is None and not self.problems:
            self.problems.append(_whole(self.file, EMPTY))
        return Reading(self.root, tuple(self.problems))

    def _follow(self, parser: Any) -> None:
        """Take events until the stream ends."""
        while True:
            event = parser.get_event()
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._scalar(event)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                self._open(event, {} if kind is yaml.MappingStartEvent else [])
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self._close()
            elif kind is yaml.AliasEvent:
                self._alias(event)
            elif kind is yaml.DocumentStartEvent:
                self._document(event)
            elif kind is yaml.StreamEndEvent:
                return

    def _document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            self._tell(event.start_mark, "a project is one document; a second one begins here", "remove the `---`")
            raise _TooMuch

    def _tell(self, mark: Any, sentence: str, hint: str | None = None, warning: bool = False) -> None:
        place = Mark(self.file, mark.line + 1, mark.column + 1)
        self.problems.append(Problem(place, sentence, hint=hint, warning=warning))

    def _count(self, mark: Any, more: int = 1) -> None:
        self.nodes += more
        if self.nodes > MOST_NODES:
            self._tell(mark, f"the file holds more than {MOST_NODES:,} values".replace(",", " "))
            raise _TooMuch

    def _scalar(self, event: Any) -> None:
        start = event.start_mark
        node = Node(event.value, _STYLES.get(event.style, Style.QUOTED), self.file, start.line + 1, start.column + 1)
        self._count(start)
        if event.tag is not None:
            self._refuse_tag(event)
        if node.style is Style.PLAIN:
            self._settle(node, event)
        elif CONTROL.search(event.value):
            self._tell(start, "an escape in this text gives a control character", "remove it")
            node.spoil()
        if event.anchor is not None:
            self._anchor(event, node, 1, 1)
        self._place(node)

    def _settle(self, node: Node, event: Any) -> None:
        """Resolve a plain scalar's value, and see what its writing did to it."""
        if self._awaits_key():
            return
        end = event.end_mark
        if not event.value:
            node.style = self._emptiness(event)
        elif self.has_comments and _COMMENT.match(self._row(end.line), end.column):
            node.style = Style.CUT
        try:
            node.value = scalars.resolve(event.value)
        except scalars.BadScalar as error:
            self._tell(event.start_mark, f"`{event.value[:40]}` can't be used: {error}")
            node.spoil()

    def _row(self, line: int) -> str:
        return self.rows[line] if line < len(self.rows) else ""

    def _emptiness(self, event: Any) -> Style:
        """Say why a value is empty: no colon in a flow mapping, or a `#` that makes it a comment."""
        top, start = (self.stack[-1] if self.stack else None), event.start_mark
        row, at = self._row(start.line), start.column
        if top and top.node.style is Style.FLOW and top.key is not None and type(top.key.value) is str:
            row = self._row(top.key.line - 1)
            colon = _ENDS_KEY.match(row, top.key.column - 1 + len(top.key.value))
            if colon is None:
                return Style.BARE
            at = colon.end()
        return Style.HASHED if _COMMENT.match(row, at) else Style.EMPTY

    def _refuse_tag(self, event: Any) -> None:
        tag = event.tag.replace("tag:yaml.org,2002:", "!!")
        self._tell(
            event.start_mark,
            f"the tag `{tag}` can't be used",
            "write the value without a tag, texts in quotes",
        )

    def _open(self, event: Any, value: list[Node] | dict[str, Node]) -> None:
        start = event.start_mark
        style = Style.FLOW if event.flow_style else Style.BLOCK
        node = Node(value, style, self.file, start.line + 1, start.column + 1)
        self._count(start)
        if event.tag is not None:
            self._refuse_tag(event)
        is_key = self._awaits_key()
        if is_key:
            self._refuse_key(event)
        self.stack.append(_Frame(node, event.anchor, self.nodes, is_key))
        if len(self.stack) > MOST_DEPTH:
            self._tell(start, f"values are nested deeper than {MOST_DEPTH} levels")
            raise _TooMuch

    def _refuse_key(self, event: Any) -> None:
        """Tell that a key is a list or mapping, or that unquoted `{{` made it one."""
        outer, start = self.stack[-1].node, event.start_mark
        if outer.is_broken:
            return
        twin = outer.style is Style.FLOW and (outer.line, outer.column) == (start.line + 1, start.column)
        if twin:
            outer.spoil()
            self.problems.append(syntax.unquoted("{{", outer.mark))
        else:
            self._tell(start, "a key must be text, not a list or a mapping", "quote it if it is text")

    def _close(self) -> None:
        frame = self.stack.pop()
        if frame.anchor is not None:
            self._anchor(None, frame.node, self.nodes - frame.counted + 1, frame.height, frame.anchor)
        if self.stack:
            self.stack[-1].height = max(self.stack[-1].height, frame.height + 1)
        if frame.is_key:
            self.stack[-1].key = frame.node
            return
        self._place(frame.node)

    def _awaits_key(self) -> bool:
        top = self.stack[-1] if self.stack else None
        return top is not None and top.key is None and type(top.node.value) is dict

    def _place(self, node: Node) -> None:
        """Put a finished node into what is open: as a key, a value, a member, or the root."""
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        value = top.node.value
        if type(value) is list:
            value.append(node)
        elif type(value) is dict:
            if top.key is None:
                top.key = node
            else:
                self._enter(top.node, value, top.key, node)
                top.key = None

    def _enter(self, top: Node, mapping: dict[str, Node], key: Node, node: Node) -> None:
        node.key_line, node.key_column = key.line, key.column
        if node.style is Style.BARE and self._is_rest_of_numbers(mapping, key):
            return
        name = self._key_text(key)
        if name is None:
            # Something was meant here: what lacks it is not told again.
            mapping.setdefault(MISSED, Node(None, Style.BROKEN, self.file, key.line, key.column))
            return
        if len(self.stack) > 1 and syntax.is_dashed(name) and key.style is Style.PLAIN and top.style is Style.BLOCK:
            self._refuse_dash(top, key)
            return
        if (first := mapping.get(name)) is not None:
            sentence = f"`{name}` stands here twice: first in line {first.key_line}, again in line {key.line}"
            self.problems.append(Problem(key.mark, sentence, hint="keep one of them"))
            return
        mapping[sys.intern(name)] = node

    def _refuse_dash(self, top: Node, key: Node) -> None:
        """Tell once that a list's `-` lacks its space, which makes the list a mapping."""
        if not top.is_broken:
            self.problems.append(syntax.dashed(str(key.value), key.mark))
            top.spoil()

    def _is_rest_of_numbers(self, mapping: dict[str, Node], key: Node) -> bool:
        """Tell numbers that a comma cut apart (`focus: 0.5, 0.5`), once, at the key that they belong to."""
        if key.style is not Style.PLAIN or not mapping or not scalars.is_number(str(key.value)):
            return False
        name = next(reversed(mapping))
        first = mapping[name]
        if first.style is Style.PLAIN and scalars.is_number(str(first.value)):
            hint = f"write `{name}: [{first.value}, {key.value}]`"
            self.problems.append(Problem(key.mark, f"the comma before `{key.value}` ends `{name}`", hint=hint))
            first.spoil()
        return first.is_broken

    def _key_text(self, key: Node) -> str | None:
        """Give a key's text; tell why it can't be one."""
        if type(key.value) is not str or key.is_broken:
            return None
        if key.style is not Style.PLAIN:
            return key.value
        if key.value == "<<":
            hint = "put what the shots share on a group that holds them"
            self.problems.append(Problem(key.mark, "merge keys (`<<`) can't be used", hint=hint))
            return None
        try:
            is_text = type(scalars.resolve(key.value)) is str
        except scalars.BadScalar:
            is_text = False
        if not is_text:
            sentence = f"a key must be text, and `{key.value[:40]}` is not"
            self.problems.append(Problem(key.mark, sentence, hint="quote it"))
        return key.value if is_text else None

    def _anchor(self, event: Any, node: Node, size: int, height: int, name: str = "") -> None:
        name = name or event.anchor
        if not self.anchors:
            hint = "put what shots share on a group that holds them, and what texts share under `vars`"
            sentence = f"the anchor `&{name}` hides what is shared; a group serves better"
            self.problems.append(Problem(node.mark, sentence, hint=hint, warning=True))
        self.anchors[name] = (node, size, height)

    def _alias(self, event: Any) -> None:
        start, name = event.start_mark, event.anchor
        found = self.anchors.get(name)
        if found is None:
            self._lost_alias(start, name)
            self._place(Node(None, Style.BROKEN, self.file, start.line + 1, start.column + 1))
            return
        node, size, height = found
        self._count(start, size)
        self.aliased += size
        if self.aliased > MOST_ALIASED:
            self._tell(start, "aliases repeat more than 100 000 values", "use a group, or `vars`")
            raise _TooMuch
        if len(self.stack) + height > MOST_DEPTH:
            self._tell(start, f"values are nested deeper than {MOST_DEPTH} levels")
            raise _TooMuch
        if self.stack:
            self.stack[-1].height = max(self.stack[-1].height, height + 1)
        self._place(node.copy())

    def _lost_alias(self, start: Any, name: str) -> None:
        if any(frame.anchor == name for frame in self.stack):
            self._tell(start, f"the alias `*{name}` stands inside its own anchor")
        else:
            self.problems.append(syntax.unquoted("*", Mark(self.file, start.line + 1, start.column + 1)))
