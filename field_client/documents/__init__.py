"""Documents on the tablet: template + answers → pieces of text → PDF/A and page images.

    facts = case_facts(opening, reference, now=now, number="云市监当罚〔2026〕126号")
    answers = carried(template, facts) | {"facts": "…", "fine": "500"}
    text = pieces(template, answers, facts)            what the statement commits to
    made = render(typesetter, template, text, signers, mark_url=url)

The PDF prints the pieces and nothing that could differ from them: the same pieces give the same
bytes, and a template that leaves a piece out is refused.
"""

from __future__ import annotations

from field_client.documents.facts import CaseFacts, case_facts, officer_words
from field_client.documents.ink import ink_svg
from field_client.documents.notice import notice_text
from field_client.documents.printing import (
    Rendered,
    Signer,
    officer_signed,
    pages_with,
    party_signed,
    render,
    waiting,
)
from field_client.documents.tables import Lack, Row, lacking, rows, rows_text
from field_client.documents.text import Answers, carried, ended, form, missing, pieces
from field_client.documents.typesetter import Typeset, Typesetter

__all__ = [
    "Answers",
    "CaseFacts",
    "Lack",
    "Rendered",
    "Row",
    "Signer",
    "Typeset",
    "Typesetter",
    "carried",
    "case_facts",
    "ended",
    "form",
    "ink_svg",
    "lacking",
    "missing",
    "notice_text",
    "officer_signed",
    "officer_words",
    "pages_with",
    "party_signed",
    "pieces",
    "render",
    "rows",
    "rows_text",
    "waiting",
]
