"""What the libraries that draw and reckon are to keys: another version makes anew what it makes, and moves no ask."""

from __future__ import annotations

import pytest
from films import SQUARE, YOUTUBE, Shop, card, film, last_of, line, nodes, shot

from vidbuild.spec.model import Project, Reframe

FILM = film(
    card("t", logo="logo.png"),
    shot("a"),
    shot("b", "x", models=("local/animatic",)),
    outputs=(YOUTUBE, SQUARE),
    reframe=Reframe(follows="auto"),
    lines=(line("a", "We wait."),),
)


def changed(project: Project, **libraries: str) -> set[str]:
    """Name what is made anew with other libraries, but what hangs on it."""
    before, after = Shop().planned(project), Shop(**libraries).planned(project)
    return {
        node.action.mnemonic
        for node in after.nodes.values()
        if all(node.action.tool != other.action.tool or node.action.params != other.action.params
               for other in before.nodes.values())
    }  # fmt: skip


@pytest.mark.parametrize(
    ("libraries", "made"),
    [({"arrays": "numpy 3"}, {"Mix", "Path", "Picture"}), ({"imaging": "pillow 13"}, {"Picture"})],
)
def test_another_version_makes_anew_what_it_makes(libraries: dict[str, str], made: set[str]) -> None:
    """Old results and new ones never stand under one key: mixes, paths that are followed, cards."""
    assert changed(FILM, **libraries) == made


def test_takes_that_are_made_here_keep_their_keys() -> None:
    """The pictures that bought takes start from are pinned by them: an upgrade would buy those again."""
    for mnemonic in ("Footage", "Speech"):
        before, after = (nodes(shop.planned(FILM), mnemonic) for shop in (Shop(), Shop(arrays="numpy 3", imaging="p")))
        assert [node.action for node in before] == [node.action for node in after]


@pytest.mark.parametrize("first", ["a card", "a local take"])
def test_an_upgrade_buys_nothing_again(first: str) -> None:
    """What a take starts from is bound as it was, though cards are drawn anew."""
    begun = card("t") if first == "a card" else shot("t", models=("local/animatic",))
    project, shop = film(begun, shot("a", init=last_of("t"))), Shop()
    shop.build(project)
    bought = len(shop.bills)
    assert bought
    shop.arrays, shop.imaging = "numpy 3", "pillow 13"
    shop.build(project)
    assert len(shop.bills) == bought
