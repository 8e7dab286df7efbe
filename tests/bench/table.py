"""Figures with their goals, as Markdown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A figure: what was measured, its value, and the goal, where there is one."""

    what: str
    value: str
    goal: str = ""
    holds: bool | None = None

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """The row's four cells."""
        return self.what, self.value, self.goal, {None: "", True: "yes", False: "NO"}[self.holds]


def at_most(what: str, value: float, goal: float, unit: str = "s of CPU", places: int = 3) -> Row:
    """Give a figure that must not pass its goal."""
    return Row(what, f"{value:.{places}f} {unit}".strip(), f"at most {goal:g}", value <= goal)


def markdown(title: str, rows: list[Row]) -> str:
    """Write rows as a table."""
    lines = [f"### {title}", "", "| what | measured | goal | holds |", "|---|---|---|---|"]
    return "\n".join([*lines, *(f"| {' | '.join(row.cells)} |" for row in rows), ""])
