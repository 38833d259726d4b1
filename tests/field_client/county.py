"""A county with a real server, and one tablet of it, in the words of the domain.

    county.start()                         the server, on a port of its own
    tablet.whole_inspection()              an officer's day, see ``FieldTablet``
    county.meddler                         stands between the two and can cut, alter and answer

The server is the product's own, over a real TCP port; the clock of both is turned by the test.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlmodel import col, select

from field_client.camera.media_source import MediaSource
from field_client.contact import enrolment
from field_client.contact.wire import Wire
from field_client.documents import Typesetter, notice_text
from field_client.inspection import About, Inspection, Opening
from field_client.issuing import Issuing
from field_client.keys.identity import KeyStore, Unlocked
from field_client.keys.secret import CHEAPEST, PassphraseSecret
from field_client.settings import Settings
from field_client.store.evidence import Hand
from field_client.store.journal import Saved
from field_client.store.tables import BlobRow, CaptureRow, LinkRow, Stage
from field_client.store.vault import Vault
from field_client.tablet import Tablet
from protocol.statements import DocumentIssued, Place
from protocol.vocabulary import DocumentKind, Outcome, Role, ServiceMethod, Step
from sync_server import demo
from sync_server.devices.codes import Purpose, new_code
from sync_server.services import Services, writing
from sync_server.settings import ORIGIN
from sync_server.settings import Settings as ServerSettings
from sync_server.upkeep import founding
from tests import serving
from tests.cast import CAUSE, HEARD, party
from tests.field_client.conftest import PASSPHRASE, TurnedClock
from tests.field_client.meddler import Meddler, reconnected

SHEN, LU = demo.OFFICERS
PINS = {SHEN: "471108", LU: "902735"}
SHOP = "云溪县青石镇河西路28号"
MANAGER = "周明禾（店长）"
HOUR_MS = 3_600_000


@dataclass
class ServerClock:
    """The server's clock: the tablet's, unless a test sets them apart."""

    tablet: TurnedClock
    ahead_ms: int = 0
    boot: bytes = b"\x02" * 16

    def now(self) -> int:
        return self.tablet.wall + self.ahead_ms

    def monotonic(self) -> int:
        return self.tablet.monotonic


@dataclass
class County:
    """The office and its server over a folder."""

    folder: Path
    clock: ServerClock
    port: int = 0
    origin: str = ORIGIN
    witnesses: Path | None = None
    services: Services | None = None
    meddler: Meddler = field(default_factory=Meddler)
    _web: serving.Web | None = None
    _thread: threading.Thread | None = None

    @property
    def settings(self) -> ServerSettings:
        return ServerSettings(
            self.folder,
            port=self.port,
            origin=self.origin,
            witnesses=self.witnesses,
            argon2="cheapest",
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        while self._web is None or not self._web.started:
            assert self._thread.is_alive(), "the server ended while it started"
            time.sleep(0.005)

    def stop(self) -> None:
        """Stop it in order; its port stays reserved for the next start."""
        if self._web is not None and self._thread is not None:
            self._web.leave()
            self._thread.join()
        self._web = self._thread = self.services = None

    def code(self, purpose: Purpose, subject: str) -> str:
        """A one-time code of the office."""
        assert self.services is not None
        now = self.clock.now()
        return new_code(self.services.db, demo.AGENCY.id, purpose, subject, now, HOUR_MS)

    def _serve(self) -> None:
        with writing(self.settings, self.clock) as services:
            self.services = services
            with serving.web(services, self.port, "error") as self._web:
                self._web.run()


def found(folder: Path, clock: TurnedClock) -> None:
    """Found 云溪县 in an empty folder."""
    founding.found(ServerSettings(folder, argon2="cheapest"), ServerClock(clock), demo.plan())


def key_store(folder: Path, clock: TurnedClock) -> KeyStore:
    """The keys of a tablet under a folder, cheap to guess."""
    secret = PassphraseSecret(PASSPHRASE, CHEAPEST)
    return KeyStore(folder / "keys", secret, clock, profile=CHEAPEST)


def enrol(
    county: County,
    folder: Path,
    clock: TurnedClock,
    name: str = demo.DEVICE,
    before_officers: Callable[[], object] = lambda: None,
) -> None:
    """Enrol YX-T07 and both officers at a running server, and close the tablet again."""
    settings, keys = Settings(folder, server_url=county.url), key_store(folder, clock)
    unsigned = Wire(county.url, None, clock)
    vault, key, admitted = enrolment.enrol_device(
        settings, keys, clock, unsigned, county.code("device", name), name
    )
    tablet = Tablet.over(settings, keys, clock, vault)
    enrolment.entrust_recovery(keys, tablet.wire, admitted, key)
    before_officers()
    for cert_no, pin in PINS.items():
        code = county.code("officer", cert_no)
        enrolment.enrol_officer(keys, tablet.wire, admitted, key, cert_no, pin, code)
    tablet.shelf.fetch(tablet.wire)
    tablet.shelf.fetch_photos(tablet.wire, name)
    tablet.close()
    unsigned.close()


@dataclass
class FieldTablet:
    """One enrolled tablet and the two officers who are signed in on it."""

    folder: Path
    clock: TurnedClock
    county: County
    media: Path
    typesetter: Typesetter
    tablet: Tablet
    shen: Unlocked
    lu: Unlocked

    @classmethod
    def start(
        cls,
        folder: Path,
        clock: TurnedClock,
        county: County,
        media: Path,
        typesetter: Typesetter,
    ) -> FieldTablet:
        """Start the program, unlock it by both PINs."""
        keys = key_store(folder, clock)
        shen, lu = (keys.unlock(cert_no, pin) for cert_no, pin in PINS.items())
        settings = Settings(
            folder, server_url=county.url, camera=str(media), camera_format="", argon2="cheapest"
        )
        vault = Vault.open(settings.vault_path, shen.vault_key)
        tablet = Tablet.over(settings, keys, clock, vault, county.meddler)
        return cls(folder, clock, county, media, typesetter, tablet, shen, lu)

    def restart(self) -> None:
        """Close the program in order and start it again."""
        self.tablet.close()
        self.county.meddler = reconnected(self.county.meddler)
        again = FieldTablet.start(self.folder, self.clock, self.county, self.media, self.typesetter)
        self.tablet, self.shen, self.lu = again.tablet, again.shen, again.lu

    @property
    def officers(self) -> list[Unlocked]:
        return [self.shen, self.lu]

    @property
    def source(self) -> MediaSource:
        return MediaSource(str(self.media))

    # ── what officers do ─────────────────────────────────────────────────────────────────

    def opening(self, **changes: object) -> Opening:
        """The form of the inspection of 云溪县禾穗食品有限公司."""
        reference = self.tablet.shelf.current
        form = Opening(
            party=party(),
            place=Place(text=SHOP),
            item=reference.items[0].code,
            number=self.tablet.journal.inspection_label(demo.DEVICE),
            cause=CAUSE,
            task="云市监检批〔2026〕45号",
        )
        return replace(form, **changes)  # type: ignore[arg-type]

    def open(self) -> Inspection:
        self.clock.pass_seconds(60)
        return self.tablet.office.open(self.opening(), self.officers)

    def opened_and_notified(self) -> Inspection:
        """Opened, cards shown, rights told and signed for."""
        inspection = self.open()
        self.clock.pass_seconds(30)
        inspection.show_cards(MANAGER)
        self.notify(inspection)
        return inspection

    def notify(self, inspection: Inspection) -> Saved:
        template = self.tablet.shelf.current.template(DocumentKind.RIGHTS_NOTICE)
        assert template is not None
        _, text = notice_text(template)
        self.clock.pass_seconds(60)
        return inspection.notify_rights(bytes.fromhex(text), True, hand("周明禾", Role.PARTY))

    def about(self) -> About:
        return About(Place(text=SHOP), "证明散装商品未标明价格", Step.EVIDENCE)

    def photo(self, inspection: Inspection) -> Saved:
        self.clock.pass_seconds(20)
        return inspection.capture_photo(self.source, self.about(), self.shen)

    def clip(self, inspection: Inspection) -> Saved:
        self.clock.pass_seconds(20)
        return inspection.record_video(
            self.source, self.about(), self.lu, stop=lambda: False, seconds=1
        )

    def hear(self, inspection: Inspection) -> Saved:
        self.clock.pass_seconds(60)
        return inspection.hear(
            "拟罚款500元；事实、理由和依据已说明。", "没来得及做价签，马上改。", "属实，予以采纳。"
        )

    def desk(self, inspection: Inspection) -> Issuing:
        return Issuing(inspection, self.typesetter)

    def hands(self) -> list[Hand]:
        return [hand("沈知远", Role.OFFICER), hand("陆清和", Role.OFFICER)]

    def decide(self, inspection: Inspection, **answers: str | int) -> Saved:
        """Fill in, sign and issue the decision."""
        desk, kind = self.desk(inspection), DocumentKind.SPOT_DECISION
        first = {"evidence": "当事人的陈述"} | desk.answers(kind)  # where there is no record yet
        filled = first | {"facts": "7种散装商品未标明价格。", "fine": "500"} | answers
        prepared = desk.prepare(kind, filled)
        return desk.issue(prepared, hand("周明禾", Role.PARTY), self.hands())[0]

    def write_record(self, inspection: Inspection) -> Saved:
        """Fill in, sign and issue the inspection record."""
        desk, kind = self.desk(inspection), DocumentKind.SITE_INSPECTION_RECORD
        typed = {"recusal": HEARD, "findings": "货架上7种散装商品未标明价格。"}
        filled = desk.answers(kind) | typed
        prepared = desk.prepare(kind, filled)
        return desk.issue(prepared, hand("周明禾", Role.PARTY), self.hands())[0]

    def whole_inspection(self) -> Inspection:
        """From the opening to the end, decision served."""
        inspection = self.opened_and_notified()
        self.photo(inspection)
        self.clip(inspection)
        self.write_record(inspection)
        self.hear(inspection)
        decision = self.decide(inspection)
        self.desk(inspection).serve(
            decision.record,
            ServiceMethod.PERSONAL,
            "周明禾",
            Place(text=SHOP),
            hand("周明禾", Role.PARTY),
        )
        inspection.close(Outcome.PENALISED_ON_SPOT)
        return inspection

    # ── what is there ────────────────────────────────────────────────────────────────────

    def stages(self) -> list[Stage]:
        """The stage of each link in order."""
        with self.tablet.vault.session() as session:
            found = session.exec(select(LinkRow.stage).order_by(col(LinkRow.sequence))).all()
        return [Stage(stage) for stage in found]

    def contact(self) -> None:
        """One contact, and one more a minute later: the server's last word needs it."""
        self.tablet.sync.contact()
        self.clock.pass_seconds(60)

    def content_of(self, saved: Saved) -> DocumentIssued:
        assert isinstance(saved.statement, DocumentIssued)
        return saved.statement


def hand(signer: str, role: Role) -> Hand:
    """Handwriting that differs from signer to signer."""
    shift = sum(map(ord, signer)) % 40 / 100
    stroke = tuple((0.1 + shift + n / 50, 0.1 + (n % 3) / 20, 12 * n) for n in range(12))
    return Hand(signer, role, (stroke,), 0.4)


def copied(folder: Path, to: Path) -> Path:
    return Path(shutil.copytree(folder, to))


def left_behind(tablet: FieldTablet) -> tuple[int, int]:
    """(captures that never became blobs, files under the blobs folder)."""
    with tablet.tablet.vault.session() as session:
        captures = len(session.exec(select(CaptureRow)).all())
        blobs = len(session.exec(select(BlobRow)).all())
    return captures, len(list(tablet.tablet.settings.blobs_dir.glob("*"))) - blobs
