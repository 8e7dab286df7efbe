"""Outputs as their platforms want them: codecs, renditions, what stands beside, and the limits that are told before."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from films import CATALOG, DRAFT, FINAL, MUSIC, SQUARE, YOUTUBE, Shop, card, film, filmed, line, nodes

from vidbuild.catalog.model import Preview, Profile, Rung
from vidbuild.plan.planner import plan
from vidbuild.plan.world import Request, output_size
from vidbuild.spec.model import Captions, Output, Project
from vidbuild.words.action import Deliverable, Graph
from vidbuild.words.digest import Digest

KIOSK = Profile("kiosk", 640, 360, maxrate_kbps=1000)
WEB = replace(
    KIOSK, name="web", also=("webm",), ladder=(Rung(240, 26), Rung(180, 28, 300)), preview=Preview(), poster=(320, 180)
)
FILM = (filmed("a", "10"), card("end", "4"))


def shop(*profiles: Profile) -> Shop:
    """Give a shop with further platforms."""
    return Shop(catalog=replace(CATALOG, profiles={**CATALOG.profiles, **{each.name: each for each in profiles}}))


def delivered(project: Project, *profiles: Profile, request: Request = FINAL) -> tuple[Graph, Deliverable]:
    """Plan a project with one output."""
    graph = shop(*profiles).planned(project, request)
    (only,) = graph.deliverables
    return graph, only


def encoded(graph: Graph, output: str) -> set[Digest]:
    """Give the pieces and windows of an output."""
    return {
        node.action.id
        for node in nodes(graph, "Segment", "Join")
        if any(place.output == output for place in graph.places[node.action.id])
    }


def argv_of(graph: Graph, mnemonic: str) -> list[list[str]]:
    """Give the argv of the last step of each action of a kind."""
    return [node.action.params["steps"][-1]["argv"] for node in nodes(graph, mnemonic)]


def after(argv: list[str], option: str) -> str:
    return argv[argv.index(option) + 1]


@pytest.mark.parametrize(
    ("codec", "form", "encoder", "sound"),
    [
        ("h264", "mp4", "libx264", "aac"),
        ("h265", "mp4", "libx265", "aac"),
        ("av1", "mp4", "libsvtav1", "aac"),
        ("vp9", "webm", "libvpx-vp9", "libopus"),
        ("prores", "mov", "prores", "pcm_s24le"),
    ],
)
def test_a_codec_decides_the_form_of_the_file_and_of_its_sound(codec: str, form: str, encoder: str, sound: str) -> None:
    """By the platform's profile, or where the output asks for another."""
    for output, profile in (
        (Output("kiosk", "kiosk"), replace(KIOSK, codec=codec)),
        (Output("kiosk", "kiosk", codec=codec), KIOSK),
    ):
        graph, made = delivered(film(*FILM, outputs=[output]), profile)
        assert made.path == f"build/kiosk.{form}"
        assert {after(argv, "-c:v") for argv in argv_of(graph, "Segment")} == {encoder}
        (mix,) = nodes(graph, "Mix")
        assert after(mix.action.params["steps"][-1]["level"]["encode"], "-c:a") == sound


def test_a_platforms_bitrate_touches_its_own_pieces_and_joins_alone() -> None:
    """Nothing is generated, and no other output's piece is encoded again."""
    made = film(*FILM, outputs=[Output("kiosk", "kiosk"), YOUTUBE], music=(MUSIC,))
    before = shop(KIOSK).planned(made)
    later = shop(replace(KIOSK, maxrate_kbps=800)).planned(made)
    changed = set(later.nodes) - set(before.nodes)
    assert {later.nodes[id].action.mnemonic for id in changed} == {"Segment", "Deliver", "Poster"}
    assert {place.output for id in changed for place in later.places[id]} == {"kiosk"}
    assert encoded(later, "kiosk") <= changed


def test_a_rate_that_is_not_written_is_in_no_piece() -> None:
    """Only what is asked for decides bytes."""
    graph, _ = delivered(film(*FILM, outputs=[SQUARE]))
    assert all("-maxrate" not in argv for argv in argv_of(graph, "Segment"))


def test_renditions_and_other_forms_stand_beside_the_video() -> None:
    """Smaller ones are encoded from the sources at their own size; the mix is shared but for Opus."""
    graph, made = delivered(film(*FILM, outputs=[Output("web", "web")]), WEB)
    assert set(made.beside) == {"webm", "-240p.mp4", "-180p.mp4", "webp"}
    sizes = {
        part for argv in argv_of(graph, "Segment") for part in ("426:240", "320:180") if f"w={part[:3]}" in str(argv)
    }
    assert sizes == {"426:240", "320:180"}
    assert len(nodes(graph, "Mix")) == 2
    assert len(nodes(graph, "Deliver")) == 4
    assert set(made.ends) >= set(made.beside.values())


def test_a_rendition_is_as_wide_as_its_lines_say() -> None:
    """Upright pictures by their width; always even."""
    project = film(*FILM)
    for platform, lines, size in (
        ("youtube", 480, (854, 480)),
        ("tiktok", 540, (540, 960)),
        ("square", 100, (100, 100)),
    ):
        assert output_size(Output("x", platform, lines=lines), project, CATALOG) == size


def test_a_draft_is_one_plain_video() -> None:
    """H.264, whatever the output wants, and nothing beside it but a poster."""
    _, made = delivered(film(*FILM, outputs=[Output("web", "web", codec="prores")]), WEB, request=DRAFT)
    assert (made.path, dict(made.beside)) == ("build/web.mp4", {})


def test_stems_stand_beside_what_is_to_be_mixed() -> None:
    """One for each kind of sound that there is; music steps back in its own as it does in the mix."""
    made = film(
        *FILM, outputs=[Output("prores", "prores")], music=(replace(MUSIC, duck_db=Fraction(-9)),), lines=(line(),)
    )
    graph, found = delivered(made)
    assert set(found.beside) == {"-own.wav", "-voice.wav", "-music.wav"}
    (stems,) = [node for node in nodes(graph, "Mix") if "music" in node.action.outputs]
    lays = {step["lay"]["to"]: step["lay"]["sounds"] for step in stems.action.params["steps"] if "lay" in step}
    assert [sound.get("unheard", False) for sound in lays["music.f32.wav"]] == [True, False]
    assert [sound.get("unheard", False) for sound in lays["voice.f32.wav"]] == [False]


def test_sound_alone_has_no_pictures() -> None:
    """A podcast is the mix of the film, as loud as podcasts are."""
    graph, made = delivered(film(*FILM, outputs=[Output("podcast", "podcast")], music=(MUSIC,)))
    assert (made.path, made.frames, made.poster, made.seconds) == ("build/podcast.mp3", 0, None, 14)
    assert nodes(graph, "Segment") == []
    (mix,) = nodes(graph, "Mix")
    assert mix.action.params["steps"][-1]["level"]["lufs"] == "-16"


def test_captions_are_drawn_where_the_platform_has_the_habit() -> None:
    """Unless the output says otherwise."""
    from test_overlays import WORLD

    def cues(output: Output) -> int:
        made = film(*FILM, outputs=[output], lines=(line(shot="end", until="end"),), captions=Captions())
        found = plan(made, WORLD, FINAL)
        assert found.graph is not None, found.problems
        return len(nodes(found.graph, "Cues"))

    habits = {name: cues(Output(name, name)) for name in ("tiktok", "youtube")}
    assert habits == {"tiktok": 1, "youtube": 0}
    assert cues(Output("tiktok", "tiktok", captions="none")) == 0
    assert cues(Output("youtube", "youtube", captions="burn")) == 1


@pytest.mark.parametrize(
    ("profile", "told"),
    [
        (replace(KIOSK, max_mb=3), []),
        (replace(KIOSK, max_mb=2), ["`kiosk` takes 2 MB, and 14 s at 1192 kbit/s may need 2.1"]),
        (replace(KIOSK, max_mb=1, maxrate_kbps=None), []),
        (replace(KIOSK, min_s=Fraction(15)), ["`kiosk` takes no less than 15 s, and is 14 s long"]),
        (replace(KIOSK, min_s=Fraction(14), max_s=Fraction(14)), []),
    ],
)
def test_limits_are_told_before_anything_is_made(profile: Profile, told: list[str]) -> None:
    """The shortest length, and the size at the highest rate."""
    assert shop(profile).sentences(film(*FILM, outputs=[Output("kiosk", "kiosk")])) == told


def test_a_size_that_may_be_too_large_says_which_rate_fits() -> None:
    """Of pictures: sound has its own."""
    made = film(*FILM, outputs=[Output("kiosk", "kiosk")])
    (problem,) = plan(made, shop(replace(KIOSK, max_mb=1)).world, FINAL).problems
    assert problem.hint == "make it shorter, or use a profile with `video: {maxrate_kbps: 379}`"


def test_a_limit_of_size_is_in_no_key() -> None:
    """It is a threshold: the finished file is compared with it, made now or long ago."""
    made = film(*FILM, outputs=[Output("kiosk", "kiosk")])
    before, limited = (shop(replace(KIOSK, max_mb=most)).planned(made) for most in (None, 50))
    assert set(before.nodes) == set(limited.nodes)
    assert [each.most for each in (*before.deliverables, *limited.deliverables)] == [None, 50_000_000]


def test_every_packaged_platform_plans() -> None:
    """A film of fourteen seconds breaks no limit of any, in every codec that an output may ask for."""
    made = film(*FILM, outputs=[Output(name, name) for name in CATALOG.profiles], music=(MUSIC,))
    assert len(Shop().planned(made).deliverables) == len(CATALOG.profiles)
    forms = {each.path.rsplit(".")[-1] for each in Shop().planned(made).deliverables}
    assert forms == {"mp4", "mov", "mp3"}
