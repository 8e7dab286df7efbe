"""The local engine draws and plays the same for the same words, and moves as its prompt asks."""

import itertools
from dataclasses import replace
from fractions import Fraction

import make_local_goldens as goldens
import numpy as np
import pytest

from vidbuild.runners.local import bed, card, colour, prompt, seeded, slate, still
from vidbuild.runners.local.animatic import AnimaticShot, fitted, frames

SIZE = (160, 90)
SHOT = AnimaticShot("a quiet sea at dawn, pan left", "a quiet sea at dawn", 3, 30, Fraction(24), SIZE)
SCENES = sorted(goldens.SHOTS)


def _photo(size=SIZE, seed=1):
    """Return a picture that is no drawing: soft random colours."""
    small = np.random.Generator(np.random.PCG64(seed)).integers(0, 256, (5, 8, 3), dtype=np.uint8)
    return fitted(small, size)


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
    shot = replace(SHOT, prompt=goldens.SHOTS[kind], frames=8)
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
        luma = np.frombuffer(next(frames(replace(SHOT, prompt=goldens.SHOTS[kind]))), np.uint8)[: SIZE[0] * SIZE[1]]
        assert luma.min() >= 16
        assert luma.max() <= 235


@pytest.mark.parametrize("kind", SCENES)
def test_no_frame_equals_the_one_before(kind):
    """Something lives in every scene, even before a static camera, above the slate's clock."""
    words = goldens.SHOTS[kind].rsplit(",", 1)[0] + ", static"
    shot = replace(SHOT, prompt=words, frames=40)
    above = SIZE[0] * (SIZE[1] - slate.band_height(SIZE))
    drawn = [frame[:above] for frame in frames(shot)]
    assert all(before != after for before, after in itertools.pairwise(drawn))


@pytest.mark.parametrize("kind", SCENES)
def test_motion_has_no_jump(kind):
    """No step between frames is far larger than the others: no cut, no flicker."""
    steps = _steps(frames(replace(SHOT, prompt=goldens.SHOTS[kind], frames=60)))
    assert max(steps) < 4 * float(np.median(steps)) + 0.5


@pytest.mark.parametrize("kind", SCENES)
def test_two_seconds_are_no_freeze(kind):
    """A picture two seconds later differs by more than a freeze detector's threshold (a quarter level)."""
    words = goldens.SHOTS[kind].rsplit(",", 1)[0] + ", static"
    drawn = list(frames(replace(SHOT, prompt=words, frames=49)))
    assert _steps([drawn[0], drawn[48]])[0] > 0.5


def test_the_first_frame_is_exactly_the_init_picture():
    """A given picture of the shot's size comes through unchanged, without a slate."""
    assert _packed(_photo()) == next(frames(replace(SHOT, init=_photo())))


def test_an_init_picture_of_another_size_covers_the_frame():
    """A larger, taller picture is scaled to cover and cropped centrally."""
    photo = _photo((200, 300))
    assert _packed(fitted(photo, SIZE)) == next(frames(replace(SHOT, init=photo)))


def test_the_last_frame_is_exactly_the_end_picture():
    """A given end is reached, without a slate."""
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
    assert next(frames(replace(SHOT, slate="海 sea"))) == next(frames(replace(SHOT, slate="sea")))


def test_an_odd_size_is_refused():
    """yuv420p has no odd sides."""
    with pytest.raises(ValueError, match="even sides"):
        next(frames(replace(SHOT, size=(161, 90))))


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


@pytest.mark.parametrize("size", [(320, 180), (180, 320), (240, 240), (240, 300)])
def test_a_cards_text_stays_inside_the_safe_area(size):
    """Long words and long sentences shrink and wrap until a tenth of each side is free."""
    ground = (10, 20, 30)
    text = "The Donaudampfschifffahrtsgesellschaft proudly presents an evening of slow coffee"
    drawn = card.picture(text, "and a subtitle that is not short either, on every picture", size, ground)
    rows, columns = np.nonzero((drawn != np.array(ground)).any(axis=2))
    assert columns.min() >= size[0] * 0.1 - 2
    assert columns.max() <= size[0] * 0.9 + 2
    assert rows.min() >= size[1] * 0.1 - 2
    assert rows.max() <= size[1] * 0.9 + 2


def test_a_cards_text_is_never_interpreted():
    """Markup and escapes are letters like others."""
    size, ground = (320, 180), (0, 0, 0)
    assert (card.picture("<b>A</b>", "", size, ground) != card.picture("A", "", size, ground)).any()


def test_a_card_names_the_characters_it_cannot_draw():
    """No empty boxes: the error says which characters are missing."""
    with pytest.raises(ValueError, match="'你' '😀'"):
        card.picture("你 hello 😀", "", SIZE)


def test_characters_with_a_glyph_are_covered():
    """Latin, Greek and Cyrillic are in the font, composed or not."""
    assert card.uncovered("Ünïcode a\u0301 Ελλάς Привет – „ok“") == []


def test_a_card_for_an_endless_text_is_an_error():
    """What cannot be read at any size is refused, quickly."""
    with pytest.raises(ValueError, match="too long"):
        card.picture("word " * 5000, "", SIZE)


def test_a_logo_lies_over_the_card():
    """The logo's colour is seen in the middle of the picture, its clear parts are not."""
    logo = np.zeros((20, 20, 4), np.uint8)
    logo[5:15, 5:15] = (255, 0, 0, 255)
    drawn = card.picture("", "", SIZE, (0, 0, 0), logo)
    assert drawn[45, 80].tolist() == [255, 0, 0]
    assert drawn[2, 2].tolist() == [0, 0, 0]


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
def test_what_is_drawn_is_as_its_revision_was(name):
    """A change of what is drawn is a conscious act: it bumps REVISION."""
    sentence = goldens.sentence(name.split("/")[0])
    assert goldens.path(name).exists(), sentence
    assert goldens.difference(name) is None, sentence
