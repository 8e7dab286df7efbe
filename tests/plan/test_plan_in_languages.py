"""A project in several languages is one graph: what they share is planned, routed and bought once, for the longest."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from films import FINAL, MUSIC, SQUARE, Shop, card, film, filmed, line, nodes, said, shot

from vidbuild.plan.planner import Plan, plan_all
from vidbuild.plan.world import Request
from vidbuild.spec.model import Captions, Project, Shot, Text
from vidbuild.words.action import Graph, bind

HEARD = {
    "en": said("3", ("Come", "0", "1"), ("in.", "1", "3")),
    "de": said("5", ("Komm", "0", "2"), ("rein.", "2", "5")),
}
WORDS = {"en": "Come in.", "de": "Komm rein."}


def tongue(language: str, *shots: Shot, **more: object) -> Project:
    """Give a project in a language, with a line over its first shot."""
    spoken = line("a", WORDS[language], shot=shots[0].id, until=shots[0].id, language=language)
    return replace(film(*shots), language=language, **{"lines": (spoken,), **more})


def both(*shots: Shot, **more: object) -> list[Project]:
    """Give a project in two languages that differ in what is said."""
    return [tongue(language, *shots, **more) for language in ("en", "de")]


def auto(made: Shot, is_longest: bool = False) -> Shot:
    """Let a shot be as long as its line."""
    return replace(made, duration_s=None, pad_s=Fraction(0), is_longest=is_longest)


def acts(projects: list[Project], shop: Shop, request: Request = FINAL) -> Plan:
    """Plan, hear what is waited for, and plan again."""
    found = plan_all(projects, shop.world, request)
    if found.unheard:
        assert found.graph is not None
        told = {node.action.params["language"]: node for node in nodes(found.graph, "Speech")}
        shop.spoken |= {bind(node.action, {}).key: HEARD[language] for language, node in told.items()}
        found = plan_all(projects, shop.world, request)
    return found


def graph(found: Plan) -> Graph:
    """Give the graph of a plan without problems."""
    assert found.graph is not None, found.problems
    return found.graph


def test_each_language_has_its_deliverables() -> None:
    """In a folder of its own, by its code."""
    made = graph(plan_all(both(card("t"), outputs=(SQUARE,)), Shop().world, FINAL))
    assert [(each.variant, each.path) for each in made.deliverables] == [
        ("en", "build/en/square.mp4"), ("de", "build/de/square.mp4"),
    ]  # fmt: skip


def test_what_is_the_same_in_both_is_one_action() -> None:
    """Footage, pieces, music; its places say in which languages it is. The mix and what is said are each one's own."""
    made = graph(plan_all(both(card("t", "4"), shot("b"), music=(MUSIC,)), Shop().world, FINAL))
    counts = {name: len(nodes(made, name)) for name in ("Footage", "Segment", "Music", "Picture", "Speech", "Mix")}
    assert counts == {"Footage": 1, "Segment": 2, "Music": 1, "Picture": 1, "Speech": 2, "Mix": 2}
    (footage,) = nodes(made, "Footage")
    assert {place.variant for place in made.places[footage.action.id]} == {"en", "de"}
    spoken = {node.action.params["text"]: node.action for node in nodes(made, "Speech")}
    assert {place.variant for place in made.places[spoken["Komm rein."].id]} == {"de"}


def test_speech_is_asked_for_in_its_language() -> None:
    """Where the project has languages; elsewhere the ask says nothing of one."""
    made = graph(plan_all(both(card("t", "4")), Shop().world, FINAL))
    assert [node.action.params["language"] for node in nodes(made, "Speech")] == ["en", "de"]
    alone = graph(plan_all([replace(film(card("t", "4")), lines=(line("t"),))], Shop().world, FINAL))
    assert all("language" not in node.action.params for node in nodes(alone, "Speech"))


def test_a_shot_of_unlike_lengths_is_bought_once_for_the_longest() -> None:
    """Whichever language comes first."""
    shop = Shop()
    for order in (1, -1):
        made = graph(acts(both(auto(shot("b")))[::order], shop))
        assert [node.action.params["seconds"] for node in nodes(made, "Footage")] == ["5"]
    assert {deliverable.seconds for deliverable in made.deliverables} == {3, 5}


def test_a_shot_may_be_as_long_in_all_as_where_it_is_longest() -> None:
    """The line of each language is heard first."""
    made = graph(acts(both(auto(card("t"), True)), Shop()))
    assert [deliverable.seconds for deliverable in made.deliverables] == [5, 5]
    assert len(nodes(made, "Segment")) == 1


def test_music_is_asked_for_once_for_the_longest_film() -> None:
    """Beds come in steps."""
    short, long = both(card("t", "4"), music=(MUSIC,))
    long = replace(long, shots=(replace(long.shots[0], duration_s=Fraction(40)),))
    made = graph(plan_all([short, long], Shop().world, FINAL))
    assert [node.action.params["seconds"] for node in nodes(made, "Music")] == ["60"]


def test_a_language_that_is_added_moves_nothing() -> None:
    """Every action of the one stands in the graph of both."""
    en, de = both(card("t", "4"), filmed("b"), music=(MUSIC,))
    alone, with_both = graph(plan_all([en], Shop().world, FINAL)), graph(plan_all([en, de], Shop().world, FINAL))
    assert set(alone.nodes) <= set(with_both.nodes)


def test_mistakes_of_one_language_say_so() -> None:
    """Those of all are told once."""
    en, de = both(card("t", "4"))
    wrong = Text("日", "t")
    (problem,) = plan_all([en, replace(de, texts=(wrong,))], Shop().world, FINAL).problems
    assert problem.facts[-1] == "in `de`"
    (problem,) = plan_all([replace(one, texts=(wrong,)) for one in (en, de)], Shop().world, FINAL).problems
    assert "in `de`" not in problem.facts


def test_captions_stand_beside_in_the_languages_asked_for() -> None:
    """By suffix; without any named, in the video's own."""
    asked = Captions(sidecar=("srt",), languages=("de", "en"))
    made = graph(plan_all(both(card("t", "6"), captions=asked), Shop().world, FINAL))
    assert [sorted(each.beside) for each in made.deliverables] == [["de.srt", "en.srt"]] * 2
    read = [node.action.params["steps"][0]["cues"]["lines"][0] for node in nodes(made, "Sidecar")]
    assert [each["shown"][0][0] if "shown" in each else each["text"] for each in read] == [
        "Komm rein.", "Come in.", "Komm rein.", "Come in.",
    ]  # fmt: skip
    own = graph(plan_all(both(card("t", "6"), captions=Captions(sidecar=("srt",))), Shop().world, FINAL))
    assert [sorted(each.beside) for each in own.deliverables] == [["srt"]] * 2


def test_one_shot_by_itself_is_made_in_the_languages_that_have_it() -> None:
    """The others make nothing."""
    en, de = both(card("t", "6"))
    en = replace(en, shots=(*en.shots, card("only", "2")))
    made = graph(plan_all([en, de], Shop().world, Request(only="only")))
    assert [each.path for each in made.deliverables] == ["build/en/shots/only.mp4"]
