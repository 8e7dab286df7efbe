"""Title and end cards: drawn from the brand, for each output by itself, and what is told before one is drawn."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from films import FONT, SQUARE, TYPEFACES, YOUTUBE, Shop, card, film, footage, last_of, nodes, shot

from vidbuild.media.fonts import FontFile, Typeface
from vidbuild.plan.planner import mistakes
from vidbuild.plan.world import Request
from vidbuild.spec.model import Brand, Output, Project
from vidbuild.words.action import Action
from vidbuild.words.digest import digest_of

TIKTOK, SHORTS = Output("tiktok", "tiktok"), Output("youtube-shorts", "youtube-shorts")
FILM = film(card("t", subtitle="and more", logo="logo.png"), outputs=(YOUTUBE, TIKTOK))


def drawn(project: Project) -> list[Action]:
    """Give the pictures of a film's cards."""
    return [node.action for node in nodes(Shop().planned(project), "Picture")]


def sentences(project: Project) -> list[str]:
    """Give what is wrong with a project."""
    return [problem.sentence for problem in mistakes(project, Shop().world, Request())]


def branded(**said: object) -> Project:
    """Give the film with a brand."""
    return replace(FILM, brand=Brand(presets={"card-title": {"like": "card-title", **said}}))


def test_a_card_is_drawn_for_each_safe_area() -> None:
    """Of one size, too; where that is the same, once."""
    assert len(drawn(FILM)) == 2
    assert len(drawn(replace(FILM, outputs=(TIKTOK, SHORTS)))) == 2
    assert len(drawn(replace(FILM, outputs=(TIKTOK, replace(TIKTOK, name="two"))))) == 1


def test_a_logo_and_texts_stand_below_each_other_inside_the_safe_area() -> None:
    """In the middle of the picture across, of the safe area down."""
    tall = drawn(FILM)[1]
    left, top, width, height = tall.params["logo"]
    written = [line for line in tall.params["steps"][0]["text"]["lines"] if line.startswith("Dialogue")]
    subtitle, title = sorted(written, key=lambda line: "The title" in line)
    assert left + width // 2 == 540
    assert top >= 1920 * 8 // 100
    places = [line.split("\\pos(")[1].split(")")[0] for line in (title, subtitle)]
    assert [place.split(",")[0] for place in places] == ["540", "540"]
    down = [int(place.split(",")[1]) for place in places]
    assert top + height < down[0] < down[1] < 1920 * 80 // 100


def test_the_brands_presets_serve_cards() -> None:
    """Its colour stands for the ink that the ground asks for."""
    look = [line for line in drawn(branded(colour="#ff8800"))[0].params["steps"][0]["text"]["lines"] if "Style" in line]
    assert any("&H000088FF" in line for line in look)
    assert drawn(branded(size=Fraction(1, 20))) != drawn(FILM)


@pytest.mark.parametrize(("ground", "ink"), [("#f0f0f0", "&H00201A18"), ("#10233f", "&H00F6FAFA")])
def test_ink_can_be_read_on_the_ground(ground: str, ink: str) -> None:
    """Dark on light, light on dark."""
    (action,) = drawn(film(card("t", background=ground)))
    assert any(ink in line for line in action.params["steps"][0]["text"]["lines"])


def test_what_does_not_fit_is_an_error_that_names_the_outputs() -> None:
    """Before anything is drawn."""
    long = film(card("t", subtitle="word " * 24), outputs=(YOUTUBE, SQUARE, TIKTOK))
    assert sentences(long) == []
    words = "unpronounceable " * 20
    assert sentences(film(card("t", subtitle=words * 4), outputs=(YOUTUBE, SQUARE))) == [
        "the text of the card `t` doesn't fit in `youtube` and `square`"
    ]


def test_characters_that_no_font_has_are_an_error_that_lists_them() -> None:
    """In the title and below it."""
    (problem,) = mistakes(film(card("t", subtitle="日本 日")), Shop().world, Request())
    assert problem.sentence == "no font has all characters of the card `t`"
    assert problem.facts == ("日 U+65E5, 本 U+672C",)


def test_a_logo_that_is_not_there_is_no_other_mistake() -> None:
    """The reader has told it."""
    assert sentences(film(card("t", logo="nowhere.png"))) == []


class Versed(Shop):
    """A shop whose worlds have another font."""

    font = FONT

    @property
    def world(self):  # type: ignore[no-untyped-def]
        """What planning is told now."""
        faces = {role: Typeface((self.font,)) for role in TYPEFACES}
        return replace(super().world, typefaces=faces)


@pytest.mark.parametrize(("family", "bought"), [("Vidbuild Sans", 0), ("The Brand's", 1)])
def test_a_font_that_ships_makes_nothing_paid_anew(family: str, bought: int) -> None:
    """What continues a card stays, whatever the packaged font becomes; the author's own font is their wish."""
    project = film(card("t"), shot("b", init=last_of("t")))
    shop = Versed()
    shop.font = replace(FONT, faces=tuple(replace(face, family=family) for face in FONT.faces))
    shop.build(project)
    shop.font = FontFile(digest_of("drawn otherwise"), shop.font.faces)
    assert len(shop.build(project)) == bought


def test_a_preset_of_cards_asks_anew_for_what_continues_one() -> None:
    """It starts from another picture."""
    project = film(card("t"), shot("b", init=last_of("t")))
    shop = Shop()
    assert set(footage(shop.planned(project))) == {"b"}
    shop.build(project)
    assert shop.build(project) == []
    brand = Brand(presets={"card-title": {"like": "card-title", "colour": "#ff0000"}})
    assert len(shop.build(replace(project, brand=brand))) == 1
