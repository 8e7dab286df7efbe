"""Links between pages lead somewhere: to a file that is there, and to a heading in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pages import ROOT

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"^( *)```.*?^\1```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> Iterator[str]:
    """Give the names by which a page's headings are linked to, as the usual viewers of Markdown make them."""
    for heading in re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_its_links_lead_somewhere(page: Path) -> None:
    """Those to other sites are not followed."""
    for link in _LINK.findall(_CODE.sub("", page.read_text())):
        if ":" in link:
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), f"{page.name}: {link}"
        assert not anchor or anchor in set(anchors(target)), f"{page.name}: {link}"


def test_every_page_is_reached_from_the_index() -> None:
    """docs/README.md names all that lie beside and below it."""
    index = ROOT / "docs/README.md"
    named = {(index.parent / link).resolve() for link in _LINK.findall(index.read_text())}
    lost = [page.name for page in PAGES if page.parent != ROOT and page != index and page.resolve() not in named]
    assert lost == [], "docs/README.md doesn't name them"
