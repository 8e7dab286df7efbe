"""Routing: who makes what, by name, list or need; what is pinned stands, and what is chosen is explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from films import (
    ANNA,
    CATALOG,
    DRAFT,
    FINAL,
    MUSIC,
    PORTRAIT,
    Shop,
    by,
    cast,
    effect,
    film,
    footage,
    last_of,
    line,
    nodes,
    priced,
    shot,
    with_models,
)

from vidbuild.catalog.model import Accepts, Lengths, Price
from vidbuild.plan.options import takes
from vidbuild.plan.planner import plan
from vidbuild.plan.routing import Wanted
from vidbuild.spec.model import FilePicture, Judge, Shot, Voice
from vidbuild.words.action import Graph

KLING, HAILUO = CATALOG.models["kling-3"], CATALOG.models["hailuo-3"]


def auto(id: str = "a", prompt: str = "a cup", seconds: str = "6", **said: Any) -> Shot:
    """Give a shot that names no model."""
    return shot(id, prompt, seconds, **{"models": (), **said})


def hired(shop: Shop, *shots: Shot, **said: Any) -> dict[str, list[str]]:
    """Give the models that may make each shot, in the order they are tried."""
    found = footage(shop.planned(film(*shots, **said)))
    return {name: [hire.model for hire in node.conduct.hires] for name, node in found.items()}


def told(graph: Graph) -> list[str]:
    """Give what is told of routing."""
    return [text for node in nodes(graph, "Footage") for text in node.told]


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        (("kling-3",), ["kling-3"]),
        (("hailuo-3", "kling-3"), ["hailuo-3", "kling-3"]),
        (("kling", "hailuo-3"), ["kling-3", "hailuo-3"]),
        (("auto",), ["kling-3"]),
        ((), ["kling-3"]),
    ],
)
def test_a_shot_is_made_by_the_models_that_it_names_in_order(models: tuple[str, ...], expected: list[str]) -> None:
    """Or by the cheapest that fits."""
    assert hired(Shop(), shot("a", models=models)) == {"a": expected}


@pytest.mark.parametrize(
    ("said", "chosen"),
    [
        ({"needs": ("hands",)}, "kling-3"),
        ({"needs": ("motion",)}, "hailuo-3"),
        ({"needs": ("dialogue",)}, "veo-3.1"),
        ({"seconds": "12"}, "hailuo-3"),
        ({"init": FilePicture("cup.png")}, "kling-3"),
        ({"needs": ("hands",), "init": FilePicture("cup.png"), "seconds": "11"}, "hailuo-3"),
        ({"prompt": "x" * 300}, "hailuo-3"),
        ({"options": {"resolution": "2k"}}, "hailuo-3"),
        ({"references": ("anna",)}, "hailuo-3"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_auto_goes_by_needs_lengths_pictures_options_and_price(said: dict[str, Any], chosen: str) -> None:
    """Of those that fit the cheapest; those that take the cast's pictures before the others."""
    assert hired(Shop(), auto(**said), cast=cast(ANNA)) == {"a": [chosen]}


def test_auto_goes_by_the_aspect() -> None:
    """Of what it makes; a given picture decides it itself."""
    assert hired(Shop(), auto(), aspect=(1, 1)) == {"a": ["hailuo-3"]}
    assert hired(Shop(), auto(init=FilePicture("cup.png")), aspect=(1, 1)) == {"a": ["kling-3"]}


def test_a_retired_model_is_made_where_it_is_still_to_be_had_by_who_names_it() -> None:
    """With the keys of who has it; `auto` never takes it."""
    sora = CATALOG.models["sora-2"]
    left = replace(
        sora,
        aspects=("16:9",),
        lengths=Lengths(choices=(Fraction(4),)),
        prices=(Price(Fraction(1, 100), "second"),),
        still_at=("fal",),
    )
    shop = Shop(catalog=with_models(left), missing={"fal": ()})
    assert hired(shop, shot("a", models=("sora-2",), seconds="4")) == {"a": ["sora-2"]}
    assert hired(shop, auto()) == {"a": ["kling-3"]}
    shop.missing = {"fal": ("FAL_KEY",)}
    (problem,) = plan(film(shot("a", models=("sora-2",), seconds="4")), shop.world, FINAL).problems
    assert "`veo-3.1` replaced it" in problem.sentence


def test_every_kind_is_routed() -> None:
    """Pictures, music and effects as well as footage."""
    still = replace(PORTRAIT, models=())
    project = film(
        auto(init=still), music=(replace(MUSIC, models=("auto",)),), effects=(effect(models=()),), lines=(line(),),
        judge=Judge(("vision-judge",), ("good?",)),
    )  # fmt: skip
    graph = Shop().planned(project)
    chosen = {node.action.mnemonic: node.conduct.hires[0].model for node in graph.nodes.values() if node.conduct.hires}
    assert chosen == {
        "Picture": "flux-2-pro", "Footage": "kling-3", "Music": "stable-audio-2", "Effect": "elevenlabs-sfx",
        "Speech": "elevenlabs",
    }  # fmt: skip
    (judge,) = {node.conduct.judge.hires[0].model for node in nodes(graph, "Footage") if node.conduct.judge}
    assert judge == "vision-judge"


@pytest.mark.parametrize(
    ("most", "chosen"), [("0.1", "kling-3"), ("0.15", "kling-3"), ("1", "kling-3")], ids=["equal", "above", "far above"]
)
def test_what_may_be_paid_for_a_second_bounds_auto(most: str, chosen: str) -> None:
    """Up to it."""
    assert hired(Shop(), auto(max_usd_per_s=Fraction(most))) == {"a": [chosen]}


def test_where_everything_costs_more_it_is_said_of_each() -> None:
    """An unknown price is over every bound."""
    unpriced = replace(KLING, name="unpriced", prices=())
    (problem,) = plan(
        film(auto(max_usd_per_s=Fraction("0.05"))), Shop(catalog=with_models(unpriced)).world, FINAL
    ).problems
    assert problem.sentence == "no model fits a shot here"
    assert "`kling-3` costs $0.100 a second, and `max_usd_per_s` is 0.05" in problem.facts
    assert "`unpriced` costs an unknown price, and `max_usd_per_s` is 0.05" in problem.facts


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"models": ("sora-2",)}, "the model `sora-2` was retired on 2026-09-24; `veo-3.1` replaced it"),
        ({"models": ("kling-3", "sora-2")}, "the model `sora-2` was retired on 2026-09-24; `veo-3.1` replaced it"),
        ({"models": ("flux-2-pro",)}, "`flux-2-pro` makes picture, not footage"),
        ({"models": ("klingon",)}, "no model is called `klingon`"),
        ({"models": ("veo-3.1",), "init": FilePicture("cup.png")}, "`veo-3.1` takes no first picture"),
        ({"models": ("veo-3.1",), "end": FilePicture("cup.png")}, "`veo-3.1` takes no last picture"),
        ({"models": ("wan-3",)}, "`wan-3` makes footage from a first picture alone, and there is none"),
        ({"models": ("kling-3",), "seconds": "12"}, "`kling-3` makes at most 10 s, and 12 s are needed"),
        ({"models": ("veo-3.1",), "needs": ("hands",)}, "`veo-3.1` is not known to be good at hands"),
        (
            {"models": ("kling-3",), "prompt": "x" * 201},
            "the prompt is 201 characters long as `kling-3` gets it, which takes 200",
        ),
        (
            {"models": ("kling-3",), "max_usd_per_s": Fraction("0.05")},
            "`kling-3` costs $0.100 a second, and `max_usd_per_s` is 0.05",
        ),
        ({"models": ("kling-3",), "options": {"moed": "pro"}}, "`kling-3` takes no option `moed`"),
        ({"models": ("kling-3",), "options": {"mode": "best"}}, "the option `mode` of `kling-3` can't be 'best'"),
        (
            {"models": ("kling-3", "hailuo-3"), "options": {"fps": 60}},
            "`kling-3` and `hailuo-3` take no option `fps`",
        ),
        ({"models": (), "needs": ("flying",)}, "no model fits a shot here"),
    ],
)
def test_what_a_model_cannot_do_is_said_before_anything_is_spent(said: dict[str, Any], sentence: str) -> None:
    """Each with its own sentence."""
    assert Shop().sentences(film(shot("a", **said))) == [sentence]


def test_an_aspect_in_lowest_terms_is_the_one_that_a_model_lists() -> None:
    """A project's 21:9 is 7:3 in its asks."""
    shop = Shop(catalog=with_models(replace(HAILUO, aspects=("16:9", "21:9"))))
    assert hired(shop, shot("a", models=("hailuo-3",)), aspect=(7, 3)) == {"a": ["hailuo-3"]}


def test_the_aspect_that_a_model_does_not_make_is_said() -> None:
    """With those that it makes."""
    assert Shop().sentences(film(shot("a"), aspect=(1, 1))) == ["`kling-3` makes 16:9, 9:16, not 1:1"]


def test_a_cast_picture_is_the_first_frame_of_a_model_that_takes_it_so() -> None:
    """It needs no `init_image` then."""
    assert hired(Shop(), shot("a", models=("wan-3",), references=("anna",)), cast=cast(ANNA)) == {"a": ["wan-3"]}


def test_of_a_list_those_that_cannot_do_it_are_passed_over() -> None:
    """One that can is enough; where none can, each says why."""
    assert hired(Shop(), shot("a", seconds="12", models=("kling-3", "hailuo-3"))) == {"a": ["hailuo-3"]}
    (problem,) = plan(film(shot("a", seconds="20", models=("kling-3", "hailuo-3"))), Shop().world, FINAL).problems
    assert problem.sentence == "`kling-3` makes at most 10 s, and 20 s are needed"
    assert problem.facts == ("`hailuo-3` makes at most 15 s, and 20 s are needed",)


def test_options_of_a_list_are_for_those_who_know_them() -> None:
    """Each is sent those that it knows; the ask holds them as written."""
    made = shot("a", models=("kling-3", "hailuo-3"), options={"mode": "pro", "resolution": "2k"})
    (node,) = nodes(Shop().planned(film(made)), "Footage")
    assert node.action.params["options"] == {"mode": "pro", "resolution": "2k"}
    assert [hire.model for hire in node.conduct.hires] == ["kling-3", "hailuo-3"]


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"enum": ["on", "off"]}, "on", True),
        ({"enum": ["on", "off"]}, "maybe", False),
        ({"type": "boolean"}, True, True),
        ({"type": "boolean"}, 1, False),
        ({"type": "integer", "minimum": 1}, 0, False),
        ({"type": "integer"}, True, False),
        ({"type": "integer"}, Decimal("1.5"), False),
        ({"type": "number", "maximum": 1}, Decimal("0.5"), True),
        ({"type": "number", "maximum": 1}, 2, False),
        ({"type": "string"}, 3, False),
        ({"type": "array"}, [1], True),
        ({"type": "object"}, {"a": 1}, True),
        ({}, "anything", True),
    ],
)
def test_an_options_schema_takes_what_it_says(schema: Mapping[str, Any], value: Any, expected: bool) -> None:
    """Type, choice and bounds."""
    assert takes(schema, value) == expected


def test_old_names_are_mapped() -> None:
    """`models: {old: new}`: as if the new one were written."""
    shop = Shop()
    assert hired(shop, shot("a", models=("sora-2",)), replaced={"sora-2": "hailuo-3"}) == {"a": ["hailuo-3"]}
    assert shop.planned(film(shot("a", models=("sora-2",)), replaced={"sora-2": "hailuo-3"})).routed == {}
    assert hired(shop, shot("a", models=("sora-2",)), replaced={"sora-2": "auto"}) == {"a": ["kling-3"]}


def test_another_mapping_is_followed_whatever_was_pinned() -> None:
    """It is what the author writes."""
    shop = Shop()
    shop.build(film(shot("a", models=("old", "kling-3")), replaced={"old": "veo-3.1"}))
    assert hired(shop, shot("a", models=("old", "kling-3")), replaced={"old": "hailuo-3"}) == {
        "a": ["hailuo-3", "kling-3"]
    }


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ({}, "footage | auto | 16:9"),
        ({"models": ("auto",)}, "footage | auto | 16:9"),
        ({"needs": ("hands", "close-up")}, "footage | auto | needs close-up, hands | 16:9"),
        ({"needs": ("close-up", "hands")}, "footage | auto | needs close-up, hands | 16:9"),
        ({"max_usd_per_s": Fraction(1)}, "footage | auto | 16:9"),
        ({"seconds": "3", "prompt": "other", "seed": 4, "takes": 2}, "footage | auto | 16:9"),
        ({"models": ("kling",)}, "footage | kling | 16:9"),
        ({"models": ("hailuo-3", "kling")}, "footage | hailuo-3, kling | 16:9"),
        ({"init": FilePicture("cup.png"), "sound": "keep"}, "footage | auto | 16:9 | init, sound"),
        (
            {"init": FilePicture("cup.png"), "end": FilePicture("cup.png"), "references": ("anna",)},
            "footage | auto | 16:9 | init, end, references",
        ),
        ({"sound": "drop"}, "footage | auto | 16:9"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_a_question_says_what_is_asked_in_words(said: dict[str, Any], question: str) -> None:
    """Not by shot, prompt, seconds or price."""
    routed = Shop().planned(film(auto("a", **said), cast=cast(ANNA))).routed
    assert list(routed) == [question]


def test_one_model_by_its_name_is_no_question() -> None:
    """There is nothing to choose."""
    assert Shop().planned(film(shot("a"))).routed == {}


CHEAPER = replace(KLING, name="cheaper", prices=priced("0.01"))


@pytest.mark.parametrize(
    ("models", "catalog"),
    [
        ((), with_models(CHEAPER)),
        (("auto",), with_models(replace(KLING, prices=priced("9")))),
        (("kling",), with_models(CHEAPER, kling="cheaper")),
        (("kling", "hailuo-3"), with_models(CHEAPER, kling="cheaper")),
        (("hailuo-3", "kling-3"), with_models(CHEAPER)),
    ],
    ids=["a cheaper model", "a price", "an alias", "an alias in a list", "a list"],
)
def test_a_pin_stands_whatever_the_catalog_becomes(models: tuple[str, ...], catalog: Any) -> None:
    """What was chosen once makes the next shot too."""
    shop = Shop()
    before = hired(shop, shot("a", models=models))["a"][0]
    shop.build(film(shot("a", models=models)))
    shop.catalog = catalog
    found = hired(shop, shot("a", models=models), shot("b", "another", models=models))
    assert (found["a"][0], found["b"][0]) == (before, before)


def test_an_alias_that_moved_names_one_model_still() -> None:
    """The new one doesn't stand behind the pinned one."""
    shop = Shop()
    shop.build(film(shot("a", models=("kling",))))
    shop.catalog = with_models(CHEAPER, kling="cheaper")
    assert hired(shop, shot("a", models=("kling",))) == {"a": ["kling-3"]}
    assert hired(Shop(catalog=shop.catalog), shot("a", models=("kling",))) == {"a": ["cheaper"]}


def test_an_alias_whose_pinned_model_is_retired_names_another() -> None:
    """What it has become since."""
    shop = Shop()
    shop.build(film(shot("a", models=("kling",))))
    shop.catalog = with_models(CHEAPER, replace(KLING, retired_on="2026-12-01"), kling="cheaper")
    assert hired(shop, shot("a", models=("kling",))) == {"a": ["cheaper"]}


def test_a_pin_stands_though_its_key_is_missing() -> None:
    """A clone without an account must not ask somebody else."""
    shop = Shop()
    shop.build(film(auto()))
    shop.missing = {"kling": ("KLING_KEY",)}
    assert hired(shop, auto()) == {"a": ["kling-3"]}


def test_a_pin_of_a_model_that_is_gone_falls() -> None:
    """A retired one makes nothing any more."""
    shop = Shop()
    shop.build(film(auto()))
    for gone in (replace(KLING, retired_on="2026-01-01"), replace(KLING, kind="music")):
        shop.catalog = with_models(gone)
        assert hired(shop, auto()) == {"a": ["hailuo-3"]}


def test_a_pin_that_cannot_do_a_job_is_left_out_of_that_job_alone() -> None:
    """Shots that ask alike may need different models: neither moves the other, in whatever order they were bought."""
    long, short = auto("long", "a long one", "12"), auto("short", "a short one", "5")
    for first, second in ((long, short), (short, long)):
        shop = Shop()
        shop.build(film(first))
        one = hired(shop, first)
        shop.build(film(first, second))
        assert hired(shop, first) == one
        both = hired(shop, second, first)
        for project in (film(first), film(second), film(first, second), film(second, first)):
            assert shop.build(project) == []
        assert hired(shop, first, second) == both


def test_short_shots_do_not_pay_for_long_ones() -> None:
    """They are asked first, wherever they stand: the cheapest that makes them makes them."""
    found = hired(Shop(), auto("long", "a long one", "12"), auto("short", "a short one", "5"))
    assert found == {"long": ["hailuo-3"], "short": ["kling-3"]}
    routed = Shop().planned(film(auto("long", "a long one", "12"), auto("short", "a short one", "5"))).routed
    assert routed == {"footage | auto | 16:9": "kling-3, hailuo-3"}


def test_a_model_without_its_key_is_passed_over_and_that_is_told() -> None:
    """With the name of the key."""
    shop = Shop(missing={"kling": ("KLING_ACCESS_KEY", "KLING_SECRET_KEY")})
    graph = shop.planned(film(auto(needs=("hands",))))
    assert told(graph) == [
        "routed to hailuo-3: the first of 2 that fit, by price; $0.200 a second",
        "kling-3 passed over: KLING_ACCESS_KEY and KLING_SECRET_KEY not set",
        "passed over: `veo-3.1` is not known to be good at hands",
        "passed over: `wan-3` is not known to be good at hands",
    ]


def test_where_no_key_is_there_each_that_would_do_is_named() -> None:
    """With what to set."""
    missing = {model.routes[0].provider: ("KEY",) for model in CATALOG.models.values() if model.routes}
    (problem,) = plan(film(auto(needs=("hands",))), Shop(missing=missing).world, FINAL).problems
    assert problem.sentence == "no model that could make a shot can be reached"
    assert problem.facts == ("kling-3: set KEY", "hailuo-3: set KEY")
    assert problem.hint is not None
    assert "--draft" in problem.hint


def test_a_model_is_reached_through_the_route_whose_key_is_there() -> None:
    """Its first one where all are."""
    both = replace(KLING, routes=(*by("kling"), *by("fal")))
    for missing, provider in (({}, "kling"), ({"kling": ("KEY",)}, "fal"), ({"kling": ("K",), "fal": ("F",)}, "kling")):
        graph = Shop(catalog=with_models(both), missing=missing).planned(film(shot("a")))
        (node,) = nodes(graph, "Footage")
        assert node.conduct.hires[0].provider == provider


def test_a_route_may_have_a_price_of_its_own() -> None:
    """The price of an attempt, and what is chosen by price, are those of the route that is taken."""
    dear, cheap = by("kling")[0], by("fal")[0]
    both = replace(KLING, routes=(dear, replace(cheap, prices=(Price(Fraction(1, 50), "second"),))))
    for missing, usd in (({}, "0.6"), ({"kling": ("KEY",)}, "0.12")):
        (node,) = nodes(Shop(catalog=with_models(both), missing=missing).planned(film(shot("a"))), "Footage")
        assert node.conduct.hires[0].list_usd == Fraction(usd)
    least = Shop(catalog=with_models(both), missing={"kling": ("KEY",)})
    assert told(least.planned(film(auto(max_usd_per_s=Fraction(1, 40)))))[0].endswith("; $0.020 a second")


def test_a_route_that_takes_no_picture_is_not_taken_with_one() -> None:
    """The other's key is asked for instead, before anything is spent."""
    text_only = replace(by("kling")[0], operation={"text": "make"})
    whole = replace(by("fal")[0], operation={"any": "make"})
    some = with_models(replace(KLING, routes=(text_only, whole)))
    chained = film(shot("a"), shot("b", init=last_of("a")))
    found = footage(Shop(catalog=some, missing={"fal": ("KEY",)}).planned(chained))
    assert {name: node.conduct.hires[0].provider for name, node in found.items()} == {"a": "kling", "b": "fal"}


def test_a_named_model_without_its_key_is_no_mistake_of_the_plan() -> None:
    """It may be locked; before something is bought, the key is asked for."""
    assert hired(Shop(missing={"kling": ("KEY",)}), shot("a")) == {"a": ["kling-3"]}


def test_of_a_list_the_first_that_can_be_reached_comes_first_and_stays() -> None:
    """A key that turns up later moves nothing that was bought."""
    shop = Shop(missing={"kling": ("KEY",)})
    project = film(shot("a", models=("kling-3", "hailuo-3")))
    assert hired(shop, *project.shots) == {"a": ["hailuo-3", "kling-3"]}
    shop.build(project)
    shop.missing = {}
    assert shop.build(project) == []


def test_what_was_chosen_is_explained() -> None:
    """By price, by the lock, or by what asks alike."""
    shop = Shop()
    first = told(shop.planned(film(auto("a"), auto("b", "other"))))
    assert first[0] == "routed to kling-3: the first of 3 that fit, by price; $0.100 a second"
    assert any(text == "routed to kling-3: as for what asks alike; $0.100 a second" for text in first)
    shop.build(film(auto("a")))
    assert told(shop.planned(film(auto("a"))))[0] == "routed to kling-3: pinned in the lock; $0.100 a second"


def test_a_choice_that_had_no_price_says_so() -> None:
    """An unknown price comes last."""
    unpriced = replace(KLING, name="unpriced", prices=(), strengths=("flying",))
    graph = Shop(catalog=with_models(unpriced)).planned(film(auto(needs=("flying",))))
    assert told(graph)[0] == "routed to unpriced: the first of 1 that fit, by price; its price is unknown"


def test_the_price_of_an_attempt_is_that_of_the_seconds_that_are_bought() -> None:
    """Also of a fallback, which sells other lengths."""
    (node,) = nodes(Shop().planned(film(shot("a", seconds="5", models=("kling-3", "hailuo-3")))), "Footage")
    assert [hire.list_usd for hire in node.conduct.hires] == [Fraction("0.5"), Fraction("1.2")]
    assert node.conduct.hires[0].reservation == Fraction("0.5")


def test_conduct_is_what_the_shot_says_of_reshoots_and_judge() -> None:
    """None of it is in the ask."""
    judge = Judge(("vision-judge",), ("is it a cup",), Fraction(7, 10))
    (node,) = nodes(Shop().planned(film(shot("a", reshoots=3), judge=judge)), "Footage")
    assert (node.conduct.reshoots, node.conduct.label) == (3, "shot a")
    assert node.conduct.judge is not None
    assert (node.conduct.judge.questions, node.conduct.judge.threshold) == (("is it a cup",), Fraction(7, 10))
    assert node.conduct.checks["length"] == {"asked": "6", "least": "144/25"}


def test_a_draft_is_made_here_whatever_is_named() -> None:
    """Nothing is asked, pinned or looked up."""
    shop = Shop(missing={"kling": ("KEY",)})
    shots = (shot("a", models=("sora-2",)), auto("b", "x"), shot("c", "y", seconds="60", init=last_of("a")))
    graph = plan(film(*shots), shop.world, DRAFT).graph
    assert graph is not None
    assert {node.action.tool for node in nodes(graph, "Footage")} == {"local/animatic@1"}
    assert graph.routed == {}


def test_a_voice_that_no_model_speaks_is_a_mistake() -> None:
    """As for any other kind."""
    wrong = line(voice=Voice(("kling-3",), "Rachel"))
    assert Shop().sentences(film(shot("a"), lines=(wrong,))) == ["`kling-3` makes footage, not speech"]


def test_a_question_is_the_same_however_it_is_found() -> None:
    """Words alone make it."""
    wanted = Wanted("footage", ("auto",), needs=("hands",), aspect="16:9", uses=("init",))
    assert wanted.question == "footage | auto | needs hands | 16:9 | init"


def test_models_that_take_the_cast_come_first_in_auto() -> None:
    """Before a cheaper one that must do with words."""
    plain = replace(KLING, name="plain", prices=priced("0.001"), accepts=Accepts("yes"), lengths=Lengths())
    shop = Shop(catalog=with_models(plain))
    assert hired(shop, auto("a"), cast=cast(ANNA)) == {"a": ["plain"]}
    assert hired(shop, auto("a", references=("anna",)), cast=cast(ANNA)) == {"a": ["hailuo-3"]}
