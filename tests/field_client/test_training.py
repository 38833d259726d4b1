"""Practice: everything can be tried on the tablet, and nothing of it counts anywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlmodel import select

from field_client import training
from field_client.contact.exporting import Scope
from field_client.contact.inventory import signed_inventory
from field_client.contact.wire import Wire
from field_client.errors import ExportFailed, NoNetwork, ServerRefuses
from field_client.issuing import Issuing
from field_client.store.tables import LinkRow, StatementRow
from field_client.tablet import Tablet
from protocol.__main__ import HOLDS
from protocol.__main__ import main as fujie_verify
from protocol.errors import FujieError
from protocol.messages import Push, PushAnswer, PushItem, UploadGranted, UploadWanted
from protocol.reference import open_reference
from protocol.scanned import Code, check_card
from protocol.vocabulary import DocumentKind
from sync_server.commands.evidence import import_export
from sync_server.commands.exporting import trust
from tests.cast import HEARD
from tests.field_client.county import LU, PINS, SHEN, County, FieldTablet
from tests.field_client.flowing import Stage

FIRST, SECOND, THIRD = training.OFFICERS


@pytest.fixture
def stage(tablet: FieldTablet) -> Iterator[Stage]:
    made = Stage.of(tablet)
    yield made
    made.close()


def practise(stage: Stage) -> Stage:
    """From the settings of a tablet in use into practice, both officers on duty."""
    stage.on_duty()
    stage.do.go("settings")
    stage.do.enter_training()
    stage.work()
    assert stage.screen == "unlock"
    assert [one.name for one in stage.view.officers] == list(training.OFFICERS.values())
    assert "不会离开本机" in stage.view.kept
    stage.do.unlock(FIRST, training.PIN, "")
    stage.work()
    stage.do.bring_second()
    stage.do.sign_in(SECOND, training.PIN)
    stage.work()
    assert stage.screen == "today"
    return stage


def opened(stage: Stage) -> Stage:
    """And an inspection under way."""
    practise(stage)
    stage.fill_in()
    stage.do.open_inspection()
    stage.work()
    assert stage.screen == "inspection"
    return stage


def real_tablet(stage: Stage) -> Tablet:
    """The real one, which stands behind practice."""
    real = stage.routes._practising._real
    assert real is not None
    assert real.tablet is not None
    return real.tablet


def links(tablet: Tablet) -> list[LinkRow]:
    with tablet.vault.session() as session:
        return list(session.exec(select(LinkRow).order_by(LinkRow.sequence)).all())  # type: ignore[arg-type]


# ── in and out ──────────────────────────────────────────────────────────────────────────────


def test_practice_asks_for_an_unlocked_tablet_once(stage: Stage) -> None:
    """Forms are taken from the tablet; before it is open there are none."""
    stage.do.enter_training()
    stage.work()
    assert "解锁" in stage.told.title
    assert not stage.desk.training


def test_practice_has_officers_records_and_a_folder_of_its_own(stage: Stage) -> None:
    opened(stage)
    assert stage.shell.training
    before = len(links(real_tablet(stage)))
    stage.do.act("identity")
    stage.do.record_card_shown()
    stage.work()
    assert stage.desk.case.opening.agency == training.AGENCY
    assert set(stage.desk.case.opening.officers) == {FIRST, SECOND}
    assert len(links(stage.desk.open_tablet)) == 2
    assert len(links(real_tablet(stage))) == before
    assert stage.desk.settings.data_dir.name == training.FOLDER


def test_back_from_practice_the_real_tablet_is_locked_and_opens_by_its_own_pins(
    stage: Stage,
) -> None:
    practise(stage)
    stage.do.leave_training()
    assert (stage.screen, stage.shell.training) == ("unlock", False)
    assert [one.officer_id for one in stage.view.officers] == [SHEN, LU]
    stage.do.unlock(SHEN, PINS[SHEN], "")
    stage.work()
    assert stage.screen == "today"
    assert stage.desk.open_tablet.admitted.agency != training.AGENCY


def test_practice_goes_on_where_it_was_left_until_it_is_thrown_away(stage: Stage) -> None:
    opened(stage)
    stage.do.leave_training()
    stage.do.enter_training()  # also from the locked screen, as it is founded by now
    stage.work()
    assert stage.view.practice == training.PIN
    stage.do.unlock(SECOND, training.PIN, "")
    stage.work()
    assert len(links(stage.desk.open_tablet)) == 1
    stage.do.discard_training()
    assert not training.is_there(stage.desk.settings)
    assert not stage.desk.settings.data_dir.joinpath(training.FOLDER).exists()
    assert stage.desk.settings.vault_path.exists()
    assert not stage.desk.training


def test_the_program_ends_in_order_from_practice_too(stage: Stage) -> None:
    practise(stage)
    real = real_tablet(stage)
    stage.routes.stop()
    stage.settle()
    assert stage.desk.tablet is real


def test_others_can_take_a_practice_inspection_over_and_show_their_cards(stage: Stage) -> None:
    """The whole hand-over, as on duty: three on duty sign, two go on, the cards come next."""
    opened(stage)
    stage.do.bring_second()
    stage.do.sign_in(THIRD, training.PIN)
    stage.work()
    stage.do.go("settings")
    stage.do.tick_going_on(FIRST)
    assert stage.view.handover.missing == ""
    assert stage.view.handover.going_on == {SECOND, THIRD}
    stage.do.edit_handover("")
    stage.do.hand_over()
    assert "写明" in stage.view.handover.missing
    stage.do.edit_handover("换班")
    stage.do.hand_over()
    stage.work()
    assert stage.screen == "card"
    assert set(stage.desk.duty) == {SECOND, THIRD}
    with stage.desk.open_tablet.vault.session() as session:
        rows = session.exec(select(StatementRow).where(StatementRow.kind == "handed_over")).all()
    assert len(rows) == 1
    assert set(stage.desk.case.state.officers) == {SECOND, THIRD}
    assert len(stage.records[-1].officers) == 2  # type: ignore[attr-defined]
    stage.do.record_card_shown()
    stage.work()
    (row,) = [one for one in stage.view.rows if "交接" in one.title]
    names = [stage.desk.officer_name(one) for one in (SECOND, THIRD)]
    assert row.detail == f"{'、'.join(names)}：换班", "people are named, not numbered"

    case = stage.desk.case.case.hex()
    stage.do.lock()
    stage.do.unlock(FIRST, training.PIN, "")
    stage.work()
    stage.do.bring_second()
    stage.do.sign_in(SECOND, training.PIN)
    stage.work()
    stage.do.resume(case)
    (note,) = stage.view.notes
    assert note.title == f"本检查由{'、'.join(names)}办理"
    stage.do.act("record")
    stage.work()
    assert "交接" in "".join(one.title for one in stage.view.all_notes if one.level == "block")
    stage.do.fix("hand_over")
    assert stage.view.handing
    assert stage.view.handover.going_on == {FIRST, SECOND}


# ── nothing of it reaches anybody ───────────────────────────────────────────────────────────


def test_practice_promises_no_sync(stage: Stage) -> None:
    """Neither that it will be sent later, nor that somebody has to do something about it."""
    opened(stage)
    stage.do.go("sync")
    stage.work()
    assert stage.view.frame.corner.word == "训练，不同步"
    assert "只在本机" in stage.view.frame.subtitle
    assert (stage.view.journey, stage.view.notes) == (None, ())


@pytest.mark.parametrize("way", ["", "export_unsent", "export_all", "from_stick", "from_answer"])
def test_whoever_would_send_in_practice_is_told_that_it_is_practice(stage: Stage, way: str) -> None:
    """A button that does nothing, or asks for a contact that never comes, is no way on."""
    practise(stage)
    stage.do.go("sync")
    stage.work()
    if way:
        stage.do.fix(way)
    else:
        stage.do.sync_now()
    stage.work()
    assert stage.told.title == "这是训练"
    assert "结束训练" in stage.told.text


def test_a_practice_vault_has_no_wire_whoever_opens_it(stage: Stage, online: County) -> None:
    practise(stage)
    own = stage.desk.open_tablet
    with pytest.raises(NoNetwork):
        own.wire.get_bytes("/v1/reference", "have=0")
    online.meddler.asked.clear()
    again = Tablet.over(
        stage.tablet.tablet.settings,
        training.keys(real_tablet(stage).settings, stage.desk.clock),
        stage.desk.clock,
        own.vault,
        online.meddler,
    )
    with pytest.raises(NoNetwork):
        again.wire.get_bytes("/v1/reference", "have=0")
    again.wire.close()
    assert online.meddler.asked == []


def test_a_real_server_refuses_a_practice_journal_and_its_uploads(
    stage: Stage, online: County
) -> None:
    """Even over a wire that somebody lays to it."""
    opened(stage)
    own = stage.desk.open_tablet
    device = own.exporter.device.signer
    wire = Wire(online.url, device, stage.desk.clock)
    with own.vault.session() as session:
        items = [
            PushItem(link=link.link, statement=said.envelope)
            for link, said in session.exec(
                select(LinkRow, StatementRow).where(LinkRow.record_hash == StatementRow.record_hash)
            )
        ]
    assert items
    inventory = signed_inventory(
        own.vault,
        device,
        stage.desk.clock,
        stage.desk.settings.data_dir,
        agency=training.AGENCY,
        checkpoint_size=0,
        reference_version=1,
    )
    with pytest.raises(ServerRefuses):
        wire.post("/v1/push", Push(inventory=inventory, items=items, seen=0), PushAnswer)
    with pytest.raises(ServerRefuses):
        wire.post("/v1/uploads", UploadWanted(sha256=bytes(32), size=5), UploadGranted)
    wire.close()
    assert online.services is not None
    assert training.AGENCY not in online.services.facts.registry.agencies


def test_practice_writes_no_export_and_an_office_imports_none(
    stage: Stage, county: County, tmp_path: Path
) -> None:
    opened(stage)
    own = stage.desk.open_tablet
    with pytest.raises(ExportFailed):
        own.exporter.write(tmp_path, Scope.ALL)
    county.start()
    assert county.services is not None
    key = county.services.keyring.exchange
    assert key is not None
    sealed_to = bytes(key.public_key).hex()
    county.stop()
    forged = msgspec.structs.replace(own.shelf.current, exchange_key=sealed_to)
    own.shelf._current = forged
    path = own.exporter.write(tmp_path, Scope.ALL)
    with pytest.raises(FujieError, match="enrolled"):
        import_export(county.settings, path, lambda _line: None)


def test_fujie_verify_and_a_colleagues_tablet_believe_nothing_of_it(
    stage: Stage, county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(stage)
    own, real = stage.desk.open_tablet, real_tablet(stage)
    face = own.office.face(stage.desk.officers[0])
    code = stage.desk.case.card_code(face)
    assert code.startswith("HTTPS://TRAINING.INVALID/")
    now = stage.desk.clock.wall_ms()
    assert check_card(code, own.shelf.current, own.shelf.issuers, now).code is Code.FRESH
    assert check_card(code, real.shelf.current, real.shelf.issuers, now).code is Code.UNKNOWN
    with pytest.raises(FujieError):
        open_reference(own.admitted.reference, real.shelf.issuers[0].verifier, 0)
    trust(county.settings, tmp_path / "trust.json", lambda _line: None)
    told = json.loads((tmp_path / "trust.json").read_text())
    assert own.admitted.root_key.hex() not in json.dumps(told)
    handed = tmp_path / "case.zip"
    with own.vault.session() as session:
        handed.write_bytes(session.exec(select(StatementRow.envelope)).one())
    assert fujie_verify([str(handed), "--trust", str(tmp_path / "trust.json")]) != HOLDS
    assert capsys.readouterr()


def test_every_page_of_practice_says_so(stage: Stage) -> None:
    """The same document by the real form and by that of practice: no page is alike."""
    opened(stage)
    real = real_tablet(stage).shelf.current
    for template in real.templates:
        marked = stage.desk.open_tablet.shelf.current.template(template.document)
        assert marked is not None
        assert marked.source == training.WATERMARK + template.source
    kind = DocumentKind.SITE_INSPECTION_RECORD
    desk = Issuing(stage.desk.case, stage.tablet.typesetter)
    filled = desk.answers(kind) | {
        "recusal": HEARD,
        "findings": "货架上7种散装商品未标明价格。" * 60,
        "attended": "在场",
        "site_manager": "周明禾",
    }
    with_mark = desk.pages(desk.prepare(kind, filled)).images
    shelf = stage.desk.open_tablet.shelf
    shelf._current = msgspec.structs.replace(shelf.current, templates=real.templates)
    without = desk.pages(desk.prepare(kind, filled)).images
    assert len(with_mark) == len(without) > 1
    assert all(one != other for one, other in zip(with_mark, without, strict=True))


def test_the_keys_that_certified_practice_are_kept_nowhere(stage: Stage) -> None:
    practise(stage)
    folder = stage.desk.settings.data_dir
    kept = {path.relative_to(folder).parts[0] for path in folder.rglob("*") if path.is_file()}
    assert {name.partition(".")[0] for name in kept} <= {"keys", "vault", "faces", "display"}
    assert sorted(path.name for path in (folder / "keys").rglob("*.json")) == [
        *(f"{cert_no}.json" for cert_no in training.OFFICERS),
        "device.json",
    ]
