"""A YAML text laid out anew: block style, two spaces, a clause a line; values, their order and comments stay.

What comes out is read again and compared, so that nothing is ever lost: what can't be kept is refused.
Text in, text out; of the language it knows that `shots` hold shots.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from vidbuild.spec import reader, sentences, syntax
from vidbuild.spec.clauses import clauses
from vidbuild.spec.tree import Node, Style, children
from vidbuild.spec.written import BLANK, Document, Entry, Remark, Written, indent_of, is_blank, written
from vidbuild.words.errors import Mark, Problem, SpecError

WIDTH = 100
STEP = 2
_HEADER = re.compile(r"[|>](?P<marks>[-+0-9]*)(?P<rest>.*)\Z")
_BREAKS = re.compile("\r(?!\n)|[\x85\u2028\u2029]")
_NOT_KEPT = "this text can't be laid out without changing what it says"


def laid_out(text: str, file: str) -> str:
    """Lay a text out.

    Raises:
        SpecError: it has a mistake, or can't be laid out without changing it.
    """
    reading = reader.read(text, file)
    wrong = [problem for problem in reading.problems if not problem.warning]
    if wrong or reading.root is None:
        raise SpecError(wrong or reading.problems, {file: text})
    if left := [sentences.bare(key, child) for key, child in _bare(reading.root)]:
        raise SpecError(left, {file: text})
    if found := _BREAKS.search(text):
        line = text.count("\n", 0, found.start()) + 1
        mark = Mark(file, line, found.start() - text.rfind("\n", 0, found.start()))
        hint = "end lines with a line feed, or write the character as an escape in double quotes"
        raise SpecError([Problem(mark, "this line break can't be laid out", hint=hint)], {file: text})
    document = written(reader.in_yaml(text.replace("\r\n", "\n")), file)
    made = "".join(f"{line}\n" for line in _Layout().lines(document))
    _compare(reading.root, document.comments, made, file, text)
    return made.replace("\n", "\r\n") if "\r\n" in text else made


def _bare(root: Node) -> Iterator[tuple[str, Node]]:
    """Find the keys in brackets that have no value, and that a slip of the hand left there."""
    for number, (key, child) in enumerate(root.entries().items()):
        if child.style is Style.BARE and (number or syntax.tight(key, child.key_mark)):
            yield key, child
    for child in children(root):
        yield from _bare(child)


def _compare(root: Node, comments: tuple[str, ...], made: str, file: str, text: str) -> None:
    """Refuse what doesn't say the same."""
    again = reader.read(made, file)
    at = _differing(root, again.root)
    if at is None and written(made, file).comments == comments:
        return
    hint = "nothing was changed: please report this text"
    raise SpecError([Problem((at or root).mark, _NOT_KEPT, hint=hint)], {file: text})


def _differing(one: Node, other: Node | None) -> Node | None:
    """Find the first value that another tree lacks or has otherwise."""
    if other is None or type(one.value) is not type(other.value):
        return one
    if isinstance(one.value, dict | list) and isinstance(other.value, dict | list):
        if len(one.value) != len(other.value):
            return one
        if isinstance(one.value, dict) and list(one.value) != list(other.value):
            return one
        pairs = zip(children(one), children(other), strict=True)
        return next((found for pair in pairs if (found := _differing(*pair)) is not None), None)
    return None if one.value == other.value else one


class _Layout:
    """Lines out of a tree; each method gives those of one thing."""

    def lines(self, document: Document) -> Iterator[str]:
        """Lay out a document, blank lines single and none at its ends."""
        is_spaced, may_be = False, False
        for line in self._document(document):
            if line == BLANK:
                is_spaced = may_be
                continue
            if is_spaced:
                yield BLANK
            is_spaced, may_be = False, not line.startswith(_TIGHT)
            yield line.lstrip(_KEPT + _TIGHT)

    def _document(self, document: Document) -> Iterator[str]:
        yield from document.above
        root = document.root
        if root is not None and not root.entries:
            yield root.brackets
        if root is not None:
            yield from self._block(root, 0, True)
        yield from document.below

    def _block(self, value: Written, indent: int, is_film: bool) -> Iterator[str]:
        """Lay out a mapping or list, an entry a line or more.

        Args:
            is_film: whether it is the project, a group, or a list of shots: then all in it is opened.
        """
        pad = " " * indent
        for entry in value.entries:
            yield from _at(pad, entry.above)
            if value.brackets == "[]":
                yield from self._member(entry, indent, is_film)
            else:
                held = is_film and entry.key.strip("\"'") == "shots"
                yield from self._pair(entry, indent, held)
        yield from _at(pad, value.tail)

    def _pair(self, entry: Entry, indent: int, is_film: bool) -> Iterator[str]:
        """Lay out a key with its value."""
        pad, key, value = " " * indent, f"{' ' * indent}{entry.key}:", entry.value
        if value is None:
            yield from _with_remarks(key, [*entry.head, *entry.end], pad)
            return
        short = self._short(value, WIDTH - len(key) - 1, is_film)
        if short is not None and not entry.under:
            yield from _with_remarks(f"{key} {short}", [*entry.head, *entry.end], pad)
            return
        begun = f"{key} {value.anchor}".rstrip()
        deeper = " " * (indent + STEP)
        if value.text[:1] in ("|", ">"):
            yield from _at(pad, [*(remark.text for remark in entry.head), *entry.under])
            first, *rest = _block_scalar(value.text, indent + STEP)
            yield from (f"{begun} {first}", *rest)
        elif value.text:
            yield from _with_remarks(begun, entry.head, deeper)
            yield from _at(deeper, entry.under)
            *rows, last = _rows(value.text, indent + STEP)
            yield from (f"{deeper}{row}" if row else _KEPT for row in rows)
            yield from _with_remarks(f"{deeper}{last}", entry.end, pad)
        elif not value.entries:
            yield from _with_remarks(f"{begun} {value.brackets}", _moved([*entry.head, *entry.end]), pad)
            yield from _at(pad, [*entry.under, *value.tail])
        else:
            yield from _with_remarks(begun, [*entry.head, *_moved(entry.end)], deeper)
            yield from _at(deeper, entry.under)
            yield from self._block(value, indent + STEP, is_film)

    def _member(self, entry: Entry, indent: int, is_film: bool) -> Iterator[str]:
        """Lay out a member of a list; comments behind its `-` go above it."""
        pad, value = " " * indent, entry.value
        yield from _at(pad, [*(remark.text for remark in entry.head), *entry.under])
        if value is None:
            yield from _with_remarks(f"{pad}-", entry.end, pad)
            return
        short = self._short(value, WIDTH - indent - STEP, is_film)
        if short is not None:
            yield from _with_remarks(f"{pad}- {short}", entry.end, pad)
            return
        anchor = f"{value.anchor} " if value.anchor else ""
        if value.text[:1] in ("|", ">"):
            first, *rest = _block_scalar(value.text, indent + STEP)
            yield from (f"{pad}- {anchor}{first}", *rest)
        elif value.text:
            first, *rows = _rows(f"{anchor}{value.text}", indent + STEP)
            lines = [f"{pad}- {first}", *(f"{pad}  {row}" if row else _KEPT for row in rows)]
            yield from lines[:-1]
            yield from _with_remarks(lines[-1], entry.end, pad)
        elif not value.entries:
            yield from _at(pad, value.tail)
            yield from _with_remarks(f"{pad}- {anchor}{value.brackets}", entry.end, pad)
        else:
            yield from _at(pad, [remark.text for remark in entry.end])
            yield from self._opened(value, indent, is_film)

    def _opened(self, value: Written, indent: int, is_film: bool) -> Iterator[str]:
        """Lay out a mapping or list behind a `-`: its first line is the dash's."""
        pad = " " * indent
        lines = list(self._block(value, indent + STEP, is_film))
        first = next(number for number, line in enumerate(lines) if line.strip() and line.strip()[0] != "#")
        yield from _at(pad, [line.strip() for line in lines[:first]])
        if value.anchor:
            yield f"{pad}- {value.anchor}"
            yield from lines[first:]
        else:
            yield f"{pad}- {lines[first][indent + STEP :]}"
            yield from lines[first + 1 :]

    def _short(self, value: Written, room: int, is_film: bool) -> str | None:
        """Give a value that may stand in one line; texts of several lines stay in several."""
        if value.text:
            anchor = f"{value.anchor} " if value.anchor else ""
            if "\n" in value.text or len(anchor + value.text) > room:
                rows = [] if value.text[:1] in ("|", ">") else _rows(value.text, 0)
                return f"{anchor}{rows[0]}" if len(rows) == 1 else None
            return f"{anchor}{value.text}"
        if not value.is_flow or (is_film and value.entries):
            return None
        line = _flow(value)
        return line if line is not None and len(line) <= room else None


_KEPT = "\0"
"""Stands before a line that is a text's own, blank or not: no layout takes it away."""
_TIGHT = "\1"
"""Stands before a line that no blank one may follow: it would belong to the text."""


def _at(pad: str, lines: list[str]) -> Iterator[str]:
    """Give comments at an indentation; blank lines stay blank."""
    return (f"{pad}{line}" if line else BLANK for line in lines)


def _moved(found: list[Remark]) -> list[Remark]:
    """Give remarks whose line is another one now: they stand right behind it."""
    return [Remark(remark.text, 0) for remark in found]


def _with_remarks(line: str, found: list[Remark], pad: str) -> Iterator[str]:
    """Give a line with its comment, in its column if that is within the width; further comments follow below."""
    if not found:
        yield line
        return
    first, *rest = found
    room = first.column - len(line) if first.column <= WIDTH else 0
    yield f"{line}{' ' * max(2, room)}{first.text}"
    yield from _at(pad, [remark.text for remark in rest])


def _flow(value: Written) -> str | None:
    """Write a value in brackets in one line; `None` where it is better opened."""
    if value.tail or (value.brackets and not value.is_flow):
        return None
    if not value.brackets:
        joined = _joined(value.text) if "\n" in value.text else value.text
        return None if joined is None else f"{value.anchor} {joined}".lstrip()
    members: list[str] = []
    for entry in value.entries:
        written = _flow(entry.value) if entry.value is not None else None
        if written is None or entry.above or entry.head or entry.under or entry.end:
            return None
        if len(value.entries) > 1 and value.brackets == "[]" and entry.value and entry.value.brackets == "{}":
            return None
        members.append(f"{entry.key}: {written}" if value.brackets == "{}" else written)
    inside = f"{value.brackets[0]}{', '.join(members)}{value.brackets[1]}"
    return f"{value.anchor} {inside}".lstrip()


def _joined(text: str) -> str | None:
    """Give a text of several lines as one, where each break is read as a space."""
    rows = [row.strip(" \t") for row in text.split("\n")]
    if "" in rows or any(row.endswith("\\") for row in rows[:-1]):
        return None
    return " ".join(rows)


def _rows(text: str, indent: int) -> list[str]:
    """Give a plain or quoted text in lines, a clause each; one that holds line breaks keeps its own."""
    joined = _joined(text)
    if joined is None:
        first, *rest = text.split("\n")
        return [
            first.rstrip(" \t") if rest and not first.endswith("\\") else first,
            *(row.strip(" \t") for row in rest),
        ]
    return clauses(joined, WIDTH - indent)


def _block_scalar(text: str, indent: int) -> list[str]:
    """Give a `|` or `>` text: its header, and its lines at an indentation.

    One that ends with the file, without a line feed, has none at its end either: its header comes to say so.
    """
    first, *rows = text.split("\n")
    header = _HEADER.match(first)
    assert header is not None
    given = re.search(r"[1-9]", header["marks"])
    inner = indent_of(rows)
    marks = header["marks"].replace(given[0], str(STEP)) if given else header["marks"]
    if rows and is_blank(rows[-1], inner):
        rows.pop()
    elif rows:
        marks = f"{marks.strip('-+')}-"
    keeps = "+" in marks
    if not keeps:
        while rows and is_blank(rows[-1], inner):
            rows.pop()
    own = [row[inner:] if len(row) > inner else "" for row in rows]
    if first[0] == ">" and not any(row != row.strip() for row in own):
        own = _folded(own, WIDTH - indent)
    pad = " " * indent
    lines = [f"{first[0]}{marks}{header['rest'].rstrip()}", *(f"{pad}{row}" if row else _KEPT for row in own)]
    return [*lines[:-1], f"{_TIGHT}{lines[-1]}"] if keeps and own else lines


def _folded(rows: list[str], width: int) -> list[str]:
    """Give a folded text's paragraphs, a clause a line."""
    found: list[list[str]] = [[]]
    for row in rows:
        if row:
            found[-1].append(row)
        else:
            found += [[], []]
    lines: list[str] = []
    for number, paragraph in enumerate(found):
        if not paragraph:
            lines += [""] if number % 2 else []
            continue
        is_short = len(paragraph) == 1 and len(paragraph[0]) <= width
        lines += paragraph if is_short else clauses(" ".join(paragraph), width)
    return lines
