"""The local engine draws and plays the same for the same words, and moves as its prompt asks."""

import itertools
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import local_goldens as goldens
import numpy as np
import pytest
import yaml
from jinja2 import Template

from vidbuild.runners.local import bed, card, colour, lettering, prompt, seeded, setting, slate, still
from vidbuild.runners.local.animatic import AnimaticShot, fitted, frames
from vidbuild.runners.local.camera import Camera
from vidbuild.runners.local.scenes import interior, vessels
from vidbuild.runners.local.stage import Sketch, enlarged

SIZE = (160, 90)
SHOT = AnimaticShot("a quiet sea at dawn, pan left", "a quiet sea at dawn", 3, 30, Fraction(24), SIZE)
SCENES = sorted(goldens.SHOTS)


def _photo(size=SIZE, seed=1):
    """Return a picture that is no drawing: soft random colours."""
    small = np.random.Generator(np.random.PCG64(seed)).integers(0, 256, (5, 8, 3), dtype=np.uint8)
    return fitted(small, size)


def _plated(words):
    """Return the brightness of a grey picture with a slate of these words."""
    planes = tuple(np.full(shape, 128, np.uint8) for shape in ((360, 640), (180, 320), (180, 320)))
    slate.Slate(words, 7, (640, 360)).lay(planes, Fraction(0))
    return planes[0]


def _packed(picture):
    return b"".join(plane.tobytes() for plane in colour.planes(picture))


def _steps(drawn):
    """Return the mean difference of each frame from the one before, in levels."""
    arrays = [np.frombuffer(frame, np.uint8).astype(np.int16) for frame in drawn]
    return [float(np.abs(after - before).mean()) for before, after in itertools.pairwise(arrays)]


def test_the_same_shot_is_drawn_in_the_same_bytes():
    """Nothing but the arguments decides what is drawn."""
    assert list(frames(SHOT)) == list(frames(SHOT))


def test_another_seed_draws_another_picture():
    """The seed chooses within what the prompt leaves open."""
    assert next(frames(SHOT)) != next(frames(replace(SHOT, seed=4)))


def test_another_prompt_draws_another_picture():
    """The prompt decides even where the slate and the seed are equal."""
    assert next(frames(SHOT)) != next(frames(replace(SHOT, prompt="a quiet sea at dusk, pan left")))


@pytest.mark.parametrize("kind", SCENES)
def test_a_longer_take_begins_with_the_shorter_one(kind):
    """Motion is a function of time, never of the take's length."""
    shot = replace(SHOT, prompt=goldens.SHOTS[kind], slate=goldens.SHOTS[kind], frames=8)
    assert list(frames(shot)) == list(frames(replace(shot, frames=14)))[:8]


def test_a_longer_take_begins_with_the_shorter_one_after_an_init_picture():
    """The dissolve out of a given picture takes its own time."""
    shot = replace(SHOT, init=_photo(), frames=8)
    assert list(frames(shot)) == list(frames(replace(shot, frames=60)))[:8]


def test_a_frame_is_one_yuv420p_picture():
    """Every frame has the bytes of its three planes."""
    assert [SIZE[0] * SIZE[1] * 3 // 2] * 30 == [len(frame) for frame in frames(SHOT)]


def test_luma_stays_in_limited_range():
    """No sample of Y is below 16 or above 235."""
    for kind in SCENES:
        luma = np.frombuffer(next(frames(replace(SHOT, prompt=goldens.SHOTS[kind], slate=""))), np.uint8)[
            : SIZE[0] * SIZE[1]
        ]
        assert luma.min() >= 16
        assert luma.max() <= 235


@pytest.mark.parametrize("kind", SCENES)
def test_no_frame_equals_the_one_before(kind):
    """Something lives in every scene, even before a static camera, above the slate's clock."""
    words = goldens.SHOTS[kind].rsplit(",", 1)[0] + ", static"
    shot = replace(SHOT, prompt=words, slate=words, frames=40)
    above = SIZE[0] * slate.plate(SIZE)[1]
    drawn = [frame[:above] for frame in frames(shot)]
    assert all(before != after for before, after in itertools.pairwise(drawn))


@pytest.mark.parametrize("kind", SCENES)
def test_motion_has_no_jump(kind):
    """No step between frames is far larger than the others: no cut, no flicker."""
    steps = _steps(frames(replace(SHOT, prompt=goldens.SHOTS[kind], slate="", frames=60)))
    assert max(steps) < 4 * float(np.median(steps)) + 0.5


@pytest.mark.parametrize("kind", SCENES)
def test_two_seconds_are_no_freeze(kind):
    """A picture two seconds later differs by more than a freeze detector's threshold (a quarter level)."""
    words = goldens.SHOTS[kind].rsplit(",", 1)[0] + ", static"
    drawn = list(frames(replace(SHOT, prompt=words, slate=words, frames=49)))
    assert _steps([drawn[0], drawn[48]])[0] > 0.5


def test_the_first_frame_is_exactly_the_init_picture():
    """A given picture of the shot's size comes through unchanged, without a new slate."""
    assert _packed(_photo()) == next(frames(replace(SHOT, init=_photo())))


def test_an_init_picture_of_another_size_covers_the_frame():
    """A larger, taller picture is scaled to cover and cropped centrally."""
    photo = _photo((200, 300))
    assert _packed(fitted(photo, SIZE)) == next(frames(replace(SHOT, init=photo)))


def test_the_last_frame_is_exactly_the_end_picture():
    """A given end is reached, without a new slate."""
    assert _packed(_photo(seed=2)) == list(frames(replace(SHOT, end=_photo(seed=2), frames=50)))[-1]


def test_init_and_end_both_hold_in_a_short_take():
    """Even where both dissolves overlap, each end shows its picture."""
    drawn = list(frames(replace(SHOT, init=_photo(), end=_photo(seed=2), frames=20)))
    assert (_packed(_photo()), _packed(_photo(seed=2))) == (drawn[0], drawn[-1])


def test_a_flat_init_picture_is_left_without_a_frozen_frame():
    """A picture of one colour dissolves from its first frame on."""
    flat = np.full((90, 160, 3), 90, np.uint8)
    assert min(_steps(frames(replace(SHOT, init=flat, end=flat, frames=60)))) > 0


def test_the_scene_is_reached_after_the_dissolve():
    """Two seconds after a given picture the shot is the prompt's own."""
    late = replace(SHOT, frames=49)
    assert list(frames(late))[48] == list(frames(replace(late, init=_photo())))[48]


def test_the_slate_shows_the_running_time():
    """The clock counts minutes, seconds and tenths."""
    assert slate.clock(Fraction(6357, 100)) == "01:03.5"


def test_the_slate_leaves_out_what_the_font_lacks():
    """A prompt in another script is drawn without its glyphs, not refused."""
    one, same, other = (_plated(words) for words in ("海 sea", "sea", "a sea"))
    assert (one == same).all()
    assert (one != other).any()


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (720, 720), (864, 1080), (1920, 800), (160, 90)])
def test_the_slate_lies_in_the_column_that_a_tall_picture_is_cut_from(size):
    """It is seen whole in a 9:16 crop from the middle, and is centred."""
    left, top, width, height = slate.plate(size)
    assert abs(2 * left + width - size[0]) <= 2
    assert width <= min(size[0] * (0.30 if size[0] > size[1] else 0.9), size[1] * 9 / 16)
    assert 0.85 * size[1] < top + height < size[1]
    assert height < 0.12 * size[1] or size[1] < 200


def test_one_slate_covers_another():
    """Whatever words, seed and time were on it, nothing of the old plate is left."""
    size = (640, 360)
    ground, covered = ([np.full(plane.shape, 90, np.uint8) for plane in colour.planes(_photo(size))] for _ in range(2))
    slate.Slate("a long line of words " * 9, 123456, size).lay(tuple(covered), Fraction(99))
    for planes in (ground, covered):
        slate.Slate("sea", 1, size).lay(tuple(planes), Fraction(1))
    left, top, width, height = slate.plate(size)
    inner = (slice(top + 6, top + height - 6), slice(left + 6, left + width - 6))
    assert (ground[0][inner] == covered[0][inner]).all()
    ground[0][top : top + height, left : left + width] = covered[0][top : top + height, left : left + width] = 0
    assert (ground[0] == covered[0]).all()


def test_long_words_end_in_dots_on_the_second_line():
    """Two lines hold what they can; short words take one, whatever is too wide is cut."""
    face = lettering.font(lettering.REGULAR, 15)
    assert slate.wrapped("a quiet sea", face, 200) == ["a quiet sea"]
    first, second = slate.wrapped("a quiet sea at dawn, with gulls over the harbour and a boat", face, 200)
    assert first == "a quiet sea at dawn, with"
    assert second.endswith("…")
    assert slate.wrapped("m" * 90, face, 200)[0].endswith("…")


@pytest.mark.parametrize(
    "index", [1, pytest.param(6, marks=pytest.mark.slow), pytest.param(20, marks=pytest.mark.slow)]
)
def test_the_new_slate_is_whole_from_the_second_frame_on(index):
    """In a chain the plate on the given picture is replaced at once, not dissolved; likewise before an end."""
    shot = replace(SHOT, frames=50, size=(640, 360))
    before = goldens.picture(list(frames(replace(shot, slate="a boat", prompt="a boat", frames=3)))[-1], shot.size)
    chained, plain = list(frames(replace(shot, init=before, end=before))), list(frames(shot))
    left, top, width, height = slate.plate(shot.size)
    for place in (index, 49 - index):
        one, other = (
            np.frombuffer(drawn[place], np.uint8)[: 640 * 360].reshape(360, 640) for drawn in (chained, plain)
        )
        inner = (slice(top + 6, top + height - 6), slice(left + 6, left + width - 6))
        assert (one[inner] == other[inner]).all()


def test_an_odd_size_is_refused():
    """yuv420p has no odd sides."""
    with pytest.raises(ValueError, match="even sides"):
        next(frames(replace(SHOT, size=(161, 90))))


STYLES = {
    "none": "",
    "cinematic": "Cinematic film still in motion, soft natural light, shot on a 35mm lens with shallow depth of field, "
    "calm and intimate mood, gentle contrast, rich but restrained colour, fine 35mm grain.",
    "documentary": "Observational documentary footage, available light, handheld camera, steady and attentive, 28mm "
    "lens, deep focus, candid and unhurried mood, true-to-life colour, real people and real places, nothing staged.",
}
PLAIN = (
    ("a barista pours espresso into a white cup, slow push-in, steam curling", "interior"),
    ("crema swirling in the cup of espresso, slow motion, pan right", "interior"),
    ("she slides the cup across the wooden counter toward camera, slow pull-out", "interior"),
    ("dawn over misty hills, slow push-in", "hills"),
    ("boats on a calm sea, warm light, pan right", "sea"),
    ("misty mountains", "hills"),
    ("a city street", "city"),
    ("a woman walks", "portrait"),
    ("ocean", "sea"),
    ("a tram crosses the bridge in the rain", "city"),
    ("mist", "hills"),
    ("she waves", "portrait"),
    ("waves on the shore, pan left", "sea"),
    ("a quiet street at night", "city"),
    ("starry sky over the desert", "night"),
    ("the moon", "night"),
    ("steaming kettle on the counter", "interior"),
    ("a runner ties her shoes, close-up", "portrait"),
    ("two people talk in a cafe", "interior"),
    ("ink swirling in slow motion", "abstract"),
    ("a field of sunflowers, shallow depth of field", "hills"),
    ("water pours into a glass", "interior"),
    ("a man cycles through the snowy forest", "hills"),
    ("the skyline at dusk, tilt up", "city"),
)


@pytest.mark.parametrize("style", sorted(STYLES))
@pytest.mark.parametrize(("words", "kind"), PLAIN)
def test_the_shots_own_words_choose_the_scene_under_any_style(style, words, kind, monkeypatch):
    """An animatic's, by its slate, and a still's, which has nothing but a prompt."""
    seen = []
    for name in setting._SCENES:
        monkeypatch.setitem(setting._SCENES, name, lambda sketch, name=name: seen.append(name))
    whole = f"{STYLES[style]} {words}".strip()
    for front in (" ".join(words.split()[:12]), ""):
        setting.setting(whole, front, 7, SIZE)
    assert seen == [kind, kind]


def test_the_packaged_styles_are_those_of_the_table():
    """A new style, or a new wording, has to be tried with plain prompts."""
    folder = Path(__file__).parents[2] / "templates" / "styles"
    found = {path.name.split("@")[0]: path.read_text() for path in folder.glob("*.j2")}
    assert set(found) == set(STYLES) - {"none"}
    for name, text in found.items():
        assert STYLES[name] == " ".join(Template(text).render().split())


@pytest.mark.parametrize("project", ["projects/espresso", "templates/projects/starter"])
def test_the_examples_shots_are_in_the_table(project):
    """The first drafts that a new user sees show what they are about."""
    found = yaml.safe_load((Path(__file__).parents[2] / project / "project.yaml").read_text())
    drink = found.get("vars", {}).get("drink", "")
    shots = [shot for top in found["shots"] for shot in top.get("shots", [top])]
    prompts = {shot["prompt"].replace("{{ drink }}", drink) for shot in shots if "prompt" in shot}
    assert prompts <= {words for words, _ in PLAIN}


def test_a_style_changes_only_the_colours():
    """The same scene stands in the same place, whatever precedes the shot's own words."""
    made = []
    for style in ("", "Noir, an ocean of mountains, pan left."):
        scene, camera = setting.setting(f"{style} a cup of tea, tilt up".strip(), "a cup of tea, tilt up", 7, SIZE)
        luma = scene.draw(0.0, camera.view(0.0))[0].astype(float)
        made.append((camera, (luma - luma.mean()).ravel()))
    (camera, one), (same, other) = made
    assert camera == same
    assert np.corrcoef(one, other)[0, 1] > 0.8


def test_words_after_the_slate_are_the_shots_own():
    """The slate is cut off after some words; a move named later still counts."""
    slate_words = "a boat on the calm sea"
    assert prompt.own(f"Style. {slate_words} off a long coast, tilt up", slate_words).endswith("coast, tilt up")
    assert prompt.own("something else", slate_words) == slate_words
    assert prompt.own("all of it", "") == "all of it"


@pytest.mark.parametrize("words", ["a cup", "a bottle", "a bowl", "a vase"])
def test_the_named_thing_stands_on_the_table(words, monkeypatch):
    """Each has its own shape; where a cup is named it is a cup."""
    made = []
    for name in ("cup", "bottle", "bowl", "vase"):
        drawn = getattr(vessels, name)
        monkeypatch.setattr(interior, name, lambda *given, n=name, d=drawn: (made.append(n), d(*given))[1])
    setting.setting(f"{words} on the table", f"{words} on the table", 7, SIZE)
    setting.setting("she slides the cup past a bottle and a vase", "", 7, SIZE)
    assert made == [words[2:], "cup"]


@pytest.mark.parametrize("move", ["pan left", "pan right", "static", "push in"])
@pytest.mark.parametrize("depth", [0.3, 0.6, 0.62])
def test_a_pan_keeps_the_subject_in_the_middle_third(move, depth):
    """A tall picture cut from the middle still shows what the shot is about, for the first 8 s and longer."""
    camera = Camera(prompt.move(move, seeded.generator(1)), (1280, 720))
    for seed in range(20):
        palette = colour.PALETTES["amber"]
        sketch = Sketch(camera.size, camera.reach, palette, frozenset(), seeded.generator(seed))
        at = sketch.near_middle(depth, 0.1)
        places = [at + camera.view(tenth / 10).x * depth for tenth in range(81)]
        assert 1280 / 3 <= min(places) <= max(places) <= 1280 * 2 / 3


@pytest.mark.parametrize("zoom", [1.0, 1.03, 1.17])
def test_enlarging_keeps_the_middle_and_the_brightness(zoom):
    """Flat stays flat, the middle stays in the middle, and a ramp is as steep as the zoom says."""
    flat = np.full((90, 160), 77, np.uint8)
    ramp = np.broadcast_to(np.arange(160, dtype=np.uint8), (90, 160))
    y, u, _ = enlarged((flat, ramp, ramp), zoom)
    assert (y == 77).all()
    wanted = (np.arange(160) + 0.5 - 80) / zoom + 79.5
    assert np.abs(u - wanted).max() < 1.01


@pytest.mark.parametrize(("kind", "words"), sorted(goldens.SHOTS.items()))
def test_words_choose_the_scene(kind, words):
    """Each kind of scene has words that ask for it."""
    assert kind == prompt.kind(words, seeded.generator("test"))


@pytest.mark.parametrize(
    ("words", "move"),
    [
        ("a cup, slow push-in", "push-in"),
        ("the camera pulls back from a house", "pull-out"),
        ("panning right over hills", "pan-right"),
        ("tilt down to the street", "tilt-down"),
        ("a locked-off shot", "static"),
    ],
)
def test_words_choose_the_move(words, move):
    """A move is found in the forms that people write."""
    assert move == prompt.move(words, seeded.generator("test"))


def test_a_still_has_its_size_and_repeats():
    """A still may have odd sides, and is the same every time."""
    one = still.picture("city at night", 5, (121, 75))
    assert one.shape == (75, 121, 3)
    assert (one == still.picture("city at night", 5, (121, 75))).all()


def test_characters_with_a_glyph_are_covered():
    """Latin, Greek and Cyrillic are in the font, composed or not."""
    assert lettering.uncovered("Ünïcode a\u0301 Ελλάς Привет – „ok“") == []


def test_a_logo_lies_over_the_card():
    """Where it is placed; its clear parts are not seen."""
    logo = np.zeros((20, 20, 4), np.uint8)
    logo[5:15, 5:15] = (255, 0, 0, 255)
    drawn = card.ground(SIZE, (0, 0, 0), logo, (60, 20, 40, 40))
    assert drawn[40, 80].tolist() == [255, 0, 0]
    assert drawn[22, 62].tolist() == [0, 0, 0]
    assert drawn[2, 2].tolist() == [0, 0, 0]


def test_a_picture_under_a_card_is_darkened():
    """So that light text can be read on any."""
    white = np.full((50, 90, 3), 255, np.uint8)
    assert card.ground(SIZE, white).max() < 120


@pytest.mark.parametrize("seconds", [1, 6, 7])
def test_a_bed_has_exactly_its_length(seconds):
    """Blocks add up to the sample."""
    blocks = list(bed.samples("warm", 1, seconds))
    assert seconds * 48000 == sum(len(block) for block in blocks)
    assert {np.dtype(np.float32)} == {block.dtype for block in blocks}


@pytest.mark.parametrize("mood", ["warm", "calm", "dark", "upbeat", "tense", "acoustic", "electronic", "lofi", "?"])
def test_a_bed_never_clips_and_does_not_click(mood):
    """Peaks stay below 0.9; both ends are silent and rise softly."""
    sound = np.concatenate(list(bed.samples(mood, 2, 8)))
    assert 0.1 < np.abs(sound).max() <= 0.9
    assert np.abs(sound[[0, -1]]).max() == 0
    assert np.abs(sound[:24]).max() < 0.02
    assert np.abs(sound[-24:]).max() < 0.02


def test_a_bed_repeats_and_follows_its_seed():
    """The same words and seed sound the same; another seed does not."""
    one, same, other = (np.concatenate(list(bed.samples("calm", seed, 4))) for seed in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()


@pytest.mark.parametrize(
    ("words", "asked"), [("warm acoustic 90 bpm", 90), ("upbeat 104bpm", 104), ("dark, 70 BPM", 70)]
)
def test_a_bed_keeps_the_asked_tempo(words, asked):
    """Onsets repeat at the beat that the prompt names."""
    edges = np.diff(np.concatenate(list(bed.samples(words, 1, 24)))[:, 0], prepend=0)  # what is high and sudden
    loud = np.convolve(np.sqrt((edges.reshape(-1, 240) ** 2).mean(axis=1)), np.hanning(9), "same")  # every 5 ms
    onset = np.maximum(0, np.diff(loud))
    onset -= onset.mean()
    lags = np.arange(round(0.8 * 12000 / asked), round(1.25 * 12000 / asked))
    found = lags[int(np.argmax([float((onset[lag:] * onset[:-lag]).sum()) for lag in lags]))]
    assert abs(12000 / found - asked) < 0.02 * asked


@pytest.mark.parametrize("mood", ["warm", "calm", "upbeat", "electronic"])
def test_a_usual_tempo_fits_bars_into_thirty_seconds(mood):
    """A bed without a named tempo loops by whole bars."""
    assert (bed.tempo(mood, 1) * 30) % 240 == 0


@pytest.mark.parametrize("name", goldens.names())
def test_what_is_drawn_is_as_its_revision_was(name, writes_goldens):
    """A change of what is drawn is a conscious act: it bumps REVISION."""
    sentence = goldens.sentence(name.split("/")[0])
    if writes_goldens and not goldens.path(name).exists():
        goldens.write(name)
    assert goldens.path(name).exists(), sentence
    assert goldens.difference(name) is None, sentence
