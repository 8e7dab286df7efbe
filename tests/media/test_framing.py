"""How pieces are cut and fitted: argv as goldens, and where reading begins."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from vidbuild.media import ffargs, framing, sound, windows
from vidbuild.media.framing import Fade, Frame, View
from vidbuild.media.windows import Window

NTSC = Fraction(30000, 1001)
ENCODER = ffargs.Encoder()


def test_what_runs_for_a_piece_is_what_the_golden_says(golden: Callable[[str, Any], None]) -> None:
    """The thing hashed is the thing executed: a change here encodes everything again."""
    window, encoder = Window(Fraction(5), 144, Fraction(24)), ffargs.Encoder()
    golden(
        "argv.json",
        {
            "crop": framing.segment(View("clip", window, Frame(1080, 1920)), encoder),
            "pad": framing.segment(View("clip", window, Frame(1920, 1080, "pad")), encoder),
            "blur": framing.segment(View("clip", window, Frame(1080, 1080, "blur")), encoder),
            "still": framing.segment(
                View("clip", Window(Fraction(0), 48, NTSC), Frame(1080, 1080), is_still=True),
                ffargs.Encoder("ultrafast", 23),
            ),
            "frame": framing.still("clip", Window(Fraction(143, 24), 1, Fraction(24)), "auto"),
            "picture": framing.still("clip", None, "auto"),
            "poster": framing.poster("piece", 72),
            "sound": sound.own("clip", Fraction(1), Fraction(6)),
            "heard": sound.heard("clip"),
            "mix": sound.mix(
                288_000,
                [
                    sound.Laid("s0", 0, 144_000, cross_out=12_000),
                    sound.Laid("l0", 48_000, 240_000, is_voice=True),
                    sound.Laid("m0", 0, 288_000, duck_db=Fraction(-12), loops=True, rings=True, is_pcm=False),
                ],
                sound.Loudness(192, Fraction(-14)),
            ),
            "silence": sound.mix(48_000, [], sound.Loudness()),
            "join": [ffargs.join_list([("a", 7), ("b", 7)], Fraction(24)), ffargs.deliver(Fraction(24), "mix")],
            "take (raise REVISION of local/animatic with it)": ffargs.take((1280, 720), Fraction(24)),
        },
    )


def test_any_number_of_fades_lie_over_a_piece() -> None:
    """A word isn't found in a longer one: eleven groups in each other may all fade."""
    fades = tuple(Fade("in", Fraction(0), Fraction(24 + number)) for number in range(12))
    step = framing.segment(View("clip", Window(Fraction(0), 48, Fraction(24)), Frame(64, 36), fades=fades), ENCODER)
    graph = step["argv"][step["argv"].index("-filter_complex") + 1]
    assert [fade.clock for fade in fades if f"setpts={fade.clock}[" in graph] == [fade.clock for fade in fades]


@pytest.mark.parametrize(
    ("start", "rate", "seek", "first"),
    [
        (Fraction(0), Fraction(24), Fraction(0), 0),
        (Fraction(1, 2), Fraction(24), Fraction(0), 12),
        (Fraction(8), Fraction(24), Fraction(7), 24),
        (Fraction(1001, 100), NTSC, Fraction(9009, 1000), 30),
        (Fraction(25, 2), Fraction(25), Fraction(11), 38),
    ],
)
def test_reading_begins_at_a_whole_unit_before_the_window(
    start: Fraction, rate: Fraction, seek: Fraction, first: int
) -> None:
    """Milliseconds hold it exactly, so the frame clock is that of the whole source."""
    assert windows.entry(start, rate) == (seek, first)
    assert (seek * 1000).denominator == 1


def test_durations_in_a_join_never_drift() -> None:
    """A thousand pieces of 7 frames at 24 add up to their exact time, to the microsecond."""
    lines = ffargs.join_list([(f"s{index}", 7) for index in range(1000)], Fraction(24))["text"]["lines"]
    total = sum(Fraction(line.split()[1]) for line in lines if line.startswith("duration"))
    assert abs(total - Fraction(7000, 24)) < Fraction(1, 1_000_000)


def test_a_track_scale_holds_every_frame_in_whole_ticks() -> None:
    """Constant steps, at every rate."""
    rates = (Fraction(24), Fraction(25), NTSC, Fraction(24000, 1001), Fraction(25, 2))
    assert [(ffargs.ticks(rate) / rate).denominator for rate in rates] == [1] * 5
