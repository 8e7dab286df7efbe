"""What kind of file bytes are, told by the first of them, and the plain sentence for those that are none.

It looks at no name and trusts no header of a transfer. Signatures: the format specifications that `containers` and
`isobmff` name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from mmap import mmap

Bytes = bytes | mmap

HEAD = 4096
"""How many first bytes tell a kind."""


class Broken(Exception):
    """Bytes that are not what they should be.

    Args:
        sentence: what is wrong, without a period.
        again: whether fetching them again may help.
        log: what a decoder said of them.
    """

    def __init__(self, sentence: str, again: bool = True, log: str = ""):
        super().__init__(sentence)
        self.sentence = sentence
        self.again = again
        self.log = log


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file.

    Args:
        family: `video`, `picture` or `sound`.
        demuxer: the one of ffmpeg's that may read it.
    """

    family: str
    media_type: str
    demuxer: str


@dataclass(frozen=True, slots=True)
class Structure:
    """What a file says of itself.

    Args:
        pictures: how many samples its first picture track holds; 0 without one, `None` where it doesn't say.
        width, height: as its header has them; 0 where it doesn't say.
        seconds: its length as its header has it; `None` where it doesn't say.
    """

    pictures: int | None = None
    width: int = 0
    height: int = 0
    seconds: Fraction | None = None
    has_sound: bool = False


MP4 = Kind("video", "video/mp4", "mov")
QUICKTIME = Kind("video", "video/quicktime", "mov")
WEBM = Kind("video", "video/webm", "matroska")
PNG = Kind("picture", "image/png", "png_pipe")
JPEG = Kind("picture", "image/jpeg", "jpeg_pipe")
WEBP = Kind("picture", "image/webp", "webp_pipe")
MP3 = Kind("sound", "audio/mpeg", "mp3")
WAV = Kind("sound", "audio/wav", "wav")
FLAC = Kind("sound", "audio/flac", "flac")
OGG = Kind("sound", "audio/ogg", "ogg")

_ARTICLES = {"video": "a video", "picture": "a picture", "sound": "sound"}
_STILL_BRANDS = frozenset({b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1"})
_QUICKTIME_STARTS = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_UNREAD: Mapping[bytes, str] = {b"GIF8": "a GIF", b"%PDF": "a PDF", b"PK\3\4": "a ZIP archive", b"\x1f\x8b": "gzip"}
_TEXTS: tuple[tuple[tuple[bytes, ...], str, bool], ...] = (
    ((b"#extm3u",), "a playlist of addresses (HLS)", False),
    ((b"ffconcat",), "a list of files (ffconcat)", False),
    ((b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<!--"), "a web page", True),
    ((b"<svg",), "a drawing in SVG", False),
    ((b"<",), "an answer in XML", True),
    ((b"{", b"["), "an answer in JSON", True),
)


def kind_of(head: bytes, family: str) -> Kind:
    """Tell a file's kind by its first bytes.

    Args:
        head: its first `HEAD` bytes, or all of them.
        family: what is expected, for the sentence that says what came instead.
    """
    if not head:
        raise Broken(f"nothing came instead of {_ARTICLES[family]}: the file is empty")
    kind = next((kind for kind, is_it in _KNOWN if is_it(head)), None)
    if kind is None:
        title, again = _foreign(head)
        raise Broken(f"{title} came instead of {_ARTICLES[family]}", again)
    if kind.family != family and (kind.family, family) != ("video", "sound"):
        raise Broken(f"{_ARTICLES[kind.family]} came instead of {_ARTICLES[family]}", again=False)
    return kind


def mp3_frame(data: Bytes, at: int) -> tuple[int, int, int] | None:
    """Read an MPEG audio header (ISO/IEC 11172-3, 13818-3): bytes, samples, and samples a second of its frame."""
    raw = data[at : at + 4]
    if len(raw) < 4 or raw[0] != 0xFF or raw[1] & 0xE0 != 0xE0:
        return None
    version, layer = raw[1] >> 3 & 3, 4 - (raw[1] >> 1 & 3)
    rate, place = raw[2] >> 4, raw[2] >> 2 & 3
    if version == 1 or layer == 4 or rate in (0, 15) or place == 3:
        return None
    kbps, hertz, padded = _KBPS[version == 3, layer][rate - 1], _HERTZ[version][place], raw[2] >> 1 & 1
    if layer == 1:
        return (12_000 * kbps // hertz + padded) * 4, 384, hertz
    samples = 576 if layer == 3 and version != 3 else 1152
    return samples // 8 * 1000 * kbps // hertz + padded, samples, hertz


_LOW_KBPS = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_KBPS: Mapping[tuple[bool, int], tuple[int, ...]] = {
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (False, 3): _LOW_KBPS,
    (False, 2): _LOW_KBPS,
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
}
_HERTZ: Mapping[int, tuple[int, int, int]] = {
    3: (44100, 48000, 32000),
    2: (22050, 24000, 16000),
    0: (11025, 12000, 8000),
}

_KNOWN: tuple[tuple[Kind, Callable[[bytes], bool]], ...] = (
    (QUICKTIME, lambda head: head[4:12] == b"ftypqt  " or head[4:8] in _QUICKTIME_STARTS),
    (MP4, lambda head: head[4:8] == b"ftyp" and head[8:12] not in _STILL_BRANDS),
    (WEBM, lambda head: head[:4] == b"\x1a\x45\xdf\xa3"),
    (PNG, lambda head: head[:8] == b"\x89PNG\r\n\x1a\n"),
    (JPEG, lambda head: head[:3] == b"\xff\xd8\xff"),
    (WEBP, lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP"),
    (WAV, lambda head: head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE"),
    (FLAC, lambda head: head[:4] == b"fLaC"),
    (OGG, lambda head: head[:4] == b"OggS"),
    (MP3, lambda head: head[:3] == b"ID3" or mp3_frame(head, 0) is not None),
)


def _foreign(head: bytes) -> tuple[str, bool]:
    """Say in words what came that is no media, and whether it may come right another time."""
    if head[4:8] == b"ftyp":
        return "a picture in HEIF or AVIF, which vidbuild doesn't read,", False
    for start, title in _UNREAD.items():
        if head.startswith(start):
            return title, False
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for starts, title, again in _TEXTS:
        if text.startswith(starts):
            return title, again
    is_text = not any(byte < 32 and byte not in b"\t\r\n\f" for byte in head)
    return ("text" if is_text else "bytes of no known kind"), True
