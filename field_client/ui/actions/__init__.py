"""All that a screen may ask for. ``field_client/flow/routes`` implements it; a test records it.

Every method returns at once: slow work runs elsewhere and its result comes back as
``Shell.show`` or ``Shell.update``. Values typed by hand travel as ``str``; keys are those that
the view carried. One module here has one in ``flow/routes`` of the same name.

>>> "unlock" in dir(Actions)
True
"""

from __future__ import annotations

from typing import Protocol

from field_client.ui.actions.duty import Duty
from field_client.ui.actions.everywhere import Everywhere
from field_client.ui.actions.forms import Forms
from field_client.ui.actions.interviews import Interviews
from field_client.ui.actions.papers import Papers
from field_client.ui.actions.people import People
from field_client.ui.actions.reading import Reading
from field_client.ui.actions.recording import Recording
from field_client.ui.actions.sending import Sending
from field_client.ui.actions.telling import Telling
from field_client.ui.actions.today import Today
from field_client.ui.actions.visiting import Visiting

__all__ = ["Actions"]


class Actions(
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
    Protocol,
):
    """What the officer or the party did, screen by screen."""
