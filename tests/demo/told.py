"""How the demo speaks: numbered steps with a bar, what happened under each, in two languages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


class Teller:
    """Tells ``total`` steps."""

    def __init__(self, total: int) -> None:
        self.console = Console(highlight=False)
        self._total = total
        self._number = 0
        self._began = time.monotonic()

    @contextmanager
    def step(self, zh: str, en: str) -> Iterator[None]:
        """One step of the story, with a bar over all of them while it lasts."""
        self._number += 1
        began = time.monotonic()
        self.console.print(f"[bold]{self._number:>2}/{self._total} {zh}[/bold]  [dim]{en}[/dim]")
        with Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.completed}/{task.total}"),
            TimeElapsedColumn(),
            console=self.console,
            transient=True,
        ) as progress:
            progress.add_task(f"{zh} {en}", total=self._total, completed=self._number - 1)
            yield
        self.console.print(f"       [dim]{time.monotonic() - began:.1f} s[/dim]")

    def say(self, line: str) -> None:
        """Something that happened in the step."""
        self.console.print(f"       {line}")

    def ok(self, line: str) -> None:
        """Something that was checked and holds."""
        self.console.print(f"       [green]✓[/green] {line}")

    def fail(self, words: str) -> None:
        """What did not happen as told."""
        self.console.print("[red]✗[/red]", end=" ")
        self.console.print(words, markup=False)

    @property
    def seconds(self) -> float:
        """How long the story has taken so far."""
        return time.monotonic() - self._began
