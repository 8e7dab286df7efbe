"""Locks for tests: a small one by hand, and any at all."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from vidbuild.words.action import Blob
from vidbuild.words.digest import Digest, digest_of
from vidbuild.words.locked import ANEW, Asked, Bought, Lock, Pin, attempt_id


def key(name: str) -> Digest:
    """Give a digest by a name."""
    return digest_of(name)


def video(name: str) -> dict[str, Blob]:
    """Give the outputs of a take."""
    return {"video": Blob(key(f"bytes of {name}"), 5210331, "video/mp4")}


def bought(name: str, usd: str | None = "0.84", model: str = "kling-3") -> Bought:
    """Give an attempt by a name."""
    price = None if usd is None else Fraction(usd)
    return Bought(attempt_id(key(name)), key(name), model, 884412, f"kling/{name}", price, "2026-11-20", video(name))


def asked(name: str, *attempts: Bought, circled: bool = True) -> Asked:
    """Give an ask by a name, its first attempt circled."""
    first = attempts[0].id if attempts and circled else None
    return Asked(key(f"ask {name}"), key(f"unsized {name}"), Fraction(10), first, attempts)


def pin(name: str) -> Pin:
    """Give a pinned picture by a name."""
    return Pin(key(f"question {name}"), {"picture": Blob(key(f"picture {name}"), 812331, "image/png")})


POUR = bought("pour")
SMALL = Lock(
    {"footage | auto | needs close-up, hands | 16:9 | init": "kling-3"},
    {"cinematic": "cinematic@1"},
    {"assets/cup.png": key("cup")},
    {"shot pour": (asked("pour", POUR), pin("pour"))},
)

_said = st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff")
words = st.text(_said | st.sampled_from(list(" \t\n\r:#{}[],&*!|>%@`\"'\\-?~\x85\u2028\ufeff")), max_size=20)
named = words.filter(bool) | st.sampled_from(
    ["kling-3", "null", "12", "1e3", "~", "on", "k12", "=======", "- x", "x" * 1200]
)
digests = st.binary(max_size=4).map(lambda data: key(data.hex())) | st.sampled_from(
    [Digest("1" * 64), Digest("1" * 30 + "e" + "2" * 33), Digest("0" * 64)]
)
exact = st.fractions(0, 10**6, max_denominator=10**6) | st.sampled_from([Fraction(1, 2**20), Fraction(84, 100)])
blobs = st.builds(Blob, digests, st.integers(0, 2**60), named)
names = st.sampled_from(["video", "picture", "sound", "words", "an output"])
outputs = st.dictionaries(names, blobs, max_size=3)
days = st.dates().map(str) | st.just("")


@st.composite
def attempts(draw: st.DrawFn) -> Bought:
    """Give any attempt; equal keys have equal attempts only by chance, so `locks` sees to that."""
    its = draw(digests)
    price, seed = draw(st.none() | exact), draw(st.none() | st.integers(-5, 2**40))
    return Bought(attempt_id(its), its, draw(named), seed, draw(words), price, draw(days), draw(outputs))


@st.composite
def asks(draw: st.DrawFn) -> Asked:
    """Give any ask."""
    made = tuple({one.id: one for one in draw(st.lists(attempts(), max_size=3))}.values())
    circled = draw(st.sampled_from([None, ANEW, *(one.id for one in made)]))
    return Asked(draw(digests), draw(digests), draw(st.none() | exact), circled, made, draw(st.integers(0, 20)))


@st.composite
def locks(draw: st.DrawFn) -> Lock:
    """Give any lock that holds: what is told twice is told alike."""
    groups = draw(st.dictionaries(named, st.lists(asks() | st.builds(Pin, digests, outputs), max_size=4), max_size=4))
    seen: dict[str, Asked | Pin] = {}
    known: dict[str, Digest] = {}
    made: dict[str, tuple[Asked | Pin, ...]] = {}
    for label, entries in groups.items():
        kept: list[Asked | Pin] = []
        for entry in entries:
            name = f"ask {entry.ask}" if isinstance(entry, Asked) else f"pin {entry.question}"
            if isinstance(entry, Asked) and name not in seen:
                fresh = [one for one in entry.attempts if known.setdefault(one.id, entry.ask) == entry.ask]
                if len(fresh) < len(entry.attempts):
                    continue
            kept.append(seen.setdefault(name, entry))
        if kept:
            made[label] = tuple(kept)
    files = st.dictionaries(named, digests, max_size=3)
    texts = st.dictionaries(named, named, max_size=3)
    return Lock(draw(texts), draw(texts), draw(files), made)
