"""The language page's complete small project, without the parts that are not built yet."""

from __future__ import annotations

from fractions import Fraction

from vidbuild.spec.model import (
    Budget,
    FilePicture,
    FrameOf,
    Line,
    Member,
    Music,
    Project,
    Prompted,
    Reframe,
    Still,
    Voice,
)

PAGE = """\
vidbuild: 1                       # language version; a file without it is the storyboard form
name: espresso
fps: 24
aspect: "16:9"                    # the master picture; outputs may reframe it
seed: 884412
style:                            # rendered once, put in front of every prompt
  template: cinematic             # cinematic@1 of templates/styles, or a file of the project
  with: {light: warm tungsten, lens: 35mm}
negative: [text, watermark]       # added to every shot's own

cast:                             # who and what must look and sound the same in every shot
  barista:
    description: a woman in her thirties, short grey hair, denim apron
    image: {model: flux-2-pro, prompt: "portrait of {{ description }}, neutral background"}
    voice: {model: elevenlabs, id: Rachel}
  cup:
    image: {file: assets/cup.png}
    exact: true                   # its own pixels only: as a layer, never given to a model

shots:
  - id: bar                       # a group: what it says holds for its shots
    title: At the bar
    model: kling-3
    shots:
      - id: pour
        duration_s: 6
        model: {needs: [hands, close-up], max_usd_per_s: 0.2}    # routed; the choice is pinned
        prompt: "{{ cast.barista }} pours espresso into a white cup, slow push-in, steam curling"
        takes: 2                  # candidates
        take: 2                   # the circled one; without it the first that passes its checks
      - id: crema
        duration_s: 6
        model: [kling-3, hailuo-3]                                # in this order
        prompt: crema swirling in the cup, slow motion
  - id: serve
    prompt: she slides the cup across the counter toward camera
    init_image: crema.last_frame
    say: {by: barista, text: "Come in. <sign>The first one is on us."}

audio:
  music: {model: stable-audio, prompt: "warm acoustic guitar, 90 bpm", duck_db: -12, fade_out_s: 1}
outputs:
  - youtube
  - {platform: tiktok}
  - {platform: square, reframe: blur}
budget: {max_usd: 6}
"""
BARISTA = "a woman in her thirties, short grey hair, denim apron"


def read(desk) -> Project:
    """Read the page."""
    desk.write("assets/cup.png")
    loaded = desk.load(PAGE)
    assert loaded.warnings == ()
    return loaded.project


def test_the_pages_cast_is_read(desk) -> None:
    """A member that is made once, and one of whom only the pixels count."""
    portrait = Still(
        f"portrait of {BARISTA}, neutral background",
        models=("flux-2-pro",),
        negative=("text", "watermark"),
        seed=884412,
        label="barista",
    )
    assert read(desk).cast == {
        "barista": Member("barista", BARISTA, (portrait,), voice=Voice(("elevenlabs",), "Rachel")),
        "cup": Member("cup", "", (FilePicture("assets/cup.png"),), exact=True),
    }


def test_the_pages_shots_are_read(desk) -> None:
    """Three generations: routed, in order, chosen among all."""
    pour, crema, serve = read(desk).shots
    assert all(isinstance(shot.source, Prompted) for shot in (pour, crema, serve))
    assert pour.source.words == f"{BARISTA} pours espresso into a white cup, slow push-in, steam curling"
    assert pour.source.prompt.endswith(f". {pour.source.words}")
    assert "warm tungsten" in pour.source.prompt
    assert (pour.source.models, pour.source.needs) == ((), ("hands", "close-up"))
    assert pour.source.max_usd_per_s == Fraction(1, 5)
    assert (pour.source.references, pour.takes, pour.take, pour.groups) == (("barista",), 2, 2, ("bar",))
    assert (crema.source.models, crema.source.references, crema.takes) == (("kling-3", "hailuo-3"), (), 1)
    assert (serve.source.models, serve.source.init) == ((), FrameOf("crema", last=True))
    assert {(shot.source.seed, shot.source.negative) for shot in (pour, crema, serve)} == {
        (884412, ("text", "watermark"))
    }


def test_the_pages_sound_outputs_and_budget_are_read(desk) -> None:
    """One line with its mark taken out, one bed, three outputs, one cap."""
    project = read(desk)
    spoken = "Come in. The first one is on us."
    voice = Voice(("elevenlabs",), "Rachel")
    assert project.lines == (Line("serve", spoken, voice, "barista", "serve", until="serve", moments={"sign": 9}),)
    bed = Music(
        prompt="warm acoustic guitar, 90 bpm", models=("stable-audio",), duck_db=Fraction(-12), fade_out_s=Fraction(1)
    )
    assert (project.music, project.effects) == ((bed,), ())
    assert [(output.name, output.reframe) for output in project.outputs] == [
        ("youtube", None),
        ("tiktok", None),
        ("square", Reframe("blur")),
    ]
    assert project.budget == Budget(Fraction(6))
