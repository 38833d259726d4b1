"""Every touch to the flow it belongs to. Implements ``ui/actions``, module by module.

    shell = Shell(careful(Routes(desk, typesetter)))

``careful``: what goes wrong while a screen is being made is told on a sheet, and the screen
that was shown stays.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from field_client.flow.routes.duty import Duty
from field_client.flow.routes.everywhere import Everywhere
from field_client.flow.routes.forms import Forms
from field_client.flow.routes.interviews import Interviews
from field_client.flow.routes.papers import Papers
from field_client.flow.routes.people import People
from field_client.flow.routes.reading import Reading
from field_client.flow.routes.recording import Recording
from field_client.flow.routes.sending import Sending
from field_client.flow.routes.telling import Telling
from field_client.flow.routes.today import Today
from field_client.flow.routes.visiting import Visiting
from field_client.ui.actions import Actions

__all__ = ["Routes", "careful"]


class Routes(
    Everywhere,
    People,
    Duty,
    Today,
    Visiting,
    Telling,
    Recording,
    Papers,
    Forms,
    Reading,
    Interviews,
    Sending,
):
    """What the screens may ask for, passed on to the flow it belongs to."""


class _Careful:
    """Routes whose every method is guarded."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes

    def __getattr__(self, name: str) -> Callable[..., None]:
        asked = getattr(self._routes, name)

        def told(*values: Any) -> None:
            self._routes.desk.guarded(lambda: asked(*values))

        return told


def careful(routes: Routes) -> Actions:
    """The routes as screens get them."""
    return cast(Actions, _Careful(routes))
