"""Times and days of a paper are those of its end: when it is signed, the day it is made on."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import partial

import pypdf
import pytest
from msgspec.structs import replace

from field_client.flow.signatories import signs
from protocol.forms import FieldSpec, Template
from protocol.redaction import decode_content
from protocol.vocabulary import DocumentKind
from tests.cast import HEARD
from tests.field_client.county import FieldTablet
from tests.field_client.flowing import Stage

RECORD, NOTICE = DocumentKind.SITE_INSPECTION_RECORD, DocumentKind.PRIOR_NOTICE
DAY_S = 24 * 3600


@pytest.fixture
def stage(tablet: FieldTablet) -> Iterator[Stage]:
    made = Stage.of(tablet)
    yield made
    made.close()


def said(stage: Stage, name: str) -> str:
    """What the newest document of the case says in a field."""
    issued = stage.desk.case.state.documents[-1].issued.statement
    content = decode_content(stage.desk.open_tablet.office.locker.read(issued.content) or b"")
    return "".join(one.text for one in content.pieces if one.name.partition("#")[0] == name)


def shown(stage: Stage, key: str) -> str:
    return str(next(one.value for one in stage.view.fields if one.key == key))


def signed(stage: Stage) -> None:
    stage.work()
    stage.do.finish_form()
    stage.work()
    assert stage.screen == "sign"
    stage.party_signs()
    stage.officers_sign()


@pytest.fixture
def recording(stage: Stage) -> Stage:
    """The record's form is open, an hour after it was begun."""
    stage.notified()
    stage.do.act("record")
    stage.do.edit_field("recusal", HEARD)
    stage.do.edit_field("findings", "货架上7种散装商品未标明价格。")
    stage.work()
    stage.pass_seconds(3600)
    return stage


def test_an_inspection_ends_when_its_record_goes_to_be_signed(recording: Stage) -> None:
    """Not when the first letter of it was typed; nobody has to type it."""
    began = shown(recording, "began_at")
    assert shown(recording, "ended_at") == ""
    assert "ended_at" not in recording.view.missing
    signed(recording)
    assert (began[-5:], said(recording, "ended_at")) == ("09:12", "2026年7月7日10时13分")


def test_an_end_that_an_officer_typed_stands(recording: Stage) -> None:
    recording.do.edit_field("ended_at", "2026-07-07 09:45")
    recording.pass_seconds(600)
    signed(recording)
    assert said(recording, "ended_at") == "2026年7月7日9时45分"


def test_an_older_form_ends_when_it_goes_to_be_signed_too(stage: Stage) -> None:
    """A county keeps its forms when its tablets are updated: there the end began with ``now``."""

    def older(field: FieldSpec) -> FieldSpec:
        return replace(field, carried_from="now") if field.name == "ended_at" else field

    def with_older(form: Template) -> Template:
        return replace(form, fields=[older(one) for one in form.fields])

    stage.notified()
    stage.reference(lambda one: replace(one, templates=[with_older(x) for x in one.templates]))
    stage.do.act("record")
    stage.do.edit_field("recusal", HEARD)
    stage.do.edit_field("findings", "货架上7种散装商品未标明价格。")
    assert shown(stage, "ended_at") == ""
    stage.pass_seconds(3600)
    signed(stage)
    assert said(stage, "ended_at") == "2026年7月7日10时13分"


def test_the_preview_has_the_end_that_it_would_have_now(recording: Stage) -> None:
    made = recording.routes.writing._open.preview(RECORD, {"findings": "无价签。"})
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made.pdf)).pages)
    assert "2026年7月7日10时13分" in text.replace("\n", "").replace(" ", "")


def test_a_form_open_over_midnight_bears_the_day_on_which_it_is_finished(stage: Stage) -> None:
    stage.notified()
    stage.do.act("paper.prior_notice")
    assert shown(stage, "decided_on") == "2026-07-07"
    stage.pass_seconds(DAY_S)
    stage.do.edit_field("facts", "7种散装商品未标明价格。")
    assert shown(stage, "decided_on") == "2026-07-08"
    stage.pass_seconds(DAY_S)
    stage.do.finish_form()
    stage.work()
    assert shown(stage, "decided_on") == "2026-07-09"


@pytest.mark.parametrize(("later", "proposed"), [(0, "在场"), (DAY_S, "")])
def test_that_somebody_was_there_is_proposed_on_the_day_of_the_showing_alone(
    stage: Stage, later: int, proposed: str
) -> None:
    """A record of another day said so by yesterday's showing, and that cards were shown."""
    stage.notified()
    stage.pass_seconds(later)
    stage.do.act("record")
    assert shown(stage, "attended") == proposed


def test_a_day_that_an_officer_typed_stands_over_midnight(stage: Stage) -> None:
    stage.notified()
    stage.do.act("paper.prior_notice")
    stage.do.edit_field("decided_on", "2026-07-06")
    stage.pass_seconds(DAY_S)
    stage.do.edit_field("facts", "7种散装商品未标明价格。")
    assert shown(stage, "decided_on") == "2026-07-06"


def test_a_term_counted_from_today_moves_with_the_day(stage: Stage) -> None:
    """Seven working days from the day of the paper (APL 56, 85)."""
    stage.notified()
    stage.do.act("paper.preservation_notice")
    assert shown(stage, "until_on") == "2026-07-16"
    stage.pass_seconds(DAY_S)
    stage.do.edit_field("reason", "涉案物品可能灭失。")
    assert (shown(stage, "from_on"), shown(stage, "until_on")) == ("2026-07-08", "2026-07-17")


@pytest.mark.parametrize(("kind", "hand"), [(NOTICE, False), (RECORD, True)])
def test_the_page_beside_a_form_has_a_line_for_the_party_only_where_it_signs(
    stage: Stage, kind: DocumentKind, hand: bool
) -> None:
    """The proof of service bears the hand for a notice; none is asked for below it."""
    stage.notified()
    stage.do.act(f"paper.{kind.value}")
    stage.work()
    issuing, answers = stage.routes.writing._open, stage.routes.writing._open_draft.answers
    made = issuing.preview(kind, dict(answers), partial(signs, kind))
    assert stage.view.preview.pages == made.images
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made.pdf)).pages)
    assert ("当事人签名" in text.replace("\n", "")) is hand
    assert "执法人员签名" in text.replace("\n", "")
