"""When lines are spoken, and what hangs on that: `auto` lengths, cuts at marks, times of lines, effects and music.

Pure: how long lines are, and when their words are said, is told (`World.spoken`); where it isn't yet, it is guessed,
and the lines are named that a first act of the build has to hear. What comes out has plain times alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TypeVar

from vidbuild.media import spoken
from vidbuild.media.spoken import Spoken
from vidbuild.plan import asks, said, timeline, wants
from vidbuild.plan.fitting import fits
from vidbuild.plan.routing import Router
from vidbuild.plan.world import LOCAL_SPEECH, SPEECH, WORDS, World
from vidbuild.spec.model import Layer, Line, Motion, Music, Project, Shot, Text, When
from vidbuild.words.action import Action, bind
from vidbuild.words.digest import Digest
from vidbuild.words.errors import Mark, Problem
from vidbuild.words.rationaltime import clock_text, frames_in

Lying = TypeVar("Lying", Text, Layer)
ALIGNER = "local/align@1"


@dataclass(frozen=True)
class Settled:
    """A project in which every time is a number.

    Args:
        tempos: how much faster than spoken a line is heard, by its id; left out where it is heard as it is.
        lengths: of shots whose length is guessed: at the least (which is what they have here), likely, at the most.
        hung_on: the keys of what makes the lines that times hang on.
        unheard: those of them that a first act has to make.
        spoken: how long each line is heard, by its id: at the least, likely, at the most.
        known: how long, by its id, a line is heard at the most, where no build encodes anything before that is known.
    """

    project: Project
    tempos: Mapping[str, Fraction] = field(default_factory=dict)
    lengths: Mapping[str, tuple[Fraction, Fraction, Fraction]] = field(default_factory=dict)
    hung_on: frozenset[Digest] = frozenset()
    unheard: frozenset[Digest] = frozenset()
    known: Mapping[str, Fraction] = field(default_factory=dict)
    spoken: Mapping[str, said.Range] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


def action_of(line: Line, tool: str, world: World, draft: bool) -> Action:
    """Give what makes a line's words: its speech, or of an own recording its alignment with the text."""
    if line.file is not None:
        return Action("Align", {"text": line.text}, {"sound": world.own[line.file].digest}, WORDS, ALIGNER)
    is_local = tool.startswith("local/")
    made = LOCAL_SPEECH if is_local else SPEECH
    return Action("Speech", asks.speech(line, draft), {}, made, tool, "cpu" if is_local else "vendors")


def settled(project: Project, world: World, draft: bool) -> Settled:
    """Settle all times of a project."""
    if not project.lines and not has_times(project):
        return Settled(project)
    known = keys(project, world, draft)
    heard, guesses = _lengths(project, world, known)
    low, likely, high = (
        _Clock(project, world, {**heard, **{id: guess[which] for id, guess in guesses.items()}}) for which in range(3)
    )
    found = likely.project()
    if likely.problems:
        return Settled(project, problems=tuple(likely.problems))
    needed = _needed(project) | {
        line.id
        for line in project.lines
        if not draft and line.file is None and line.id in guesses and likely.over(line, guesses[line.id][2].seconds) > 0
    }
    hung_on = frozenset(known[id] for id in needed if id in known)
    unheard = frozenset(known[id] for id in needed if id in guesses and id in known)
    lengths = {}
    if unheard:
        found = low.project()
        guesses_of = zip(found.shots, likely.project().shots, high.project().shots, strict=True)
        for shots in guesses_of:
            least, usual, most = (shot.duration_s or Fraction(0) for shot in shots)
            if least != most:
                lengths[shots[0].id] = (least, usual, most)
    recorded = {line.id: guesses[line.id][1] for line in project.lines if line.file is not None and line.id in guesses}
    lengths_known = {id: one.seconds for id, one in {**heard, **recorded}.items()}
    fit = fits(project.lines, lengths_known, guesses, likely.over, low.over, draft)
    if unheard:
        fit.notes.append(f"lengths and prices are guessed: {_counted(len(unheard))} first, and then are known")
    known_s = {id: max(said.seconds, *(word.end for word in said.words)) for id, said in heard.items() if said.words}
    known_s = {id: seconds for id, seconds in known_s.items() if id in needed}
    known_s |= {line.id: world.own[line.file].probe.seconds for line in project.lines if line.file is not None}
    each = {id: (one.seconds,) * 3 for id, one in heard.items()}
    each |= {id: (guess[0].seconds, guess[1].seconds, guess[2].seconds) for id, guess in guesses.items()}
    spoken_s = {id: _paced(length, fit.tempos.get(id, Fraction(1))) for id, length in each.items()}
    told = (tuple(fit.notes), tuple(fit.problems), tuple(fit.warnings))
    return Settled(found, fit.tempos, lengths, hung_on, unheard, known_s, spoken_s, *told)


def _paced(length: said.Range, tempo: Fraction) -> said.Range:
    least, likely, most = (seconds / tempo for seconds in length)
    return least, likely, most


def cut_short(project: Project, world: World, draft: bool) -> tuple[frozenset[str], frozenset[Digest]]:
    """Name the lines over the film that it is over before; and the keys of those of which that isn't known yet."""
    film = [line for line in project.lines if line.shot is None]
    if not film:
        return frozenset(), frozenset()
    known = keys(project, world, draft)
    heard, guesses = _lengths(project, world, known)
    clock = _Clock(project, world, {**heard, **{id: guess[1 if draft else 2] for id, guess in guesses.items()}})
    over = [line.id for line in film if clock.over(line, clock.spoken[line.id].seconds) > 0]
    awaited = [] if draft else [id for id in over if id in guesses and id in known]
    return frozenset(over) - frozenset(awaited), frozenset(known[id] for id in awaited)


def _lengths(
    project: Project, world: World, known: Mapping[str, Digest]
) -> tuple[dict[str, Spoken], dict[str, tuple[Spoken, Spoken, Spoken]]]:
    """Give the lines that were spoken, and guesses of the others: the least, the likely, the most."""
    heard = {id: world.spoken[key] for id, key in known.items() if key in world.spoken}
    for line in project.lines:
        if line.file is not None and line.id in heard:
            heard[line.id] = replace(heard[line.id], seconds=world.own[line.file].probe.seconds)
    guesses = {line.id: spoken.estimated(line.text) for line in project.lines if line.id not in heard}
    for line in project.lines:
        if line.file is not None and line.id in guesses:
            length = Spoken(world.own[line.file].probe.seconds)
            guesses[line.id] = (length, length, length)
    return heard, guesses


def _counted(lines: int) -> str:
    return "1 line is spoken" if lines == 1 else f"{lines} lines are spoken"


def has_times(project: Project) -> bool:
    """Say whether a time or a length hangs on something else."""
    return any(shot.pad_s is not None or shot.at is not None for shot in project.shots) or any(
        isinstance(at, When) for at in _told_times(project)
    )


def _told_times(project: Project) -> list[Fraction | When | None]:
    """List the times of music, effects, motions, texts and layers."""
    of_cues = [at for cue in _cues(project) for at in (cue.at, cue.end)]
    of_moves = [at for shot in project.shots if shot.motion for at in (shot.motion.start, shot.motion.end)]
    lying: tuple[Text | Layer, ...] = (*project.texts, *project.layers)
    return of_cues + of_moves + [at for each in lying for at in (each.start, each.end)]


def _cues(project: Project) -> tuple[Music, ...]:
    return (*project.music, *project.effects)


def keys(project: Project, world: World, draft: bool) -> Mapping[str, Digest]:
    """Give the key of what makes each line's words; a line that nobody can speak has none."""
    router = Router(world.catalog, world.lock, world.missing, project.replaced, draft)
    found = {}
    for line in project.lines:
        tool = ""
        if line.file is None:
            router.route(line.id, wants.speech(line), line.marks)
            if line.id not in router.routed.models:
                continue
            tool = router.routed.models[line.id][0].tool
        found[line.id] = bind(action_of(line, tool, world, draft), {}).key
    return found


def _needed(project: Project) -> set[str]:
    """Name the lines on whose marks something hangs, or on whose length; a recording's length is its file's."""
    times = [shot.at for shot in project.shots] + _told_times(project)
    times += [at for line in project.lines for at in (line.at, line.end)]
    hung = [at for at in times if isinstance(at, When) and at.line is not None]
    long = {line.id for line in project.lines if line.fit == "stretch"} | {at.line for at in hung}
    for shot in project.shots:
        if shot.pad_s is not None:
            long.update(line.id for line in _lines_to_its_end(project, shot))
    recorded = {line.id for line in project.lines if line.file is not None}
    presented = said.needed(project)
    return {str(at.line) for at in hung if at.mark is not None} | {str(id) for id in (long | presented) - recorded}


def _lines_to_its_end(project: Project, shot: Shot) -> list[Line]:
    """Give the lines that an `auto` shot is as long as: its own, else those that end with it."""
    own = [line for line in project.lines if line.shot == line.until == shot.id]
    last = project.shots[-1].id
    return own or [line for line in project.lines if (line.until or last) == shot.id]


class _Circle(Exception):
    """Two times hang on each other."""


class _Clock:
    """Says when everything happens, for lines of given lengths."""

    def __init__(self, project: Project, world: World, lines: Mapping[str, Spoken]):
        self.problems: list[Problem] = []
        self.spoken = lines
        self._project = project
        self._world = world
        self._rate = project.fps
        self._places = {shot.id: place for place, shot in enumerate(project.shots)}
        self._lines = {line.id: line for line in project.lines}
        self._starts: list[int] = [0]
        self._frames: list[int] = []
        self._placed: dict[str, Fraction] = {}
        self._busy: set[str | int] = set()

    def project(self) -> Project:
        """Give the project with plain times."""
        shots = [self._shot(place, shot) for place, shot in enumerate(self._project.shots)]
        return replace(
            self._project,
            shots=tuple(shots),
            lines=tuple(self._line(line) for line in self._project.lines),
            texts=tuple(self._lying(text) for text in self._project.texts),
            layers=tuple(self._lying(layer) for layer in self._project.layers),
            effects=tuple(self._cue(cue) for cue in self._project.effects),
            music=tuple(self._cue(cue) for cue in self._project.music),
        )

    def over(self, line: Line, seconds: Fraction) -> Fraction:
        """Say by how much a line goes on behind the end of what holds it; less than a frame is nothing.

        One that begins behind the film is never heard.
        """
        at = self._line_at(line)
        if at >= self._end(None):
            return Fraction(0)
        over = at + seconds - min(self._end(line.until), self._line_end(line))
        return over if over >= 1 / self._rate else Fraction(0)

    def _line(self, line: Line) -> Line:
        end = None if line.end is None else self._relative(line.shot, self._line_end(line))
        return replace(line, at=self._relative(line.shot, self._line_at(line)), end=end)

    def _line_end(self, line: Line) -> Fraction:
        """Say when a line has to be over by what is said of itself."""
        end = line.end
        if end is None:
            return self._end(None)
        return self._told(lambda: self._at(end, line.shot, line.until), line.marks)

    def _lying(self, each: Lying) -> Lying:
        last = each.until or each.shot
        end = None if each.end is None else self._shown(each.end, each.shot, last, each.marks)
        return replace(each, start=self._shown(each.start, each.shot, last, each.marks), end=end)

    def _shown(self, at: Fraction | When, shot: str | None, until: str | None, marks: Mapping[str, Mark]) -> Fraction:
        """Say when something seen comes or goes; what counts from an end is snapped to frames by itself."""
        if not isinstance(at, When):
            return at
        if at.is_end:
            at = replace(at, offset=-timeline.snapped(-at.offset, self._rate))
        return self._relative(shot, self._found(lambda: self._at(at, shot, until), marks))

    def _motion(self, shot: Shot) -> Motion | None:
        motion = shot.motion
        if motion is None:
            return None
        marks = {"": mark} if (mark := shot.marks.get("motion")) is not None else shot.marks
        end = None if motion.end is None else self._shown(motion.end, shot.id, shot.id, marks)
        return replace(motion, start=self._shown(motion.start, shot.id, shot.id, marks), end=end)

    def _cue(self, cue: Music) -> Music:
        end = None if cue.end is None else self._cue_time(cue, cue.end)
        return replace(cue, at=self._cue_time(cue, cue.at), end=end)

    def _cue_time(self, cue: Music, at: Fraction | When) -> Fraction:
        if not isinstance(at, When):
            return at
        return self._relative(cue.shot, self._told(lambda: self._at(at, cue.shot, cue.until), cue.marks))

    def _shot(self, place: int, shot: Shot) -> Shot:
        following = self._project.shots[place + 1].at if place + 1 < len(self._project.shots) else None
        self._told(lambda: Fraction(self._start(place + 1)) / self._rate, shot.marks)
        shot = replace(shot, motion=self._motion(shot)) if shot.motion is not None else shot
        if (shot.pad_s is None and following is None) or place >= len(self._frames):
            return replace(shot, at=None)
        return replace(shot, duration_s=Fraction(self._frames[place]) / self._rate, pad_s=None, at=None)

    def _line_at(self, line: Line) -> Fraction:
        return self._told(lambda: self._place(line.id), line.marks)

    def _relative(self, shot: str | None, at: Fraction) -> Fraction:
        return at - (self._start(self._places[shot]) / self._rate if shot is not None else 0)

    def _told(self, find: Callable[[], Fraction], marks: Mapping[str, Mark]) -> Fraction:
        """Find a time; tell one that hangs on itself, or lies before the film."""
        at = self._found(find, marks)
        if at < 0:
            self._tell(_place_of(marks), f"this is {clock_text(-at)} before the film begins", "make it later")
            return Fraction(0)
        return at

    def _found(self, find: Callable[[], Fraction], marks: Mapping[str, Mark]) -> Fraction:
        try:
            return find()
        except _Circle:
            hint = "let one of the times in the circle be a number"
            self._tell(_place_of(marks), "this time hangs on itself", hint)
            return Fraction(0)

    def _tell(self, mark: Mark | None, sentence: str, hint: str, facts: tuple[str, ...] = ()) -> None:
        problem = Problem(mark, sentence, facts, hint)
        if problem not in self.problems:
            self.problems.append(problem)

    def _at(self, at: Fraction | When, shot: str | None, until: str | None) -> Fraction:
        """Say when a time is, in seconds of the film, for what begins with one shot and ends with another."""
        if not isinstance(at, When):
            return (self._start(self._places[shot]) / self._rate if shot is not None else Fraction(0)) + at
        if at.is_end:
            return self._end(until) + at.offset
        if at.shot is not None:
            return self._start(self._places[at.shot]) / self._rate + at.offset
        assert at.line is not None
        line, said = self._lines[at.line], self.spoken[at.line]
        within = spoken.moment(line.text, line.moments[at.mark], said) if at.mark else said.seconds
        return self._place(at.line) + within + at.offset

    def _end(self, until: str | None) -> Fraction:
        last = self._places[until] if until is not None else len(self._project.shots) - 1
        self._start(last + 1)
        return (self._starts[last] + self._frames[last]) / Fraction(self._rate)

    def _place(self, id: str) -> Fraction:
        """Say when a line begins."""
        if id not in self._placed:
            line = self._lines[id]
            with _busy(self._busy, id):
                self._placed[id] = self._at(line.at, line.shot, line.until)
        return self._placed[id]

    def _start(self, place: int) -> Fraction:
        """Give the frame at which a shot begins; that behind the last is the film's end."""
        while len(self._starts) <= place:
            at = len(self._frames)
            with _busy(self._busy, at):
                frames = self._length(at)
            self._frames.append(frames)
            self._starts.append(self._starts[at] + frames - self._lead(at + 1))
        return Fraction(self._starts[place])

    def _lead(self, place: int) -> int:
        transition = self._project.shots[place].transition if place < len(self._project.shots) else None
        return frames_in(transition.seconds, self._rate) if transition is not None else 0

    def _length(self, place: int) -> int:
        """Count the frames of a shot."""
        shot, start = self._project.shots[place], self._starts[place] / Fraction(self._rate)
        following = self._project.shots[place + 1] if place + 1 < len(self._project.shots) else None
        if following is not None and following.at is not None:
            cut = self._at(following.at, None, None)
            if cut <= start:
                facts = (f"`{shot.id}` begins at {clock_text(start)}",)
                mark = following.marks.get("at") or following.marks.get("")
                sentence = (
                    f"`{following.id}` would begin at {clock_text(max(cut, Fraction(0)))}, before `{shot.id}` does"
                )
                self._tell(mark, sentence, "put the mark further behind", facts)
            return max(1, frames_in(cut - start, self._rate) + self._lead(place + 1))
        if shot.pad_s is None:
            return max(1, frames_in(timeline.length(shot, self._rate, self._world.own)[0], self._rate))
        lines = _lines_to_its_end(self._project, shot)
        if not lines:
            mark = shot.marks.get("duration_s") or shot.marks.get("")
            self._tell(mark, f"nothing is said in `{shot.id}` that it could be as long as", "give it `say`, or seconds")
            return 1
        ends = [self._place(line.id) + self.spoken[line.id].seconds for line in lines]
        frames = (max(ends) + shot.pad_s - start) * self._rate
        return max(1, -int(-frames // 1))


def _place_of(marks: Mapping[str, Mark]) -> Mark | None:
    return marks.get("at") or marks.get("duration_s") or marks.get("")


class _busy:
    """Keeps a time from being asked for while it is found."""

    def __init__(self, busy: set[str | int], name: str | int):
        self._busy, self._name = busy, name

    def __enter__(self) -> None:
        if self._name in self._busy:
            raise _Circle
        self._busy.add(self._name)

    def __exit__(self, *told: object) -> None:
        self._busy.discard(self._name)
