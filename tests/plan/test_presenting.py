"""Presenters and lip-sync as planned: what their asks hold, whose avatars are hired, what of them is pinned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from films import FINAL, YOUTUBE, Shop, by, film, filmed, line, nodes, priced, said, shot, with_models

from vidbuild.catalog.model import Model
from vidbuild.plan import attempts, speaking
from vidbuild.spec.model import Avatar, Line, LipSync, Member, Output, Presented, Project, Reframe, Shot
from vidbuild.words.action import Graph, Node, Ref
from vidbuild.words.locked import Pin

MODELS = (
    Model("heygen", "avatar", options={"engine": {"enum": ["iv", "v"]}}, prices=priced("0.05"), routes=by("heygen")),
    Model("synthesia", "avatar", prices=priced("0.1"), routes=by("synthesia")),
    Model("sync-3", "lipsync", options={"temperature": {"type": "number"}}, prices=priced("0.1"), routes=by("sync")),
)
AVATARS = (Avatar("heygen", "ann", {"engine": "v"}), Avatar("synthesia", "anna_1"))
HOST = Member("host", avatars=AVATARS)
ASK = {"kind": "avatar", "avatar": "ann", "seed": 0, "take": 0, "aspect": "16:9", "options": {"engine": "v"}}


def presented(id: str = "intro", **said: Any) -> Shot:
    """Give a shot that the host presents; it is as long as its line, in whole frames."""
    source = Presented("host", AVATARS, said.pop("seed", 0), said.pop("rest_s", Fraction(0)))
    told = {"pad_s": source.rest_s} if "duration_s" not in said else {}
    return replace(Shot(id, source, cast=("host",)), **{**told, **said})


def talking(**said: Any) -> Shot:
    """Give a shot whose speaker's lips are joined."""
    return shot("talk", cast=("host",), lipsync=LipSync(("sync-3",), {"temperature": Fraction(1, 2)}), **said)


def say(id: str, text: str = "Hello.", **said: Any) -> Line:
    """Give a line of a shot, said by the host."""
    return line(id, text, by="host", shot=id.partition(".")[0], until=id.partition(".")[0], **said)


def shop_for(project: Project, seconds: str = "3") -> Shop:
    """Give a shop that knows the models here, and has heard all lines."""
    shop = Shop(catalog=with_models(*MODELS))
    heard = said(seconds, ("Hello.", "0", seconds))
    shop.spoken = dict.fromkeys(speaking.keys(project, shop.world, False).values(), heard)
    return shop


def hosted(*shots: Shot, lines: tuple[Line, ...], **said: Any) -> Project:
    """Give a film with the host in its cast."""
    return film(*shots, lines=lines, cast={"host": HOST}, **said)


BOTH = hosted(presented(), talking(), lines=(say("intro"), say("talk")))


def planned(project: Project) -> Graph:
    """Plan a film whose lines were heard."""
    return shop_for(project).planned(project, FINAL)


def asks(graph: Graph) -> Mapping[str, Node]:
    """Give what is made with lines, by its kind."""
    return {node.action.params["kind"]: node for node in nodes(graph, "Footage", "LipSync")}


def test_an_avatars_ask_holds_who_presents_and_nothing_of_its_length() -> None:
    """What is said is an input, and so is its length."""
    node = asks(planned(BOTH))["avatar"]
    assert dict(node.action.params) == ASK
    assert list(node.action.inputs) == ["line"]
    assert node.action.tool == "heygen@1"


def test_a_joined_takes_ask_holds_its_options() -> None:
    """The take and what is said are inputs; a seed and a take are always numbers."""
    node = asks(planned(BOTH))["lipsync"]
    assert dict(node.action.params) == {
        "kind": "lipsync",
        "seed": 0,
        "take": 0,
        "options": {"temperature": Fraction(1, 2)},
    }
    assert set(node.action.inputs) == {"clip", "line"}


def test_each_model_of_a_list_is_hired_with_its_own_avatar() -> None:
    """The ask is the first one's; the second one's id and options stand in its attempts."""
    first, second = asks(planned(BOTH))["avatar"].conduct.hires
    assert (first.model, dict(first.own)) == ("heygen", {})
    assert (second.model, second.own) == ("synthesia", {"avatar": "anna_1", "options": {}})
    assert [hire.list_usd for hire in (first, second)] == [Fraction(3, 20), Fraction(3, 10)]


def test_languages_are_in_the_ask_where_the_project_has_some() -> None:
    """As in that of a line."""
    project = replace(BOTH, language="de")
    assert asks(planned(project))["avatar"].action.params["language"] == "de"


@pytest.mark.parametrize(
    "same",
    [presented(gain_db=Fraction(-3)), presented(reshoots=3), presented("opening"), presented(note="hers")],
    ids=["quieter", "more reshoots", "another id", "a note"],
)
def test_what_says_nothing_of_the_take_buys_nothing(same: Shot) -> None:
    """Neither what it is called, nor how often it may be tried."""
    project = hosted(presented(), lines=(say("intro"),))
    shop = shop_for(project)
    shop.build(project)
    assert shop.build(hosted(same, lines=(say(same.id),))) == []


def test_rest_and_place_of_a_line_make_a_presenter_again() -> None:
    """What is heard while the presenter is seen is what the take is made from."""
    project = hosted(presented(), lines=(say("intro"),))
    shop = shop_for(project)
    shop.build(project)
    assert [ask.mnemonic for ask in shop.build(hosted(presented(rest_s=Fraction(1)), lines=(say("intro"),)))] == [
        "Footage"
    ]
    later = say("intro", at=Fraction(1, 2))
    assert [ask.mnemonic for ask in shop.build(hosted(presented(), lines=(later,)))] == ["Footage"]


def test_what_is_said_is_pinned_where_something_paid_is_made_from_it() -> None:
    """So another ffmpeg buys nothing."""
    shop = shop_for(BOTH)
    shop.build(BOTH)
    pins = [entry for entries in shop.lock.made.values() for entry in entries if isinstance(entry, Pin)]
    assert len(pins) == 2
    shop.ffmpeg = "ffmpeg version 10 sha256:1"
    assert shop.build(BOTH) == []


def test_a_line_of_somebody_who_is_not_there_is_not_joined() -> None:
    """A narrator's voice moves no lips; without a line to join nothing is asked."""
    stranger = replace(say("talk"), by=None)
    assert set(asks(planned(hosted(talking(), lines=(stranger,))))) == {"footage"}
    assert set(asks(planned(hosted(talking(), lines=())))) == {"footage"}


def test_a_native_take_is_joined_once_more() -> None:
    """Two aspects, two takes, two joined ones; what is said is one sound."""
    native = talking(reframe=Reframe("native"))
    graph = planned(hosted(native, lines=(say("talk"),), outputs=(YOUTUBE, Output("tiktok", "tiktok"))))
    assert len(nodes(graph, "LipSync")) == len(nodes(graph, "Footage")) == 2
    assert len({node.action.inputs["line"] for node in nodes(graph, "LipSync")}) == 1


def test_own_sound_and_frames_are_those_of_the_take_before() -> None:
    """What is joined feeds the picture alone."""
    graph = planned(hosted(talking(sound="keep"), lines=(say("talk"),)))
    (lips,) = nodes(graph, "LipSync")
    read_by = {
        node.action.mnemonic
        for node in graph.nodes.values()
        if any(ref.action == lips.action.id for ref in node.action.refs)
    }
    assert read_by == {"Segment"}


def test_own_footage_is_sent_between_its_cut_points() -> None:
    """A plate of just that, whatever is shown of it; the picture then begins at its start."""
    plate = filmed("talk", "2", in_s=Fraction(10), out_s=Fraction(15))
    joined = replace(plate, cast=("host",), lipsync=LipSync(("sync-3",)))
    lines = (replace(say("talk"), fit="error"),)
    project = hosted(replace(joined, duration_s=Fraction(4)), lines=lines)
    graph = planned(project)
    (made,) = nodes(graph, "Plate")
    assert made.action.params["frames"] == 5 * 24
    (lips,) = nodes(graph, "LipSync")
    assert lips.action.inputs["clip"] == Ref(made.action.id, "video")
    assert lips.conduct.hires[0].list_usd == Fraction(1, 2)
    shop = shop_for(project)
    shop.build(project)
    assert shop.build(hosted(replace(joined, duration_s=Fraction(3)), lines=lines)) == []


def test_paid_keys_of_presenters_stay_as_they_are(golden: Any) -> None:
    """As `paid_keys.json`: what was bought under such a key is bought again when it changes."""
    shop = shop_for(BOTH)
    shop.build(BOTH)
    known: dict[str, str] = {}
    for bound in shop.bills:
        known[f"{bound.mnemonic} {bound.params['kind']}"] = bound.key
    node = asks(shop.planned(BOTH))["avatar"]
    ask = next(bound for bound in shop.bills if bound.params["kind"] == "avatar")
    for hire in node.conduct.hires:
        known[f"attempt by {hire.model}"] = attempts.attempt(ask, hire, 0, ()).key
    pins = [entry for entries in shop.lock.made.values() for entry in entries if isinstance(entry, Pin)]
    known |= {f"question {number}": pin.question for number, pin in enumerate(pins)}
    golden("paid_keys_of_presenters.json", known)
