"""The planner: what is one action, what is in an ask, what depends on what."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from vidbuild.catalog.model import Profile
from vidbuild.media.probe import OwnFile, Probe
from vidbuild.packaged import catalog
from vidbuild.plan.planner import plan
from vidbuild.plan.world import Request, World
from vidbuild.spec.model import (
    CastPicture,
    FilePicture,
    Filmed,
    FrameOf,
    Member,
    MomentOf,
    Music,
    Output,
    Project,
    Prompted,
    Reframe,
    Shot,
    Still,
)
from vidbuild.words.action import Graph, Node
from vidbuild.words.digest import Digest
from vidbuild.words.errors import Mark

CATALOG = catalog()
OWN = {
    "a.mp4": OwnFile(Digest("a" * 64), Probe("video", Fraction(30), 1920, 1080, Fraction(30), True)),
    "cup.png": OwnFile(Digest("b" * 64), Probe("still", Fraction(0), 800, 800, Fraction(0), False)),
    "song.wav": OwnFile(Digest("c" * 64), Probe("sound", Fraction(5), 0, 0, Fraction(0), True)),
}
WORLD = World(CATALOG, OWN, "ffmpeg version 9 sha256:0")
DRAFT = Request(draft=True)
YOUTUBE, SQUARE = Output("youtube", "youtube"), Output("square", "square")


def shot(id: str, prompt: str = "a cup", seconds: str = "6", **changes: object) -> Shot:
    source = Prompted(prompt, prompt, ("text",), ("kling-3",), {}, 0)
    return Shot(id, replace(source, **changes), Fraction(seconds))  # type: ignore[arg-type]


def project(*shots: Shot, outputs: tuple[Output, ...] = (YOUTUBE,), **changes: object) -> Project:
    made = Project("p", Fraction(24), (16, 9), shots, outputs)
    return replace(made, **changes)  # type: ignore[arg-type]


def planned(made: Project, request: Request = DRAFT) -> Graph:
    found = plan(made, WORLD, request)
    assert found.graph is not None, found.problems
    return found.graph


def nodes(graph: Graph, mnemonic: str) -> list[Node]:
    return [node for node in graph.nodes.values() if node.action.mnemonic == mnemonic]


def ids(graph: Graph, *mnemonics: str) -> set[Digest]:
    return {id for id, node in graph.nodes.items() if node.action.mnemonic in mnemonics}


def test_an_ask_holds_what_the_author_said_and_nothing_else() -> None:
    """No id, length of the cut, output, note or name; a key that isn't used is absent."""
    (footage,) = nodes(planned(project(shot("pour", seconds="5.5"))), "Footage")
    assert dict(footage.action.params) == {
        "kind": "footage",
        "prompt": "a cup",
        "negative": ["text"],
        "seed": 0,
        "take": 0,
        "seconds": "6",
        "aspect": "16:9",
        "fps": "24",
        "size": [1280, 720],
        "slate": "a cup",
    }
    assert footage.action.tool == "local/animatic@1"


def test_equal_asks_are_one_take_as_long_as_the_longest_use() -> None:
    """And the plan says so."""
    graph = planned(project(shot("a", seconds="2"), shot("b", seconds="5")))
    (footage,) = nodes(graph, "Footage")
    assert footage.action.params["seconds"] == "6"
    assert graph.notes == ("shots `a`, `b` ask for the same and share one take",)


def test_a_renamed_shot_is_the_same_graph() -> None:
    """Ids are places, not content."""
    one, other = planned(project(shot("a"))), planned(project(shot("z")))
    assert set(one.nodes) == set(other.nodes)


def test_an_output_more_adds_its_own_actions_alone() -> None:
    """What is shared stays as it was."""
    one = planned(project(shot("a")))
    both = planned(project(shot("a"), outputs=(YOUTUBE, SQUARE)))
    added = {both.nodes[id].action.mnemonic for id in set(both.nodes) - set(one.nodes)}
    assert set(one.nodes) <= set(both.nodes)
    assert added == {"Segment", "Deliver", "Poster"}


def test_a_chained_shot_starts_from_the_last_picture_as_cut() -> None:
    """The frame is one of the shot before, at its last frame on the project's clock."""
    graph = planned(project(shot("a", seconds="2"), shot("b", "the cup moves", init=FrameOf("a", True))))
    (frame,) = nodes(graph, "Frame")
    argv = frame.action.params["steps"][0]["argv"]
    graph_text = argv[argv.index("-filter_complex") + 1]
    assert "trim=end_frame=48:start_frame=47" in graph_text


def test_a_moment_of_a_take_does_not_move_with_its_trim() -> None:
    """`SHOT@1.5` is a time of the take."""
    frames = []
    for seconds in ("2", "1.6"):
        graph = planned(project(shot("a", seconds=seconds), shot("b", "x", init=MomentOf("a", Fraction(3, 2)))))
        frames.append(ids(graph, "Frame"))
    assert frames[0] == frames[1]


def test_shots_that_others_start_from_come_first_whatever_their_order() -> None:
    """A shot may continue one that is shown later."""
    graph = planned(project(shot("b", "x", init=FrameOf("a", False)), shot("a")))
    order = [node.action.params["prompt"] for node in nodes(graph, "Footage")]
    assert order == ["a cup", "x"]


def test_a_long_chain_is_planned_without_recursion() -> None:
    """A thousand shots, each from the last picture of the one before."""
    shots = [shot("s0", seconds="1")]
    for index in range(1, 1000):
        shots.append(shot(f"s{index}", f"prompt {index}", seconds="1", init=FrameOf(f"s{index - 1}", True)))
    assert len(nodes(planned(project(*shots)), "Footage")) == 1000


@pytest.mark.parametrize("request_", [DRAFT, Request()], ids=["draft", "final"])
def test_a_long_chain_of_members_is_planned_without_recursion(request_: Request) -> None:
    """Five hundred, each drawn with the two before it: every picture is planned once."""
    members: dict[str, Member] = {}
    for index in range(500):
        before = tuple(f"m{other}" for other in (index - 1, index - 2) if other >= 0)
        still = Still(f"picture {index}", ("flux-2-pro",), cast=before, label=f"m{index}")
        members[f"m{index}"] = Member(f"m{index}", "", (still,))
    start = CastPicture("m499")
    graph = planned(project(shot("a", init=start, references=("m499",)), cast=members), request_)
    assert len(nodes(graph, "Picture")) == (1 if request_.draft else 500)


def test_own_sound_is_mixed_unless_it_is_dropped() -> None:
    """Own footage keeps its sound by default; stills have none."""
    filmed = Shot("a", Filmed("a.mp4"), Fraction(4))
    still = Shot("b", Filmed("cup.png"), Fraction(2))
    assert len(nodes(planned(project(filmed, still)), "Sound")) == 1
    assert nodes(planned(project(replace(filmed, sound="drop"), still)), "Sound") == []


def test_a_silent_order_change_leaves_the_mix() -> None:
    """Nothing placed by shot sounds: only the join list changes."""
    a, b = shot("a", "one"), shot("b", "two")
    music = Music(prompt="warm guitar", models=("stable-audio-2",))
    one, other = planned(project(a, b, music=(music,))), planned(project(b, a, music=(music,)))
    changed = {other.nodes[id].action.mnemonic for id in set(other.nodes) - set(one.nodes)}
    assert changed <= {"Deliver", "Poster"}


def test_a_bed_covers_the_cut_in_steps_of_thirty_seconds() -> None:
    """A longer film within the step asks for the same bed."""
    music = Music(prompt="warm guitar", models=("stable-audio-2",))
    graphs = [planned(project(*(shot(str(i), str(i)) for i in range(count)), music=(music,))) for count in (1, 5)]
    assert ids(graphs[0], "Music") == ids(graphs[1], "Music")
    assert nodes(graphs[0], "Music")[0].action.params["seconds"] == "30"


def test_a_shots_reframe_wins_over_the_outputs_and_that_over_the_projects() -> None:
    """Nearest wins."""
    pad, blur = Reframe("pad"), Reframe("blur")

    def mode(graph: Graph) -> str:
        return nodes(graph, "Segment")[0].words["reframe"]

    one = shot("a")
    square = replace(SQUARE, reframe=pad)
    assert mode(planned(project(one, outputs=(SQUARE,), reframe=blur))) == "blur"
    assert mode(planned(project(one, outputs=(square,), reframe=blur))) == "pad"
    assert mode(planned(project(replace(one, reframe=blur), outputs=(square,)))) == "blur"


def test_a_picture_file_reaches_a_model_as_a_frame() -> None:
    """Upright, square pixels, 8-bit: never the file as it is."""
    graph = planned(project(shot("a", init=FilePicture("cup.png"))))
    (footage,) = nodes(graph, "Footage")
    (frame,) = nodes(graph, "Frame")
    assert footage.action.inputs["init"].action == frame.action.id  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("models", "sentence"),
    [
        (("sora-2",), "the model `sora-2` was retired on 2026-09-24; `veo-3.1` replaced it"),
        (("local/bed",), "`local/bed` makes music, not footage"),
        (("kling-3", "sora-2"), "the model `sora-2` was retired on 2026-09-24; `veo-3.1` replaced it"),
        (("nobody",), "no model is called `nobody`"),
    ],
)
def test_a_model_that_cannot_be_used_is_a_mistake_unless_it_is_a_draft(models: tuple[str, ...], sentence: str) -> None:
    """Each with its reason."""
    made = project(shot("a", models=models))
    assert [problem.sentence for problem in plan(made, WORLD, Request()).problems] == [sentence]
    assert plan(made, WORLD, DRAFT).problems == []


@pytest.mark.parametrize("models", [("kling-3",), ("kling",), ("auto",), ()])
def test_a_model_whose_vendor_is_known_is_no_mistake(models: tuple[str, ...]) -> None:
    """Nor is none at all: that is `auto`. Whether its key is there is asked when it must be bought."""
    (footage,) = nodes(planned(project(shot("a", models=models)), Request()), "Footage")
    assert footage.conduct.is_paid


def test_a_model_that_no_route_leads_to_is_a_mistake() -> None:
    """Its own file may lack them."""
    lost = replace(CATALOG.models["kling-3"], routes=())
    world = replace(WORLD, catalog=replace(CATALOG, models={**CATALOG.models, "kling-3": lost}))
    (problem,) = plan(project(shot("a")), world, Request()).problems
    assert problem.sentence == "this version knows no way to reach the model `kling-3`"


def test_a_list_of_models_takes_the_first_that_can_be_reached() -> None:
    """In the author's order."""
    made = project(shot("a", models=("kling-3", "local/animatic")))
    tools = []
    for missing in ({}, {route.provider: ("KEY",) for route in WORLD.catalog.models["kling-3"].routes}):
        found = plan(made, replace(WORLD, missing=missing), Request())
        assert found.graph is not None
        tools.append(nodes(found.graph, "Footage")[0].action.tool)
    assert tools == ["kling-3@1", "local/animatic@1"]


def test_only_one_shot_is_planned_by_itself_and_touches_no_deliverable() -> None:
    """`--only SHOT` writes build/shots/SHOT.mp4."""
    graph = planned(project(shot("a"), shot("b", "other")), Request(draft=True, only="b", folder="build/draft"))
    assert [deliverable.path for deliverable in graph.deliverables] == ["build/draft/shots/b.mp4"]
    assert [node.action.params["prompt"] for node in nodes(graph, "Footage")] == ["other"]


def test_an_action_that_serves_two_outputs_is_there_once_with_both_places() -> None:
    """Two outputs of one size share their pieces."""
    twin = Output("twin", "youtube")
    graph = planned(project(shot("a"), outputs=(YOUTUBE, twin)))
    (segment,) = nodes(graph, "Segment")
    assert [place.output for place in graph.places[segment.action.id]] == ["youtube", "twin"]


def test_local_footage_is_as_large_as_the_first_output_needs() -> None:
    """An output that is added moves no take, whatever its size."""
    small = replace(WORLD, catalog=replace(CATALOG, profiles={**CATALOG.profiles, "tiny": Profile("tiny", 160, 90)}))
    sizes = []
    for outputs in ((YOUTUBE,), (SQUARE,), (Output("tiny", "tiny"),), (Output("tiny", "tiny"), YOUTUBE)):
        found = plan(project(shot("a"), outputs=outputs), small, DRAFT)
        assert found.graph is not None
        (footage,) = nodes(found.graph, "Footage")
        sizes.append(footage.action.params["size"])
    assert sizes == [[1280, 720], [1280, 720], [320, 180], [320, 180]]


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (
            replace(YOUTUBE, fps=Fraction(120)),
            "`youtube` takes 23.976, 24, 25, 29.97, 30, 48, 50, 59.94, 60 frames a second, not 120",
        ),
        (
            replace(YOUTUBE, poster=MomentOf("a", Fraction(9))),
            "the poster `a@9` lies outside of that shot as it is cut",
        ),
    ],
)
def test_what_an_output_cannot_be_is_a_mistake(output: Output, sentence: str) -> None:
    """Nothing written is changed or passed over in silence."""
    problems = plan(project(shot("a"), outputs=(output,)), WORLD, DRAFT).problems
    assert [problem.sentence for problem in problems] == [sentence]


def test_a_shot_without_a_picture_on_an_outputs_clock_is_a_mistake() -> None:
    """One frame of sixty lies between two of twenty-four."""
    made = project(
        shot("a"), shot("b", "x", seconds="0.0167"), outputs=(replace(YOUTUBE, fps=Fraction(24)),), fps=Fraction(60)
    )
    (problem,) = plan(made, WORLD, DRAFT).problems
    assert problem.sentence == "at 24 frames a second `youtube` shows nothing of `b`"


def test_a_model_that_many_shots_name_is_told_once() -> None:
    """With the places of the others."""
    marks = [{"model": Mark("p.yaml", line, 5)} for line in (1, 2, 3)]
    shots = [replace(shot(f"s{i}", models=("sora-2",)), marks=marks[i]) for i in range(3)]
    (problem,) = plan(project(*shots), WORLD, Request()).problems
    assert problem.mark == Mark("p.yaml", 1, 5)
    assert problem.facts[-1] == "also at 2:5, 3:5"
