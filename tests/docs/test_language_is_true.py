"""What docs/language.md says that a change makes again is what a plan makes again: an edit for each key that can be so.

Plans are compared by their actions' ids, so nothing is built and nothing is bought.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from pages import ROOT, stand_in

from vidbuild import packaged
from vidbuild.session import Session
from vidbuild.settings import Settings

sys.path.insert(0, str(ROOT / "tools"))

import write_language

pytestmark = pytest.mark.slow  # fifty plans

FILM = """\
vidbuild: 1
name: film
fps: 24
aspect: "16:9"
seed: 7
style: {text: Warm light.}
negative: [text]
brand: {logo: logo.png, colours: {ink: "#102040"}, presets: {tag: {like: lower-third, size: 0.06}}}
captions: {preset: clean}
cast:
  anna: {description: a woman, image: {file: anna.png}, voice: {model: elevenlabs, id: Rachel}}
audio:
  voice: {model: elevenlabs, id: Adam}
  music: {model: stable-audio-2, prompt: "guitar, 90 bpm", gain_db: -3, duck_db: -6, fade_out_s: 1, at: 0}
budget: {max_usd: 60}
shots:
  - id: pour
    title: Pour
    duration_s: 6
    model: kling-3
    prompt: espresso pours
    note: a note
    say: {text: Come in., at: 1}
    text: [{text: Fresh, at: [1, 3], place: top, preset: tag}]
    layers: [{file: logo.png, place: top-right, scale: 0.1, shape: rect, opacity: 1}]
    sfx: [{model: elevenlabs-sfx, prompt: a door, duration_s: 2, gain_db: 0}]
  - id: plate
    file: plate.mp4
    in_s: 1
    duration_s: 4
    speed: 1
    sound: {gain_db: -3}
    motion: {type: push-in, scale: 1.2}
    reframe: {mode: crop, focus: [0.5, 0.5]}
    transition: {type: dissolve, duration_s: 0.5}
  - {id: end, duration_s: 2, card: {title: The end, subtitle: example.com, background: "#203040"}}
outputs:
  - {platform: youtube, captions: burn}
  - {platform: tiktok, poster: plate@1.0}
"""

EDITS = {
    "project.name": ("name: film", "name: other"),
    "project.fps": ("fps: 24", "fps: 25"),
    "project.aspect": ('aspect: "16:9"', 'aspect: "1:1"'),
    "project.seed": ("seed: 7", "seed: 8"),
    "style.text": ("Warm light.", "Cold light."),
    "project.negative": ("negative: [text]", "negative: [text, blur]"),
    "brand.logo": ("{logo: logo.png", "{logo: other.png"),
    "preset.size": ("size: 0.06", "size: 0.05"),
    "captions.preset": ("preset: clean", "preset: boxed"),
    "audio.voice": ("id: Adam", "id: Eve"),
    "cue.prompt": ("guitar, 90 bpm", "piano, 90 bpm"),
    "cue.gain_db": ("gain_db: -3, duck", "gain_db: -4, duck"),
    "cue.duck_db": ("duck_db: -6", "duck_db: -9"),
    "cue.fade_out_s": ("fade_out_s: 1", "fade_out_s: 2"),
    "cue.at": ("at: 0}\nbudget", "at: 1}\nbudget"),
    "budget.max_usd": ("max_usd: 60", "max_usd: 50"),
    "shot.title": ("title: Pour", "title: Poured"),
    "shot.duration_s": ("duration_s: 6", "duration_s: 5.5"),
    "shot.model": ("model: kling-3", "model: hailuo-3"),
    "shot.prompt": ("espresso pours", "milk pours"),
    "shot.note": ("a note", "another note"),
    "shot.takes": ("note: a note", "takes: 2"),
    "shot.reshoots": ("note: a note", "reshoots: 3"),
    "shot.cast": ("note: a note", "cast: [anna]"),
    "shot.fade_in_s": ("note: a note", "fade_in_s: 0.5"),
    "line.text": ("Come in.", "Come out."),
    "line.at": ("Come in., at: 1", "Come in., at: 2"),
    "text.text": ("text: Fresh", "text: New"),
    "text.at": ("at: [1, 3]", "at: [1, 4]"),
    "text.place": ("place: top,", "place: bottom,"),
    "text.preset": ("preset: tag", "preset: title"),
    "layer.file": ("layers: [{file: logo.png", "layers: [{file: other.png"),
    "layer.place": ("place: top-right", "place: top-left"),
    "layer.scale": ("scale: 0.1,", "scale: 0.2,"),
    "layer.shape": ("shape: rect", "shape: circle"),
    "layer.opacity": ("opacity: 1}", "opacity: 0.5}"),
    "effect.prompt": ("a door", "a bell"),
    "effect.gain_db": ("gain_db: 0}", "gain_db: -2}"),
    "shot.file": ("file: plate.mp4", "file: other.mp4"),
    "shot.in_s": ("in_s: 1\n", "in_s: 0.5\n"),
    "shot.speed": ("speed: 1\n", "speed: 1.5\n"),
    "sound.gain_db": ("sound: {gain_db: -3}", "sound: {gain_db: -4}"),
    "motion.type": ("type: push-in", "type: pull-out"),
    "motion.scale": ("scale: 1.2", "scale: 1.4"),
    "reframe.focus": ("focus: [0.5, 0.5]", "focus: [0.2, 0.5]"),
    "reframe.mode": ("mode: crop, focus: [0.5, 0.5]", "mode: blur"),
    "transition.type": ("type: dissolve", "type: wipe-left"),
    "transition.duration_s": ("duration_s: 0.5}", "duration_s: 1}"),
    "shot.card.title": ("The end", "The very end"),
    "shot.card.subtitle": ("example.com", "example.org"),
    "shot.card.background": ("#203040", "#403020"),
    "output.captions": ("captions: burn", "captions: none"),
    "output.fps": ("captions: burn}", "captions: burn, fps: 30}"),
    "output.poster": ("plate@1.0", "plate@2.0"),
}
"""A key of the page, by its section, and an edit of it."""

GENERATED = frozenset({"Picture", "Footage", "Speech", "Music", "Effect", "LipSync"})
MAKES: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "nothing": (frozenset(), frozenset()),
    "take": (frozenset({"Picture", "Footage", "LipSync"}), frozenset({"Segment", "Join", "Mix"})),
    "line": (frozenset({"Speech"}), frozenset({"Segment", "Join", "Mix", "LipSync"})),
    "sound": (frozenset({"Music", "Effect"}), frozenset({"Mix"})),
    "pieces": (frozenset({"Segment", "Join"}), frozenset({"Mix"})),
    "its end": (frozenset({"Segment"}), frozenset({"Join", "Mix"})),
    "window": (frozenset({"Join"}), frozenset({"Segment"})),
    "mix": (frozenset({"Mix"}), frozenset()),
    "own": (frozenset(), frozenset({"Segment", "Join", "Mix"})),
}
"""Of a word: what must be made again (one of these), and what else may be. Cards are left out: free."""


class Desk:
    """A project's folder where one plan after the other is made."""

    def __init__(self, folder: Path):
        self._folder = folder
        for name in ("logo.png", "other.png", "anna.png", "plate.mp4", "other.mp4"):
            (folder / name).write_bytes(
                stand_in(name.partition(".")[2], "teal" if name.startswith("other") else "orange")
            )
        keys = {key: "a-key" for provider in packaged.catalog().providers.values() for key in provider.variables}
        self._environ = {**keys, "HOME": str(folder), "VIDBUILD_STORE": str(folder / "store"), "PATH": "/usr/bin:/bin"}

    def plan(self, text: str) -> dict[str, str]:
        """Give the actions of a plan by id, with what each is of."""
        project = self._folder / "project.yaml"
        project.write_text(text)
        session = Session(Settings(project), self._environ)
        try:
            graph = session.plan().graph
        finally:
            session.close()
        return {str(id): node.action.mnemonic for id, node in graph.nodes.items() if not _is_card(node.action)}


def _is_card(action: object) -> bool:
    return getattr(action, "tool", "").startswith("local/card")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, dict[str, str]]:
    """A desk with the film on it, and its plan."""
    desk = Desk(tmp_path_factory.mktemp("desk"))
    return desk, desk.plan(FILM)


SAID = {
    f"{title}.{name}": write_language.reach(packaged.schema("project"), inner).get("x-changes", "")
    for title, part in write_language.sections(packaged.schema("project"))
    for name, inner in part["properties"].items()
}


@pytest.mark.parametrize("key", EDITS)
def test_it_makes_again_what_the_page_says(desk: tuple[Desk, dict[str, str]], key: str) -> None:
    """Some of what its word names, and nothing that it doesn't."""
    old, new = EDITS[key]
    assert FILM.count(old) == 1, f"`{old}` stands {FILM.count(old)} times"
    words = [word.strip() for word in SAID[key].split(",")]
    again = {mnemonic for id, mnemonic in desk[0].plan(FILM.replace(old, new)).items() if id not in desk[1]}
    counted = again & (GENERATED | {"Segment", "Join", "Mix"})
    must = MAKES[words[0]][0]
    may = frozenset().union(*(needed | beside for needed, beside in (MAKES[word] for word in words)))
    assert not must or counted & must, f"{key} makes {sorted(counted)} again, and its word is `{words[0]}`"
    assert counted <= may, f"{key} makes {sorted(counted - may)} again, and its word is `{SAID[key]}`"
