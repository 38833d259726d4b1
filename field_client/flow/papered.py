"""The notices and decisions of a case that a measure on property may be taken under."""

from __future__ import annotations

from field_client.flow.desk import Desk
from field_client.measures import text_of
from field_client.ui.presenters.common import Choice
from protocol.redaction import Content
from protocol.rules.measures import said_by
from protocol.vocabulary import DocumentKind, Measure

_KINDS = {
    Measure.PRESERVATION: DocumentKind.PRESERVATION_NOTICE,
    Measure.SEAL: DocumentKind.SEAL_SEIZE_DECISION,
    Measure.SEIZE: DocumentKind.SEAL_SEIZE_DECISION,
}


class Papers:
    """Those of one sort of measure."""

    def __init__(self, desk: Desk, measure: Measure) -> None:
        self._desk = desk
        self._measure = measure
        self._texts: dict[str, Content | None] = {}
        self.kind = _KINDS.get(measure)

    def choices(self) -> tuple[Choice, ...]:
        """Each with its number; of a decision, whether it says sealing or seizure."""
        if self.kind is None:
            return ()
        desk, label = self._desk, self.kind.label(self._desk.language)
        found = []
        for one in desk.case.state.documents:
            if one.issued.statement.document is not self.kind:
                continue
            said = self._said(one.issued.id)
            mark = desk.words(f"（{said.zh}）", f" ({said.en})") if said else ""
            found.append(Choice(one.issued.id, f"{label} {one.issued.statement.number}{mark}"))
        return tuple(found)

    @property
    def right(self) -> tuple[str, ...]:
        """The records of those that say what is being taken."""
        papers = [one.key for one in self.choices()]
        return tuple(one for one in papers if self._said(one) in (None, self._measure))

    @property
    def unused(self) -> bool:
        """Whether a decision was made that no measure names yet: it was made for this one, or is
        the wrong one for it."""
        named = {one.statement.issued for one in self._desk.case.state.measures}
        decides = self.kind is DocumentKind.SEAL_SEIZE_DECISION
        return decides and any(one.key not in named for one in self.choices())

    def proposed(self) -> str:
        """The last that says what is being taken, else the last; empty without any."""
        return (self.right or tuple(one.key for one in self.choices()) or ("",))[-1]

    def text(self, record: str) -> Content | None:
        """The text of one of them, while this tablet has it. It never changes: it is read once."""
        if record not in self._texts:
            self._texts[record] = text_of(self._desk.case, record)
        return self._texts[record]

    def _said(self, record: str) -> Measure | None:
        text = self.text(record)
        return said_by(text) if text else None
