"""The child process that speaks one line with espeak-ng: a fresh one for each, since only then its bytes repeat.

Run as `python -I voice_child.py LIBRARY DATA VOICE RATE`, the text on standard input; it writes `sound.wav` and
`events.json` into its folder. Standard library only, nothing of vidbuild. The library is GPL-3 and stays in here.
"""

from __future__ import annotations

import ctypes
import json
import sys
import wave

_SYNCHRONOUS, _NO_EXIT = 2, 0x8000
_RATE, _UTF8, _END_PAUSE, _CHARACTERS = 1, 0x1, 0x1000, 1
_ENDED, _WORD, _END = 0, 1, 5
UNKNOWN_VOICE = 3


class Event(ctypes.Structure):
    """What the library tells of a place in the sound."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


def main(library: str, data: str, voice: str, rate: str) -> int:
    """Speak what stands on standard input; words are told by the character they begin at and their milliseconds."""
    text = sys.stdin.buffer.read()
    speaker = ctypes.CDLL(library)
    samples = speaker.espeak_Initialize(_SYNCHRONOUS, 0, data.encode(), _NO_EXIT)
    if samples <= 0:
        print("espeak-ng found no voices", file=sys.stderr)
        return 1
    if speaker.espeak_SetVoiceByName(voice.encode()) != 0:
        print(f"espeak-ng has no voice {voice}", file=sys.stderr)
        return UNKNOWN_VOICE
    speaker.espeak_SetParameter(_RATE, int(rate), 0)
    # The library seeds by the clock, and voices with breath (`en+f3`) draw their noise from that.
    speaker.espeak_ng_SetRandSeed(ctypes.c_long(1))
    sound = bytearray()
    told: list[list[int]] = []
    ends: list[int] = []

    def heard(block: int | None, count: int, events: ctypes._Pointer[Event]) -> int:
        if block and count > 0:
            sound.extend(ctypes.string_at(block, count * 2))
        index = 0
        while events[index].type != _ENDED:
            event = events[index]
            if event.type == _WORD:
                told.append([event.text_position - 1, event.length, event.audio_position])
            elif event.type == _END:
                ends.append(event.audio_position)
            index += 1
        return 0

    called = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(Event))(heard)
    speaker.espeak_SetSynthCallback(called)
    if speaker.espeak_Synth(text, len(text) + 1, 0, _CHARACTERS, 0, _UTF8, None, None) != 0:
        print("espeak-ng could not speak", file=sys.stderr)
        return 1
    speaker.espeak_Synchronize()
    if not sound:
        sound.extend(bytes(samples // 50 * 2))
    with wave.open("sound.wav", "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(samples)
        target.writeframes(bytes(sound))
    with open("events.json", "w") as stream:
        json.dump({"words": told, "ends": ends, "rate": samples, "samples": len(sound) // 2}, stream)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
