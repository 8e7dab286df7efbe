"""`vidbuild graph`: a plan as people see it; what authors wrote is text in every form."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from one_shot import write_one_shot

from vidbuild import packaged
from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import Studio

FILM = """\
vidbuild: 1
name: "film <b> \\"q\\" & #1;"
model: kling-3
cast:
  anna: {description: a tall woman, image: {model: flux-2-pro, prompt: "portrait of {{ description }}"}}
shots:
  - {id: walk, duration_s: 5, prompt: "{{ cast.anna }} walks </text><script>x</script> \\" ]] --> end"}
  - {id: sits, duration_s: 5, prompt: she sits, init_image: walk.last_frame}
  - {id: end, duration_s: 1, card: {title: The end}}
audio: {music: {model: stable-audio-2, prompt: calm}}
outputs: [youtube, tiktok, {platform: square, shots: [walk, end]}]
"""
TEXT = "a tall woman walks </text><script>x</script>"


@pytest.fixture
def film(tmp_path: Path) -> Studio:
    """A film of a member, two shots that go on from each other, a card, music, three files."""
    studio = Studio(tmp_path / "project")
    studio.write("project.yaml", FILM)
    return studio


def seen(studio: Studio, *options: str) -> Mapping[str, Any]:
    """Give the JSON form, which keeps to its schema."""
    document: Mapping[str, Any] = json.loads(studio.run("graph", "--format", "json", *options).stdout)
    jsonschema.validate(document, packaged.schema("graph"))
    return document


def test_thousands_of_actions_are_a_card_for_each_thing_that_has_a_name(film: Studio) -> None:
    """Members, shots in the film's order, sound, files; and what leads from one to the other."""
    document = seen(film)
    assert [card["id"] for card in document["cards"]] == [
        "cast anna", "shot walk", "shot sits", "shot end", "sound", "output youtube", "output tiktok", "output square",
    ]  # fmt: skip
    links = {(link["from"], link["to"]) for link in document["links"]}
    assert {("cast anna", "shot walk"), ("shot walk", "shot sits"), ("sound", "output youtube")} <= links
    assert ("shot walk", "shot end") not in links
    cells = {(cell["shot"], cell["output"]) for cell in document["cells"]}
    assert ("shot sits", "output tiktok") in cells
    assert ("shot sits", "output square") not in cells
    full = seen(film, "--full")
    plan = json.loads(film.run("plan", "--json").stdout)
    assert len(full["cards"]) == len(plan["actions"]) > 3 * len(document["cards"])
    assert {card["kind"] for card in full["cards"]} == {"action"}
    assert [(card["id"], card["standing"]) for card in full["cards"]] == [
        (action["id"], action["standing"]) for action in plan["actions"]
    ]
    assert len(full["links"]) == sum(len(action["needs"]) for action in plan["actions"])


def test_prices_add_up_to_the_plans(film: Studio) -> None:
    """What several share counts once: here the twin is the same take."""
    film.edit(
        "  - {id: end,", "  - {id: twin, duration_s: 5, prompt: she sits, init_image: walk.last_frame}\n  - {id: end,"
    )
    assert sum(card["buys"] for card in seen(film)["cards"] if card["id"] in ("shot sits", "shot twin")) == 1
    plan = json.loads(film.run("plan", "--json").stdout)["totals"]
    for options in ((), ("--full",)):
        cards = seen(film, *options)["cards"]
        for end in ("low", "high"):
            assert sum(card["cost_usd"][end] for card in cards) == pytest.approx(plan["cost_usd"][end])
        assert sum(card["unpriced"] for card in cards) == plan["unpriced"]


def test_the_picture_shows_what_is_bought_and_then_what_is_kept(tmp_path: Path) -> None:
    """Before the purchase with its price, after it as kept, after an edit the cell alone."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        write_one_shot(shop, "plain-keyed-video")
        assert "$0.10 to" in words_of(shop.run("graph").stdout)
        assert shop.build("--yes").status == "built"
        words = words_of(shop.run("graph").stdout)
        assert "free; 0 of 1 finished file would change" in words
        assert "$0.10" not in words
        (card,) = [card for card in seen(shop)["cards"] if card["kind"] == "shot"]
        assert (card["standing"], card["buys"]) == ("cached", 0)


def words_of(svg: str) -> str:
    """Give the text of a picture, which is well-formed."""
    root = ElementTree.fromstring(svg)
    assert {element.tag.partition("}")[2] for element in root.iter()} <= {"svg", "title", "rect", "text", "path"}
    return "\n".join(root.itertext())


def test_what_authors_wrote_is_text_in_every_form(film: Studio) -> None:
    """No markup of theirs is markup in a picture, in DOT or in Mermaid."""
    words = words_of(film.run("graph").stdout)
    assert 'film <b> "q" & #1;' in words
    assert TEXT[:30] in words
    assert "kling-3" in words
    mermaid = film.run("graph", "--format", "mermaid").stdout
    assert "<script" not in mermaid
    assert "]]" not in mermaid
    dot = film.run("graph", "--format", "dot").stdout
    assert "<script" not in dot
    assert "walks &lt;/text&gt;" in dot


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not here")
@pytest.mark.parametrize("options", [(), ("--full",)])
def test_graphviz_draws_it(film: Studio, options: tuple[str, ...]) -> None:
    """Without a complaint, a node a card."""
    text = film.run("graph", "--format", "dot", *options).stdout
    drawn = subprocess.run(["dot", "-Tplain"], input=text, text=True, capture_output=True, check=True)
    assert drawn.stderr == ""
    nodes = [line for line in drawn.stdout.splitlines() if line.startswith("node n")]
    assert len(nodes) == len(seen(film, *options)["cards"])


def test_it_is_written_where_it_is_wanted_and_refuses_a_picture_of_everything(film: Studio) -> None:
    """`-o` names a file: one that isn't there, or an older graph; never another one."""
    assert film.run("graph", "-o", str(film.folder / "graph.svg")).stdout == ""
    assert film.run("graph", "-o", str(film.folder / "graph.svg")).returncode == 0
    told = film.run("graph", "-o", str(film.folder / "project.yaml"))
    assert (told.returncode, "is no graph" in told.stderr) == (2, True)
    assert (film.folder / "project.yaml").read_text() == FILM
    assert "walk" in words_of((film.folder / "graph.svg").read_text())
    told = film.run("graph", "--full")
    assert told.returncode == 2
    assert "--format dot --full" in told.stderr
