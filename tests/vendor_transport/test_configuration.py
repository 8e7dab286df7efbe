"""The user's configuration: read strictly, changed by lines; and `vidbuild trust`."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from vidbuild.commands import trust
from vidbuild.configuration import (
    Configuration,
    configuration,
    configuration_file,
    distrusting,
    parsed,
    trusting,
)
from vidbuild.packaged import schema
from vidbuild.words.errors import SpecError, UsageError

WHOLE = """\
# mine
max_usd: 12.50
total_usd: 200
trust:
  - api.acme.example  # the render farm
  - "127.0.0.1:8188"
jobs: 4
proxy: http://proxy.example:3128
poll_s: 0.5
"""


def environ(file: Path) -> dict[str, str]:
    return {"VIDBUILD_CONFIG": str(file)}


def test_without_a_file_all_is_as_it_is_by_default(tmp_path: Path) -> None:
    """So it is where its folder isn't there, and where all is commented out."""
    assert configuration(environ(tmp_path / "none" / "config.yaml")) == Configuration()
    assert parsed("", "c") == parsed("# max_usd: 5\n", "c") == Configuration()


def test_each_key_is_read(tmp_path: Path) -> None:
    """Money exactly, hosts by one spelling."""
    (tmp_path / "c.yaml").write_text(WHOLE)
    assert configuration(environ(tmp_path / "c.yaml")) == Configuration(
        Fraction("12.5"), Fraction(200), ("api.acme.example", "127.0.0.1:8188"), 4, "http://proxy.example:3128", 0.5
    )


def test_the_file_is_the_users_own() -> None:
    """By variable, else where the system keeps such files; never in a project."""
    assert configuration_file({"VIDBUILD_CONFIG": "/etc/x.yaml"}) == Path("/etc/x.yaml")
    assert configuration_file({"XDG_CONFIG_HOME": "/c", "HOME": "/h"}) == Path("/c/vidbuild/config.yaml")
    assert configuration_file({"HOME": "/h"}) == Path("/h/.config/vidbuild/config.yaml")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("max_usd: -1\n", "c:1:10: `max_usd` must be at least 0 USD, not -1"),
        ("max_usd: lots\n", "c:1:10: `max_usd` must be a number"),
        ("max_usd: .inf\n", "c:1:10: "),
        ("max_uds: 5\n", "c:1:1: "),
        ("jobs: 0\n", "c:1:7: `jobs` must be at least 1, not 0"),
        ("jobs: 1\njobs: 2\n", "c:2:1: "),
        ("- trust\n", "c:1:1: "),
        ("trust: api.example\n", "c:1:8: `trust` must be a list"),
        ("trust:\n- '*.example'\n", "c:2:3: a host that is no plain host name"),
        ("trust:\n- https://a.example\n", "c:2:3: a host that is no plain host name"),
        ("proxy: http://user:pw@proxy.example\n", "c:1:8: `proxy` must be an address like"),
        ("proxy: socks5://proxy.example\n", "c:1:8: `proxy` must be an address like"),
        ("keys: {FAL_KEY: abc}\n", "c:1:1: "),
    ],
)
def test_each_mistake_is_told_at_its_place(text: str, told: str) -> None:
    """File, line and column."""
    with pytest.raises(SpecError) as wrong:
        parsed(text, "c")
    assert wrong.value.text().startswith(told)


def test_several_mistakes_are_told_at_once() -> None:
    """In the order in which they stand."""
    with pytest.raises(SpecError) as wrong:
        parsed("trust: ['*']\njobs: 0\n", "c")
    assert [problem.mark.line for problem in wrong.value.problems if problem.mark] == [1, 2]


def test_the_schema_describes_every_key() -> None:
    """`vidbuild schema config` prints it."""
    assert set(schema("config")["properties"]) == set(Configuration.__dataclass_fields__)
    assert all("description" in part for part in schema("config")["properties"].values())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'trust:\n- "b.example"\n'),
        ("jobs: 2", 'jobs: 2\ntrust:\n- "b.example"\n'),
        ("# only this\n", '# only this\ntrust:\n- "b.example"\n'),
        ("trust: []  # none yet\njobs: 2\n", 'trust: ["b.example"]  # none yet\njobs: 2\n'),
        ("trust: [a.example]\n", 'trust: ["a.example", "b.example"]\n'),
        ("trust:\n  - a.example # x\njobs: 2\n", 'trust:\n  - a.example # x\n  - "b.example"\njobs: 2\n'),
        ("trust:\n- a.example", 'trust:\n- a.example\n- "b.example"\n'),
        ("trust: [b.example]\n", "trust: [b.example]\n"),
    ],
)
def test_a_host_is_added_by_one_line(before: str, after: str) -> None:
    """Comments and order stay; a host that is there already changes nothing."""
    assert trusting(before, "c", "b.example") == after


def test_all_else_stays_as_it_is() -> None:
    """Whatever else is set."""
    assert trusting(WHOLE, "c", "b.example") == WHOLE.replace('8188"\n', '8188"\n  - "b.example"\n')
    assert distrusting(WHOLE, "c", "127.0.0.1:8188") == WHOLE.replace('  - "127.0.0.1:8188"\n', "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("trust:\n- a.example\n- b.example # x\n# end\n", "trust:\n- a.example\n# end\n"),
        ("trust: # hosts\n- b.example\njobs: 2\n", "trust: [] # hosts\njobs: 2\n"),
        ("trust: [a.example, b.example] # x\n", 'trust: ["a.example"] # x\n'),
        ("trust: [b.example]\n", "trust: []\n"),
        ("trust:\n- B.example:443\n- a.example\n", "trust:\n- a.example\n"),
        ("jobs: 2\n", "jobs: 2\n"),
    ],
)
def test_a_host_is_taken_out_by_its_line(before: str, after: str) -> None:
    """However it is written there."""
    assert distrusting(before, "c", "b.example") == after


def test_what_cannot_be_changed_by_lines_is_left_to_the_user() -> None:
    """Nothing is guessed: a list in brackets over several lines."""
    with pytest.raises(UsageError, match="line by line") as wrong:
        trusting("trust: [a.example,\n  c.example]\n", "c", "b.example")
    assert 'trust: ["a.example", "c.example", "b.example"]' in (wrong.value.hint or "")


def test_the_command_adds_lists_and_removes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The list goes to standard output."""
    where = environ(tmp_path / "new" / "config.yaml")
    assert trust.run("API.Acme.example", False, where) == 0
    assert trust.run("127.0.0.1:8188", False, where) == 0
    assert trust.run("127.0.0.1:8188", False, where) == 0
    capsys.readouterr()
    assert trust.run(None, False, where) == 0
    assert capsys.readouterr().out == "api.acme.example\n127.0.0.1:8188\n"
    assert trust.run("api.acme.example:443", True, where) == 0
    assert configuration(where).trust == ("127.0.0.1:8188",)


def test_a_new_configuration_is_the_users_alone(tmp_path: Path) -> None:
    """Others on the machine need not know; one that is there keeps its mode."""
    where = environ(tmp_path / "config.yaml")
    trust.run("a.example", False, where)
    assert (tmp_path / "config.yaml").stat().st_mode & 0o777 == 0o600
    (tmp_path / "config.yaml").chmod(0o644)
    trust.run("b.example", False, where)
    assert (tmp_path / "config.yaml").stat().st_mode & 0o777 == 0o644


def test_a_linked_configuration_stays_a_link(tmp_path: Path) -> None:
    """Into a folder of dot files, say."""
    (tmp_path / "dotfiles").mkdir()
    (tmp_path / "config.yaml").symlink_to(tmp_path / "dotfiles" / "vidbuild.yaml")
    trust.run("a.example", False, environ(tmp_path / "config.yaml"))
    assert (tmp_path / "config.yaml").is_symlink()
    assert "a.example" in (tmp_path / "dotfiles" / "vidbuild.yaml").read_text()


@pytest.mark.parametrize("host", ["https://a.example", "*.example", "a.example/x", "", "a@b", "--all"])
def test_what_is_no_host_is_not_trusted(tmp_path: Path, host: str) -> None:
    """No scheme, no wildcard; nothing is written."""
    with pytest.raises(UsageError, match=r"plain host name|host that is no name"):
        trust.run(host, False, environ(tmp_path / "config.yaml"))
    assert not (tmp_path / "config.yaml").exists()


def test_a_host_that_is_not_trusted_cannot_be_removed(tmp_path: Path) -> None:
    """A slip of the pen, likely."""
    with pytest.raises(UsageError, match="not trusted"):
        trust.run("a.example", True, environ(tmp_path / "config.yaml"))


def test_a_configuration_with_mistakes_is_not_changed(tmp_path: Path) -> None:
    """They are told instead."""
    (tmp_path / "config.yaml").write_text("jobs: none\n")
    with pytest.raises(SpecError):
        trust.run("a.example", False, environ(tmp_path / "config.yaml"))
    assert (tmp_path / "config.yaml").read_text() == "jobs: none\n"
