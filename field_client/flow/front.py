"""The screen that the tablet starts with, from what lies open beside the vault.

``Unlocking`` and ``Enrolling`` show the same once the program is loaded; this needs no more of
it than the screen itself.
"""

from __future__ import annotations

from typing import Any

from field_client.flow import lockscreen
from field_client.flow.lockscreen import Faces
from field_client.settings import Settings
from field_client.ui.presenters.common import Translate
from field_client.ui.presenters.enrol import EnrolView
from field_client.ui.presenters.unlock import OfficerTile, PinState, unlock_view


def first_screen(_: Translate, settings: Settings, now: int) -> tuple[str, Any]:
    """Name and view: the locked tablet, or enrolment on a new one."""
    faces = lockscreen.read(settings)
    if not faces.officers:
        return "enrol", EnrolView(server=settings.server_url)
    officers = tiles(faces)
    view = unlock_view(
        _,
        now=now,
        device=faces.device,
        agency=faces.agency,
        roster_age=roster_age(faces, now),
        officers=officers,
        chosen=officers[0].officer_id,
        pin=PinState(),
        pending=None,
        oldest_at=None,
        ask_passphrase=True,
    )
    return "unlock", view


def tiles(faces: Faces) -> tuple[OfficerTile, ...]:
    """Who has keys on this tablet."""
    return tuple(
        OfficerTile(face.cert_no, face.name, face.cert_no, face.photo or None)
        for face in faces.officers
    )


def roster_age(faces: Faces, now: int) -> int | None:
    """How old the faces are, in ms."""
    return now - faces.issued_at if faces.issued_at else None
