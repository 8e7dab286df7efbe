"""The property: whatever is edited, and whenever something is bought, nothing is ever bought a second time.

Random editing sessions over a small film: some edits cost nothing, some cost; a shop buys what the plan asks for, or
is not asked at all. What was built once is free for good.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
from films import (
    ANNA,
    CATALOG,
    FINAL,
    MUSIC,
    PORTRAIT,
    SQUARE,
    YOUTUBE,
    Shop,
    card,
    cast,
    effect,
    film,
    filmed,
    last_of,
    line,
    priced,
    shot,
    still_file,
    with_models,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vidbuild.plan import attempts
from vidbuild.plan.planner import plan
from vidbuild.plan.routing import Router
from vidbuild.plan.sources import Sources
from vidbuild.spec.model import CastPicture, FilePicture, Member, MomentOf, Project, Prompted, Shot

DRAWN = Member("drawn", "", (replace(PORTRAIT, label="drawn"),))
START = film(
    shot("a", "one", "4"),
    shot("b", "two", "5", init=last_of("a")),
    shot("c", "one", "6"),
    filmed("d", "2"),
    shot("e", "three", "3", references=("anna",)),
    cast=cast(ANNA, DRAWN),
    lines=(line(),),
    effects=(effect(),),
    music=(MUSIC,),
)

ids = st.sampled_from(["a", "b", "c", "e"])
Edit = Callable[[Shop, Project], Project]


def on(id: str, **said: Any) -> Edit:
    """Say something else of a generated shot."""
    of_shot = {name: value for name, value in said.items() if name in Shot.__dataclass_fields__}
    rest = {name: value for name, value in said.items() if name not in of_shot}

    def edited(shop: Shop, project: Project) -> Project:
        found = []
        for each in project.shots:
            if each.id == id:
                source = replace(each.source, **rest) if isinstance(each.source, Prompted) else each.source
                each = replace(each, source=source, **of_shot)
            found.append(each)
        return replace(project, shots=tuple(found))

    return edited


def turned(shop: Shop, project: Project) -> Project:
    """Turn the order of shots."""
    return replace(project, shots=(*project.shots[1:], project.shots[0]))


def renamed(shop: Shop, project: Project) -> Project:
    """Give the shot that nobody starts from another id."""
    new = {"e": "f", "f": "e"}
    return replace(project, shots=tuple(replace(each, id=new.get(each.id, each.id)) for each in project.shots))


def trimmed(fraction: Fraction) -> Edit:
    """Make every shot shorter that nothing is continued from at its end, and that shares its take with nobody."""

    def edited(shop: Shop, project: Project) -> Project:
        found = [
            replace(each, duration_s=max(Fraction(1), (each.duration_s or Fraction(2)) * fraction))
            if isinstance(each.source, Prompted) and each.id not in ("a", "c")
            else each
            for each in project.shots
        ]
        return replace(project, shots=tuple(found))

    return edited


def saved_again(shop: Shop, project: Project) -> Project:
    """Save a picture again: other bytes, equal pixels."""
    number = len(shop.alike)
    fresh = still_file(f"anna.png, saved for the {number}th time")
    known = shop.own["anna.png"].digest
    shop.alike[fresh.digest] = shop.alike.get(known, known)
    shop.own = {**shop.own, "anna.png": fresh}
    return project


def repriced(shop: Shop, project: Project) -> Project:
    """Change what models cost."""
    usd = "0.05" if shop.catalog.models["hailuo-3"].prices == CATALOG.models["hailuo-3"].prices else "0.2"
    shop.catalog = with_models(replace(CATALOG.models["hailuo-3"], prices=priced(usd)))
    return project


def unkeyed(shop: Shop, project: Project) -> Project:
    """Lose a vendor's key, or find it again."""
    shop.missing = {} if shop.missing else {"kling": ("KEY",), "stability": ("KEY",)}
    return project


def upgraded(shop: Shop, project: Project) -> Project:
    """Get another ffmpeg."""
    shop.ffmpeg += "."
    return project


FREE: dict[str, Edit] = {
    "order": turned,
    "ids": renamed,
    "note": on("a", note="x"),
    "reshoots": on("b", reshoots=4),
    "outputs": lambda shop, project: replace(
        project, outputs=(SQUARE,) if project.outputs == (YOUTUBE,) else (YOUTUBE,)
    ),
    "shorter": trimmed(Fraction(4, 5)),
    "gains": lambda shop, project: replace(project, lines=(replace(project.lines[0], gain_db=Fraction(3)),)),
    "price": repriced,
    "key": unkeyed,
    "ffmpeg": upgraded,
    "a picture saved again": saved_again,
}
costly = st.one_of(
    st.builds(lambda id, prompt: on(id, prompt=prompt), ids, st.sampled_from(["one", "two", "three"])),
    st.builds(lambda id, seconds: on(id, duration_s=Fraction(seconds)), ids, st.sampled_from([1, 3, 5, 9, 12])),
    st.builds(lambda id, seed: on(id, seed=seed), ids, st.integers(0, 1)),
    st.builds(
        lambda id, models, options: on(id, models=models, options=options),
        ids,
        st.sampled_from([("kling-3",), ("hailuo-3",), (), ("kling",), ("hailuo-3", "kling-3"), ("local/animatic",)]),
        st.just({}),
    ),
    st.builds(
        lambda id, takes, take: on(id, takes=takes, take=take), ids, st.integers(1, 2), st.sampled_from([None, 2])
    ),
    st.builds(
        lambda id, init: on(id, init=init),
        st.sampled_from(["b", "e"]),
        st.sampled_from([
            None, last_of("a"), last_of("c"), MomentOf("a", Fraction(1, 2)), FilePicture("cup.png"),
            CastPicture("drawn"), CastPicture("anna"), last_of("d"),
        ]),
    ),
    st.builds(lambda id, given: on(id, references=given), ids, st.sampled_from([(), ("anna",), ("drawn", "anna")])),
    st.builds(lambda id, sound: on(id, sound=sound), ids, st.sampled_from([None, "drop", "keep"])),
    st.builds(
        lambda seed: lambda shop, project: replace(
            project, cast=cast(ANNA, replace(DRAWN, images=(replace(PORTRAIT, seed=seed),)))
        ),
        st.integers(0, 1),
    ),
    st.builds(
        lambda text: lambda shop, project: replace(project, lines=(line(text=text),)), st.sampled_from(["a", "b"])
    ),
    st.builds(
        lambda seconds: lambda shop, project: replace(
            project, shots=(*[each for each in project.shots if each.id != "z"], card("z", str(seconds)))
        ),
        st.sampled_from([1, 25, 40]),
    ),
)  # fmt: skip
steps = st.lists(
    st.tuples(st.one_of(costly, st.sampled_from(list(FREE.values()))), st.booleans()), min_size=1, max_size=6
)


def shares_a_question(project: Project) -> bool:
    """Say whether shots of several lengths ask for the same from a picture.

    Until such a picture is read, planning has them share the longest take, and so moves those that showed a shorter one
    (docs/design.md, "Pins and seconds").
    """
    asking = [shot for shot in project.shots if isinstance(shot.source, Prompted)]
    return any(
        one.source == other.source and one.duration_s != other.duration_s
        for one, other in combinations(asking, 2)
        if one.source.references or one.source.init
    )


def session(edits: list[tuple[Edit, bool]], free: list[str]) -> None:
    """Go through a session: edit, build now and then; then make free edits, and go back to all that was built."""
    shop, project = Shop(), START
    shop.build(project)
    built = [(project, shop.own)]
    for edit, builds in edits:
        edited = edit(shop, project)
        found = plan(edited, shop.world, FINAL)
        if found.graph is None:
            continue
        project = edited
        if builds:
            shop.fill(found.graph)
            built.append((project, shop.own))
    again = shop.build(project)
    assert project is not built[-1][0] or again == []
    for name in free:
        if name == "a picture saved again" and shares_a_question(project):
            continue
        project = FREE[name](shop, project)
        assert [ask.params for ask in shop.build(project)] == [], name
    for earlier, own in reversed(built):
        shop.own = own
        assert [ask.params for ask in shop.build(earlier)] == []
    assert {ask.key for ask in shop.bills} == set(shop.lock.asks)


SESSIONS = given(steps, st.lists(st.sampled_from(list(FREE)), max_size=4))


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@SESSIONS
def test_what_was_built_once_is_free_for_good(edits: list[tuple[Edit, bool]], free: list[str]) -> None:
    """After any edits, back and forth, whenever something was bought."""
    session(edits, free)


@pytest.mark.slow
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@SESSIONS
def test_it_is_so_of_many_sessions(edits: list[tuple[Edit, bool]], free: list[str]) -> None:
    """The same, at length."""
    session(edits, free)


LONGER, SHORTER = on("b", duration_s=Fraction(9)), on("b", duration_s=Fraction(4))
AUTO = [(on("a", models=()), False), (on("c", models=(), prompt="other"), True)]
Forget = Callable[[pytest.MonkeyPatch], None]
FORGOTTEN: dict[str, tuple[Forget, list[tuple[Edit, bool]], list[str]]] = {
    "the seconds that are locked": (
        lambda patch: (
            patch.setattr(Sources, "_locked_seconds", lambda self, action: []),
            patch.setattr(attempts, "covering", lambda lock, ask: None),
        ),
        [],
        ["shorter"],
    ),
    "what turns out to be as it was": (
        lambda patch: patch.setattr(attempts, "covering", lambda lock, ask: None),
        [(on("e", duration_s=Fraction(9)), True), (on("e", duration_s=Fraction(4)), True)],
        ["a picture saved again"],
    ),
    "pins of pictures": (
        lambda patch: patch.setattr(Shop, "pins_hold", False),
        [(on("e", init=last_of("d")), True)],
        ["ffmpeg"],
    ),
    "pins of routing": (
        lambda patch: patch.setattr(Router, "_pins", lambda self, question: ()),
        AUTO,
        ["price"],
    ),
    "all pins of routing but the last": (
        lambda patch: patch.setattr(
            Router, "_pin", lambda self, question, name: self.routed.pins.update({question: name})
        ),
        [*AUTO, (on("c", duration_s=Fraction(12)), True)],
        [],
    ),
}


@pytest.mark.parametrize("what", FORGOTTEN)
def test_a_rule_that_is_forgotten_is_found(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is there because something would be bought again without it."""
    forget, edits, free = FORGOTTEN[what]
    session(edits, free)
    forget(monkeypatch)
    with pytest.raises(AssertionError):
        session(edits, free)
