"""The child process that renders templates: it binds itself to limits, then answers jobs line by line.

Run as `python -I template_child.py [folder of jinja2]`; standard library and Jinja2 only, nothing of
vidbuild. It reads no file and no environment. Its parent is `template`, which knows the projects' side.
"""

from __future__ import annotations

import contextlib
import json
import re
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

MOST_MEMORY = 700 * 2**20
MOST_CPU = 10
JOB_CPU = 3.0
MOST_TEXT = 2**18
MOST_TOTAL = 2**25
_NO_COMMENT = ("\x00{#", "#}\x00")
_SIMPLE = re.compile(r"\{\{ *([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*) *\}\}", re.ASCII)
_WORDS = frozenset(("true", "false", "none", "True", "False", "None", "not", "and", "or", "if", "else", "is", "in"))
_UNDEFINED = re.compile(r"'(\w+)' is undefined|has no attribute '(\w+)'")


class OutOfTime(BaseException):
    """One template took too long; no `except Exception` of a filter may catch it."""


class Refused(Exception):
    """A template asks for more than one may have."""


def limit() -> None:
    """Bind this process: memory, time, no files, no core."""
    for kind, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_CPU),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(OSError, ValueError):  # macOS refuses RLIMIT_AS; the other limits hold
            resource.setrlimit(kind, (least, least))


def environments() -> tuple[Any, Any]:
    """Make the environment for texts of a project, where `{#` is text, and the one for style files."""
    from jinja2 import StrictUndefined, sandbox

    class Confined(sandbox.ImmutableSandboxedEnvironment):
        intercepted_binops = frozenset({"*", "**", "%", "+"})

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            _weigh(operator, left, right)
            return super().call_binop(context, operator, left, right)

    made = []
    for comments in (_NO_COMMENT, ("{#", "#}")):
        env = Confined(
            undefined=StrictUndefined,
            keep_trailing_newline=True,
            comment_start_string=comments[0],
            comment_end_string=comments[1],
        )
        env.globals = {"range": sandbox.safe_range}
        for name in ("random", "pprint", "urlize", "xmlattr"):
            env.filters.pop(name, None)
        made.append(env)
    return made[0], made[1]


def _weigh(operator: str, left: Any, right: Any) -> None:
    """Refuse sums that only serve to eat memory or time."""
    if operator == "**" and (abs(left) > 10**6 or abs(right) > 64):
        raise Refused("a power that is too large")
    if operator == "*":
        for many, times in ((left, right), (right, left)):
            is_repetition = isinstance(many, (str, bytes, list, tuple)) and isinstance(times, int)
            if is_repetition and len(many) * times > MOST_TEXT:
                raise Refused("a repetition of more than 262 144 characters")
    are_numbers = isinstance(left, int) and isinstance(right, int)
    if operator in "*+" and are_numbers and left.bit_length() + right.bit_length() > 4096:
        raise Refused("a number that is too large")
    if operator == "%" and isinstance(left, str) and re.search(r"\d{5}|\*", left):
        raise Refused("a field that is too wide")


class Cast:
    """What templates see as `cast`: members by name, each the words for it. It remembers who was named.

    It is no mapping, so that no member hides behind a method's name.
    """

    def __init__(self, members: Mapping[str, str]):
        self._members = members
        self._named: dict[str, None] = {}

    def __getitem__(self, name: str) -> str:
        words = self._members[name]
        self._named[name] = None
        return words

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __contains__(self, name: object) -> bool:
        return name in self._members

    def __len__(self) -> int:
        return len(self._members)

    def __str__(self) -> str:
        return ", ".join(self._members)


class Child:
    """Answers jobs over one line of JSON each: `text`, `when`, `style`, and `cast`, which says who is in it."""

    def __init__(self, names: Mapping[str, Any]):
        self.cast: dict[str, None] = {}
        self.names = names
        self._know({})
        self.texts, self.styles = environments()
        self.known: dict[tuple[str, str], Any] = {}
        self.total = 0

    def answer(self, job: Mapping[str, Any]) -> dict[str, Any]:
        try:
            signal.setitimer(signal.ITIMER_PROF, JOB_CPU)
            try:
                return self._answered(job)
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
        except OutOfTime:
            return _told("limit", f"takes more than {JOB_CPU:.0f} s of computing")
        except MemoryError:
            return _told("limit", "takes too much memory")
        except Refused as error:
            return _told("limit", f"asks for {error}")
        except RecursionError:
            return _told("limit", "is nested too deeply")
        except Exception as error:  # a stranger's template may raise anything
            return _failure(error)

    def _know(self, members: Mapping[str, str]) -> dict[str, Any]:
        """Have later templates see these members."""
        cast = Cast(members)
        self.cast = cast._named
        self.names = {**self.names, "cast": cast}
        return {}

    def _answered(self, job: Mapping[str, Any]) -> dict[str, Any]:
        kind, names = job["kind"], job.get("names", {})
        if kind == "cast":
            return self._know(names)
        if kind == "when":
            value = self._made(kind, job["text"])(**{**self.names, **names})
            return {"value": value} if isinstance(value, bool) else {"odd": str(value)[:80]}
        if kind == "style":
            return {"text": self._text(kind, job["text"], names), "names": self._asked(job["text"])}
        seen = {**self.names, **names}
        self.cast.clear()
        text = self._simple(job["text"], seen)
        if text is None:
            self.cast.clear()
            text = self._text(kind, job["text"], seen)
        return {"text": text, "cast": list(self.cast)} if self.cast else {"text": text}

    def _simple(self, text: str, names: Mapping[str, Any]) -> str | None:
        """Fill in a text that only names values, without compiling it; `None` leaves it to Jinja."""
        parts = _SIMPLE.split(text)
        if any("{{" in part or "{%" in part for part in parts[::2]) or len(text) > MOST_TEXT:
            return None
        for place in range(1, len(parts), 2):
            first, *rest = parts[place].split(".")
            value = names.get(first)
            for name in rest:
                value = _inner(value, name)
            if first in _WORDS or type(value) not in (str, int, Decimal):
                return None
            parts[place] = str(value)
        filled = "".join(parts)
        return self._counted(filled) if len(filled) <= MOST_TEXT else None

    def _text(self, kind: str, text: str, names: Mapping[str, Any]) -> str:
        """Render piece by piece, so that a flood is noticed before it is a text."""
        pieces, size = [], 0
        for piece in self._made(kind, text).generate(**names):
            size += len(piece)
            if size > MOST_TEXT:
                raise Refused("a text longer than 262 144 characters")
            pieces.append(piece)
        return self._counted("".join(pieces))

    def _counted(self, text: str) -> str:
        self.total += len(text)
        if self.total > MOST_TOTAL:
            raise Refused("more text than a project may hold")
        return text

    def _made(self, kind: str, text: str) -> Any:
        """Compile a template once, however many shots use it."""
        if (kind, text) not in self.known:
            if kind == "when":
                made = self.texts.compile_expression(text, undefined_to_none=False)
            else:
                made = (self.styles if kind == "style" else self.texts).from_string(text)
            self.known[kind, text] = made
        return self.known[kind, text]

    def _asked(self, text: str) -> list[str]:
        from jinja2 import meta

        return sorted(meta.find_undeclared_variables(self.styles.parse(text)))


def _inner(value: Any, name: str) -> Any:
    """Give what a name means in a mapping or the cast; `None` where only Jinja can tell."""
    if type(value) is dict and hasattr(dict, name):
        return None
    return value[name] if type(value) in (dict, Cast) and name in value else None


def _told(kind: str, message: str) -> dict[str, Any]:
    return {"error": kind, "message": message}


def _failure(error: Exception) -> dict[str, Any]:
    """Say what is wrong with a template, and in which of its lines."""
    from jinja2 import TemplateSyntaxError, UndefinedError

    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<template>"]
    message = (str(error) or type(error).__name__)[:300]
    told = _told("failed", message)
    told["line"] = lines[-1] if lines else 1
    if isinstance(error, TemplateSyntaxError):
        told.update(error="syntax", line=error.lineno)
    elif isinstance(error, UndefinedError) and (found := _UNDEFINED.search(message)):
        told.update(error="undefined", name=found[1] or found[2], attribute=bool(found[2]))
    return told


def _decimals(found: dict[str, Any]) -> Any:
    """Give back exact decimals, which JSON can't carry."""
    if list(found) == ["$decimal"] and isinstance(found["$decimal"], str):
        try:
            return Decimal(found["$decimal"])
        except ArithmeticError:
            return found
    return found


def _out_of_time(number: int, frame: object) -> None:
    raise OutOfTime


def serve(lines: Callable[[], bytes], write: Callable[[bytes], object]) -> None:
    """Read a line of names, then lines of jobs; write one line for each job as soon as it is done."""
    child = Child(json.loads(lines(), object_hook=_decimals))
    while batch := lines():
        for job in json.loads(batch, object_hook=_decimals):
            try:
                line = json.dumps(child.answer(job)).encode() + b"\n"
            except (MemoryError, OutOfTime):
                line = b'{"error": "limit", "message": "takes too much memory"}\n'
            write(line)


def main() -> None:
    limit()
    sys.path.extend(sys.argv[1:])
    signal.signal(signal.SIGPROF, _out_of_time)
    with open(1, "wb", buffering=0, closefd=False) as out:
        serve(sys.stdin.buffer.readline, out.write)


if __name__ == "__main__":
    main()
