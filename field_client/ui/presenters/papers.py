"""All documents of a case, in the way of a case: what is issued, begun, possible, refused now.

>>> [group for group, _ in WAY][0]
'inspect'
"""

from __future__ import annotations

from dataclasses import dataclass

from field_client.ui.presenters.common import Chip, Fix, Frame, RuleNote, Stage, Translate
from protocol.vocabulary import DocumentKind

# The documents in the order in which a case meets them (handbook §4).
WAY: tuple[tuple[str, tuple[DocumentKind, ...]], ...] = (
    (
        "inspect",
        (
            DocumentKind.INSPECTION_NOTICE,
            DocumentKind.SITE_INSPECTION_RECORD,
            DocumentKind.INTERVIEW_RECORD,
            DocumentKind.RESULT_NOTICE,
        ),
    ),
    (
        "tell",
        (
            DocumentKind.RIGHTS_NOTICE,
            DocumentKind.PRIOR_NOTICE,
            DocumentKind.HEARING_RIGHT_NOTICE,
            DocumentKind.STATEMENT_RECORD,
        ),
    ),
    (
        "measure",
        (
            DocumentKind.CORRECTION_ORDER,
            DocumentKind.PRESERVATION_NOTICE,
            DocumentKind.SEAL_SEIZE_DECISION,
        ),
    ),
    ("penalty", (DocumentKind.SPOT_DECISION, DocumentKind.PENALTY_DECISION)),
    ("serve", (DocumentKind.SERVICE_PROOF,)),
)


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One document, or one that may be begun. ``doors`` come back through ``Actions.paper``; the
    first is what is most likely wanted. ``why`` says what stands against issuing it now."""

    key: str
    title: str
    state: Chip
    detail: str
    doors: tuple[Fix, ...]
    why: tuple[RuleNote, ...] = ()
    stage: Stage | None = None


@dataclass(frozen=True, slots=True)
class PaperGroup:
    """A part of the way of a case."""

    title: str
    rows: tuple[PaperRow, ...]


@dataclass(frozen=True, slots=True)
class GroupHead:
    """What stands over the rows of a group."""

    words: str

    @property
    def key(self) -> str:
        """No document has it."""
        return f"# {self.words}"


@dataclass(frozen=True, slots=True)
class PapersView:
    """``main`` is what should be done next with a paper; ``busy`` says that rules are asked."""

    frame: Frame
    groups: tuple[PaperGroup, ...]
    main: Fix | None = None
    busy: str = ""

    @property
    def rows(self) -> tuple[GroupHead | PaperRow, ...]:
        """All of them, one under the other."""
        rows: list[GroupHead | PaperRow] = []
        for one in self.groups:
            rows += [GroupHead(one.title), *one.rows]
        return tuple(rows)


def group_title(_: Translate, key: str) -> str:
    """The part of the way in words."""
    return {
        "inspect": _("Inspecting"),
        "tell": _("Telling"),
        "measure": _("Measures"),
        "penalty": _("Penalty"),
        "serve": _("Service"),
    }[key]


def state_chip(_: Translate, state: str) -> Chip:
    """What has become of a document, as shape and word."""
    return {
        "served": Chip("circle-check", _("Served"), "success"),
        "unserved": Chip("send", _("Not served yet"), "warning"),
        "issued": Chip("file-check", _("Issued"), "success"),
        "told": Chip("circle-check", _("Told on screen"), "success"),
        "draft": Chip("pencil", _("Draft"), "accent"),
        "free": Chip("file-text", _("Can be begun"), "plain"),
        "asking": Chip("scale", _("Can be drafted"), "plain"),
        "refused": Chip("hand-stop", _("Draft only, not to be issued yet"), "danger"),
        "absent": Chip("ban", _("No form yet"), "unknown"),
        "closed": Chip("ban", _("None in this case"), "unknown"),
    }[state]
