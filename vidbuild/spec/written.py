"""A YAML text as it is written: values in their own characters, with the comments and blank lines around them.

Text in, a tree out, for what lays it out anew; a text with mistakes is the reader's to tell. It knows no key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn

import yaml

from vidbuild.words.errors import Mark, Problem, SpecError

_SCANNER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_HEADER = re.compile(r"[|>][-+0-9]*[ \t]+(?P<remark>#[^\n]*?)[ \t]*(?:\n|\Z)")
BLANK = ""
_ALONE = "write it in block style, a key and its value"
_VALUES = (
    yaml.ScalarToken,
    yaml.AliasToken,
    yaml.AnchorToken,
    yaml.BlockMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.FlowSequenceStartToken,
)


class Remark(NamedTuple):
    """A comment at the end of a line, and the column that it stood in."""

    text: str
    column: int


@dataclass
class Entry:
    """A key and its value, or a member of a list.

    Args:
        key: as written, with its quotes; empty in a list.
        above: the comments above it, a blank line where there is one.
        head: comments behind its `:` or `-`.
        under: comments between that and its value.
        end: comments behind its value.
    """

    key: str = ""
    value: Written | None = None
    above: list[str] = field(default_factory=list)
    head: list[Remark] = field(default_factory=list)
    under: list[str] = field(default_factory=list)
    end: list[Remark] = field(default_factory=list)


@dataclass
class Written:
    """A value.

    Args:
        text: a scalar's or alias's own characters; empty for what holds entries.
        anchor: `&name`, where it has one.
        brackets: `{}` for a mapping, `[]` for a list; empty for a scalar.
        is_flow: whether it was written in brackets.
        tail: comments after its last entry.
    """

    text: str = ""
    anchor: str = ""
    brackets: str = ""
    is_flow: bool = False
    entries: list[Entry] = field(default_factory=list)
    tail: list[str] = field(default_factory=list)


@dataclass
class Document:
    """A whole text: what stands above its root, the root, what stands below, and every comment, wherever it went."""

    above: list[str]
    root: Written | None
    below: list[str]
    comments: tuple[str, ...]


def indent_of(rows: list[str]) -> int:
    """Give the indentation of a block text's lines."""
    deep = [len(row) - len(row.lstrip(" ")) for row in rows if row.strip()]
    return min(deep, default=max(map(len, rows), default=0))


def is_blank(row: str, indent: int) -> bool:
    """Say whether a block text's line holds nothing; spaces beyond the indentation are something."""
    return len(row) <= indent and not row.strip(" ")


def written(text: str, file: str) -> Document:
    """Take a text apart that the reader takes without a mistake.

    Raises:
        SpecError: it holds what can't be laid out anew.
    """
    return _Scan(text, file).document()


class _Frame:
    """A mapping or list that is open.

    Args:
        column: where its entries begin.
        is_indentless: whether it is a list whose `-` stand right below its key.
    """

    def __init__(self, value: Written, column: int, is_indentless: bool = False):
        self.value = value
        self.column = column
        self.is_indentless = is_indentless
        self.pending: list[str] = []


class _Scan:
    """The state of one pass over a text's tokens: what is open, and whose the next comment is."""

    def __init__(self, text: str, file: str):
        self.text = text
        self.file = file
        self.tokens = list[Any](yaml.scan(text, Loader=_SCANNER))
        self.at = 0
        self.end = 0
        self.is_fresh = False
        self.looked = False
        self.gap: list[Remark] = []
        self.owner: list[Remark] = []
        self.frames: list[_Frame] = []
        self.is_spaced = False
        self.comments: list[str] = []

    def document(self) -> Document:
        self.take(yaml.StreamStartToken)
        above = self._lines()
        if isinstance(self.peek(), yaml.DocumentStartToken):
            self.owner = []
            self.take()
            token = self.peek()
            mark = "  ".join(["---", *(remark.text for remark in self.owner)])
            if token.start_mark.line == self.tokens[self.at - 1].end_mark.line:
                self.refuse("a value behind `---` can't be laid out", "put it on a line of its own")
            above = [*above, mark, *self._lines()]
        entry = Entry()
        root = self._value(entry, False)
        below = [*(remark.text for remark in entry.end), *self._lines()]
        if not isinstance(self.peek(), yaml.StreamEndToken):
            self.refuse("what follows the document can't be laid out", "remove it")
        if root is not None and not root.brackets:
            self.refuse("only a mapping or a list can be laid out", None, Mark(self.file, 1, 1))
        return Document([*above, *entry.under], root, below, tuple(sorted(self.comments)))

    # Tokens, and what lies between them

    def peek(self) -> Any:
        """Give the next token; what lies before it is looked through once."""
        token = self.tokens[self.at]
        if not self.looked:
            self.looked = True
            self._look(token)
        return token

    def take(self, *kinds: type) -> Any:
        """Go past the next token, which is of one of these kinds."""
        token = self.peek()
        if kinds and not isinstance(token, kinds):
            self.refuse("this can't be laid out", _ALONE)
        self.at += 1
        self.end = token.end_mark.index
        is_block = isinstance(token, yaml.ScalarToken) and token.style in ("|", ">")
        self.is_fresh = is_block or isinstance(token, yaml.StreamStartToken)
        if is_block:
            self._look_into(self._own(token))
        self.looked = False
        return token

    def _look_into(self, own: str) -> None:
        """Find the comment in a block text's header, and whether a blank line follows it."""
        if found := _HEADER.match(own):
            self.comments.append(found["remark"])
        header, *rows = own.split("\n")
        inner = indent_of(rows)
        if "+" not in header.partition("#")[0] and len(rows) > 1 and all(is_blank(row, inner) for row in rows[-2:]):
            self.gap.append(Remark(BLANK, 0))

    def refuse(self, sentence: str, hint: str | None, mark: Mark | None = None) -> NoReturn:
        """End with a problem at the next token."""
        start = self.tokens[self.at].start_mark
        raise SpecError(
            [Problem(mark or Mark(self.file, start.line + 1, start.column + 1), sentence, hint=hint)],
            {self.file: self.text},
        )

    def _look(self, token: Any) -> None:
        """Read the comments and blank lines before a token: what stands on the line that ended is its owner's."""
        if isinstance(token, yaml.DirectiveToken | yaml.DocumentEndToken):
            self.refuse("directives and `...` can't be laid out", "remove the line")
        rows = self.text[self.end : token.start_mark.index].split("\n")
        self.comments += [row.strip() for row in rows if row.strip()]
        if not self.is_fresh:
            first = rows.pop(0)
            if "#" in first:
                start = self.end + first.index("#")
                column = 0 if self._is_in_flow() else start - (self.text.rfind("\n", 0, start) + 1)
                self.owner.append(Remark(first.strip(), column))
        last = len(rows) - 1
        for number, row in enumerate(rows):
            if row.strip():
                self.gap.append(Remark(row.strip(), len(row) - len(row.lstrip())))
            elif number < last:
                self.gap.append(Remark(BLANK, 0))

    def _is_in_flow(self) -> bool:
        return bool(self.frames) and self.frames[-1].value.is_flow

    def _lines(self) -> list[str]:
        """Take what stands on lines of its own before the next token."""
        self.peek()
        lines, self.gap = [remark.text for remark in self.gap], []
        return lines

    def _settle(self) -> None:
        """Give each comment to what is open and indented as it is, the innermost first; order stays."""
        self.peek()
        ahead, deepest = self.at, len(self.frames) - 1
        while self.gap and isinstance(self.tokens[ahead], yaml.BlockEndToken):
            ahead += 1
        token = self.tokens[ahead]
        for remark in self.gap:
            if remark.text == BLANK:
                self.is_spaced = True
                continue
            while deepest > 0 and not self._holds(self.frames[deepest], remark.column, token):
                deepest -= 1
            self.frames[deepest].pending += [*([BLANK] if self.is_spaced else []), remark.text]
            self.is_spaced = False
        self.gap = []

    def _holds(self, frame: _Frame, column: int, token: Any) -> bool:
        if frame.value.is_flow:
            return True
        goes_on = isinstance(token, yaml.BlockEntryToken) and token.start_mark.column == frame.column
        return column > frame.column or (column == frame.column and (goes_on or not frame.is_indentless))

    # Values

    def _value(self, entry: Entry, may_be_indentless: bool) -> Written | None:
        """Read what stands behind a `:` or `-`; nothing where there is nothing."""
        token = self.peek()
        if not isinstance(token, _VALUES) and not (may_be_indentless and isinstance(token, yaml.BlockEntryToken)):
            return None
        entry.under += self._lines()
        anchor = ""
        if isinstance(token, yaml.AnchorToken):
            anchor = self._own(self.take())
            token = self.peek()
            entry.under += self._lines()
            if not isinstance(token, _VALUES[:2] + _VALUES[3:] + (yaml.BlockEntryToken,)):
                self.refuse("an anchor without a value can't be laid out", "remove the anchor")
        found = self._unanchored(entry, token)
        found.anchor = anchor
        return found

    def _unanchored(self, entry: Entry, token: Any) -> Written:
        if isinstance(token, yaml.ScalarToken | yaml.AliasToken):
            found = Written(self._own(self.take()))
            self.owner = entry.end
            return found
        if isinstance(token, yaml.FlowMappingStartToken | yaml.FlowSequenceStartToken):
            found = self._flow()
            self.owner = entry.end
            return found
        if isinstance(token, yaml.BlockMappingStartToken):
            return self._mapping()
        return self._list(token)

    def _own(self, token: Any) -> str:
        return self.text[token.start_mark.index : token.end_mark.index]

    def _begun(self, frame: _Frame) -> Entry:
        """Begin the next entry, with what stands above it."""
        entry = Entry(above=[*frame.pending, *([BLANK] if self.is_spaced else [])])
        frame.pending, self.is_spaced = [], False
        frame.value.entries.append(entry)
        return entry

    def _opened(self, value: Written, column: int, is_indentless: bool = False) -> _Frame:
        frame = _Frame(value, column, is_indentless)
        self.frames.append(frame)
        return frame

    def _closed(self) -> Written:
        frame = self.frames.pop()
        frame.value.tail += frame.pending
        return frame.value

    def _mapping(self) -> Written:
        frame = self._opened(Written(brackets="{}"), self.take().start_mark.column)
        while True:
            token = self.peek()
            self._settle()
            if isinstance(token, yaml.BlockEndToken):
                self.take()
                return self._closed()
            entry = self._begun(frame)
            self._key(entry)
            entry.value = self._value(entry, True)

    def _key(self, entry: Entry) -> None:
        """Read a key and its colon."""
        token = self.take(yaml.KeyToken)
        if token.start_mark.index != token.end_mark.index:
            self.at -= 1
            self.refuse("a key with `?` can't be laid out", _ALONE)
        key = self.take(yaml.ScalarToken)
        entry.key = self._own(key)
        if key.style in ("|", ">") or "\n" in entry.key:
            self.at -= 1
            self.refuse("a key of several lines can't be laid out", _ALONE)
        self.owner = entry.head
        self.take(yaml.ValueToken)

    def _list(self, token: Any) -> Written:
        """Read a list in block style; one that stands right below its key has no tokens around it."""
        is_indentless = isinstance(token, yaml.BlockEntryToken)
        frame = self._opened(Written(brackets="[]"), token.start_mark.column, is_indentless)
        if not is_indentless:
            self.take()
        while isinstance(self.peek(), yaml.BlockEntryToken):
            self._settle()
            entry = self._begun(frame)
            self.take()
            self.owner = entry.head
            entry.value = self._value(entry, False)
        self._settle()
        if not is_indentless:
            self.take(yaml.BlockEndToken)
        return self._closed()

    def _flow(self) -> Written:
        token = self.take()
        brackets = "{}" if isinstance(token, yaml.FlowMappingStartToken) else "[]"
        frame = self._opened(Written(brackets=brackets, is_flow=True), 0)
        self.owner = opening = list[Remark]()
        while True:
            token = self.peek()
            frame.pending += [remark.text for remark in opening]
            opening.clear()
            self._settle()
            self.is_spaced = False
            if isinstance(token, yaml.FlowMappingEndToken | yaml.FlowSequenceEndToken):
                self.take()
                return self._closed()
            if isinstance(token, yaml.FlowEntryToken):
                self.take()
                continue
            entry = self._begun(frame)
            if brackets == "{}":
                self._key(entry)
                entry.value = self._value(entry, False)
            elif isinstance(token, yaml.KeyToken):
                pair = Entry()
                self._key(pair)
                pair.value = self._value(pair, False)
                entry.value = Written(brackets="{}", is_flow=True, entries=[pair])
            else:
                entry.value = self._value(entry, False)
