"""The user's configuration, outside all projects: caps, trusted hosts, jobs, proxy. Read strictly, changed by lines.

It knows its file and its schema, not what caps and trust come to.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from vidbuild.packaged import schema
from vidbuild.runners.vendor.addresses import BadAddress, host_name
from vidbuild.spec.model import RemoteStore
from vidbuild.spec.reader import EMPTY, decode, read
from vidbuild.spec.terms import remote_of
from vidbuild.spec.tree import Node, plain
from vidbuild.spec.validate import validated
from vidbuild.stores.durable import write_bytes
from vidbuild.words.errors import Mark, Problem, SpecError, UsageError

VARIABLE = "VIDBUILD_CONFIG"


@dataclass(frozen=True)
class Configuration:
    """What the user set for all projects.

    Args:
        max_usd: what one build may spend.
        total_usd: what one project may spend in its life.
        trust: hosts that projects' own providers may be asked at, as `addresses.host_name` writes them.
        jobs: how many things to make at once.
        proxy: for requests to vendors.
        remote: the store that is shared, where a project names none, and whether it is only read.
        poll_s: how often jobs are asked for, instead of when it is likely to be worth it.
    """

    max_usd: Fraction | None = None
    total_usd: Fraction | None = None
    trust: tuple[str, ...] = ()
    jobs: int | None = None
    proxy: str | None = None
    poll_s: float | None = None
    remote: RemoteStore | None = None


def configuration_file(environ: Mapping[str, str]) -> Path:
    """Name the file: `VIDBUILD_CONFIG`, else `vidbuild/config.yaml` in the user's configuration folder."""
    if named := environ.get(VARIABLE):
        return Path(named).absolute()
    if sys.platform.startswith("linux") and (environ.get("XDG_CONFIG_HOME") or environ.get("HOME")):
        folder = environ.get("XDG_CONFIG_HOME") or f"{environ['HOME']}/.config"
        return Path(folder, "vidbuild", "config.yaml").absolute()
    import platformdirs

    return Path(platformdirs.user_config_dir("vidbuild"), "config.yaml")


def configuration(environ: Mapping[str, str]) -> Configuration:
    """Read the user's configuration; without a file, all is as it is by default.

    Raises:
        SpecError: it holds mistakes, each with its place.
        OSError: it can't be read.
    """
    file = configuration_file(environ)
    try:
        data = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return Configuration()
    text, problems = decode(data, str(file))
    return parsed(text, str(file)) if not problems else _refused(problems, str(file), text)


def parsed(text: str, file: str) -> Configuration:
    """Make a configuration of its text.

    Raises:
        SpecError: as for `configuration`.
    """
    reading = read(text, file)
    problems = [problem for problem in reading.problems if problem.sentence != EMPTY]
    root = reading.root
    if root is None:
        return _refused(problems, file, text) if problems else Configuration()
    problems += validated(root, (), schema("config"))
    problems += _bad_hosts(root)
    if any(not problem.warning for problem in problems):
        return _refused(problems, file, text)
    told: Any = plain(root)
    return Configuration(
        _usd(told.get("max_usd")),
        _usd(told.get("total_usd")),
        tuple(dict.fromkeys(host_name(host) for host in told.get("trust", ()))),
        int(told["jobs"]) if "jobs" in told else None,
        told.get("proxy"),
        float(told["poll_s"]) if "poll_s" in told else None,
        remote_of(root),
    )


def trusting(text: str, file: str, host: str) -> str:
    """Add a host to the trusted ones of a configuration's text, which otherwise stays as it is."""
    known = parsed(text, file).trust
    if host in known:
        return text
    return _changed(text, file, (*known, host), lambda hosts: _added(text, hosts, host))


def distrusting(text: str, file: str, host: str) -> str:
    """Take a host out of the trusted ones of a configuration's text, which otherwise stays as it is."""
    known = parsed(text, file).trust
    if host not in known:
        return text
    return _changed(
        text, file, tuple(name for name in known if name != host), lambda hosts: _removed(text, hosts, host)
    )


def change(environ: Mapping[str, str], edit: Callable[[str, str], str]) -> Path:
    """Change the user's configuration: `edit` gets its text and its name. The file is replaced as a whole, or not."""
    file = configuration_file(environ)
    # A link (to a folder of dot files, say) stays one.
    target = file.resolve()
    data = target.read_bytes() if target.exists() else b""
    text, problems = decode(data, str(file))
    if problems:
        _refused(problems, str(file), text)
    if (changed := edit(text, str(file))) != text:
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o600
        write_bytes(target, changed.encode(), mode)
    return file


def _refused(problems: Any, file: str, text: str) -> Configuration:
    raise SpecError(sorted(problems, key=lambda problem: _place(problem.mark)), {file: text})


def _place(mark: Mark | None) -> tuple[int, int]:
    return (mark.line, mark.column) if mark else (0, 0)


def _usd(told: int | Decimal | None) -> Fraction | None:
    return None if told is None else Fraction(told)


def _bad_hosts(root: Node) -> list[Problem]:
    """Tell the trusted hosts that are no plain host names."""
    hosts, problems = root.get("trust"), list[Problem]()
    for member in hosts.members() if hosts else ():
        try:
            host_name(str(member.value))
        except BadAddress as error:
            hint = "write the host alone, like `api.example.com` or `127.0.0.1:8188`"
            problems.append(Problem(member.mark, f"a host that {error} can't be trusted", hint=hint))
    return problems


def _changed(text: str, file: str, wanted: tuple[str, ...], edit: Callable[[Node | None], str | None]) -> str:
    """Edit the text of a valid configuration, and make sure that it says what is wanted."""
    root = read(text, file).root
    before = parsed(text, file)
    changed = edit(root.get("trust") if root else None)
    try:
        is_right = changed is not None and parsed(changed, file) == replace(before, trust=wanted)
    except SpecError:
        is_right = False
    if not is_right or changed is None:
        listed = "[" + ", ".join(f'"{name}"' for name in wanted) + "]"
        raise UsageError(f"`{file}` can't be changed line by line", hint=f"write `trust: {listed}` in it yourself")
    return changed


def _added(text: str, hosts: Node | None, host: str) -> str | None:
    """Write a host after the last one, or a new list at the end."""
    line = f'- "{host}"\n'
    if hosts is None:
        return f"{text}{_newline(text)}trust:\n{line}"
    rows = text.splitlines(keepends=True)
    members = hosts.members()
    if members and _is_row(rows, members):
        last = members[-1]
        indent = rows[last.line - 1][: rows[last.line - 1].index("-")]
        rows[last.line - 1] += _newline(rows[last.line - 1])
        return "".join([*rows[: last.line], f"{indent}{line}", *rows[last.line :]])
    return _in_brackets(rows, hosts, [str(member.value) for member in members] + [host])


def _removed(text: str, hosts: Node | None, host: str) -> str | None:
    if hosts is None:
        return None
    rows = text.splitlines(keepends=True)
    members = hosts.members()
    kept = [str(member.value) for member in members if host_name(str(member.value)) != host]
    if not _is_row(rows, members):
        return _in_brackets(rows, hosts, kept)
    if kept:
        gone = {member.line for member in members if host_name(str(member.value)) == host}
        return "".join(row for number, row in enumerate(rows, 1) if number not in gone)
    lines = {member.line for member in members}
    rows[hosts.key_line - 1] = rows[hosts.key_line - 1].replace("trust:", "trust: []", 1)
    return "".join(row for number, row in enumerate(rows, 1) if number not in lines)


def _is_row(rows: list[str], members: list[Node]) -> bool:
    """Say whether each member stands in a line of its own, after a dash."""
    return all(rows[member.line - 1][: member.column - 1].strip() == "-" for member in members)


def _in_brackets(rows: list[str], hosts: Node, names: list[str]) -> str | None:
    """Write a list in brackets anew, where it stands in one line."""
    row = rows[hosts.line - 1]
    start = hosts.column - 1
    end = row.find("]", max([start, *(member.column for member in hosts.members())]))
    if not row.startswith("[", start) or end < 0 or any(member.line != hosts.line for member in hosts.members()):
        return None
    listed = ", ".join(f'"{name}"' for name in names)
    rows[hosts.line - 1] = f"{row[:start]}[{listed}]{row[end + 1 :]}"
    return "".join(rows)


def _newline(text: str) -> str:
    return "" if not text or text.endswith("\n") else "\n"
