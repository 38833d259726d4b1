"""The story: one inspection, from the officer's card with no network to page and archive.

Everything is done by the real programs: the server and the tablet are processes of their own,
the tablet is touched, the office's pages are filled in over HTTP. Nothing is stubbed; the
camera reads a film and, where there is no display, SDL draws offscreen.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from protocol.vocabulary import DocumentKind, StaffRole
from sync_server.demo import DEVICE, OFFICERS
from sync_server.settings import ORIGIN
from tests.demo import proof
from tests.demo.cast import ID_NO, PARTY, PASSPHRASE, PINS, TASK, staff, task_of
from tests.demo.checks import Checks
from tests.demo.office import Clerk
from tests.demo.programs import Server, Tablet
from tests.demo.proof import expect
from tests.demo.province import Upwards
from tests.demo.scene import film
from tests.demo.told import Teller
from tests.demo.witness import NAME, Witness

STEPS = 22


class Story(Checks, Upwards):
    """One telling of the story in a folder."""

    def __init__(self, folder: Path, port: int, argon2: str = "interactive") -> None:
        self.folder = folder
        self.argon2 = argon2
        self.teller = Teller(STEPS)
        self.server = Server(folder / "server", port, folder / "server.log", argon2)
        self.backup = folder / "backup"
        self.camera = folder / "camera.mp4"
        self.saved: list[str] = []
        self.shots: list[str] = []
        self.tablet: Tablet | None = None
        self.witness: Witness | None = None
        self.province: Server | None = None
        self.case = ""
        self.task = ""
        self.decision = ""
        self.pdfs: dict[str, str] = {}

    # ── the story ────────────────────────────────────────────────────────────────────────

    def tell(self) -> None:
        """From the founding of the county to the last check."""
        self.prepare()
        self.found()
        self.enrol()
        self.assign()
        self.go_on_duty()
        self.arrive()
        self.take_evidence()
        self.battery_falls_out()
        self.write_the_record()
        self.interview()
        self.order_correction()
        self.decide()
        self.hand_over()
        self.come_home()
        self.roll_back()
        self.restore()
        self.publish()
        self.report_up()
        self.archive()
        self.supervise()
        self.citizen()
        self.court()
        self.withdraw()

    def prepare(self) -> None:
        """An empty folder; a film for the camera."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        film(self.camera)

    def found(self) -> None:
        with self.teller.step("县局建账", "the office founds its county"):
            witness = Witness(self.folder / "witness", self.folder / "witness.log")
            self.witness = witness
            self.server.witnesses = witness.settings(self.folder / "witnesses.json")
            self.server.start("demo")
            witness.start(self.server.address)
            self.teller.say(f"云溪县市场监督管理局 · {self.server.address}")
            self.teller.say(f"见证人 {NAME} · {witness.address}：没有它联署，平板不认回执")

    def enrol(self) -> None:
        with self.teller.step("平板入网", "a tablet and two officers are enrolled"):
            codes = self._codes()
            self._take_tablet().do(
                "enrol",
                server=self.server.address,
                code=codes[DEVICE],
                device=DEVICE,
                passphrase=PASSPHRASE,
                officers=[
                    {"cert_no": one, "pin": PINS[one], "code": codes[one]} for one in OFFICERS
                ],
            )
            self.teller.say(f"{DEVICE} · 一次性码双向验证 · 保险库钥匙已封存给本局")
        self.server.stop()

    def assign(self) -> None:
        with self.teller.step("局长派单", "the head sends two officers to a party"):
            (head,) = staff(StaffRole.AGENCY_HEAD)
            told = self.server.run("assign-task", TASK, *task_of(head), says=f"{head.password}\n")
            self.task = told.split()[-1]
            self.server.start()
            self.teller.say(f"{head.name} 签名派出 {TASK} · {PARTY['party_name']}")

    def go_on_duty(self) -> None:
        with self.teller.step("领单离线", "the task is pulled; no network from here on"):
            tablet = self.tablet_at_work
            tablet.do(
                "wrong_pin",
                cert_no=OFFICERS[0],
                pin="111111",
                passphrase="",
                shot="03-wrong-pin",
            )
            tablet.do("unlock", cert_no=OFFICERS[0], pin=PINS[OFFICERS[0]])
            tablet.do("second", cert_no=OFFICERS[1], pin=PINS[OFFICERS[1]])
            task = tablet.do("receive_task")
            self.server.stop()
            self.server.run("backup", str(self.backup))
            self.teller.say("PIN 输错一次，被计数，没有丢任何东西")
            self.teller.say(f"任务已到平板：{task['title']} · {task['count']}。服务器现在关了")

    def arrive(self) -> None:
        with self.teller.step("亮证告知", "cards with a renewing code, rights read and signed"):
            opened = self.tablet_at_work.do("open_task")
            self.case = opened["case"]
            expect(opened["task"] == self.task, f"it should rest on the task, not on {opened}")
            self.tablet_at_work.do("show_cards")
            self.tablet_at_work.do("notify_rights")
            self.teller.say(f"{opened['number']} · 案件号 {self.case[:16]}…")
            self.teller.ok(f"依 {TASK} 立案检查，任务记录 {self.task[:16]}…")

    def take_evidence(self) -> None:
        with self.teller.step("现场取证", "photo and clip, hashed and encrypted while recording"):
            self.tablet_at_work.do("capture", purpose="证明7种散装商品未标明价格")

    def battery_falls_out(self) -> None:
        with self.teller.step("电池掉了", "the tablet is killed in the middle of a sentence"):
            self.tablet_at_work.do("begin_record", cut=40)
            acknowledged = list(self.saved)
            self.tablet_at_work.kill()
            tablet = self._take_tablet()
            tablet.do("unlock", cert_no=OFFICERS[0], pin=PINS[OFFICERS[0]], passphrase=PASSPHRASE)
            tablet.do("second", cert_no=OFFICERS[1], pin=PINS[OFFICERS[1]])
            held = tablet.do("resume")["records"]
            missing = [one for one in acknowledged if one not in held]
            expect(not missing, f"acknowledged and missing after SIGKILL: {missing}")
            draft = tablet.do("draft")["findings"]
            expect(len(draft) == 40, f"the draft should hold 40 letters, it holds {len(draft)}")
            self.teller.ok(f"SIGKILL 之后 {len(held)} 条记录一条不少，草稿 40 字还在")

    def write_the_record(self) -> None:
        with self.teller.step("检查笔录", "the record: party and both officers sign in one step"):
            self.tablet_at_work.do("finish_record")
            self.tablet_at_work.do("sign", pins=PINS, shot="14-record-sign")

    def interview(self) -> None:
        with self.teller.step("询问笔录", "questions and answers, signed under every page"):
            held = self.tablet_at_work.do("interview", id_no=ID_NO)
            signed = self.tablet_at_work.do("sign", pins=PINS, shot="17-interview-sign")
            hands, pages = signed["hands"], held["pages"]
            expect(hands >= pages, f"{pages} pages should bear a hand each, {hands} do")
            self.teller.ok(f"{held['questions']} 问 {held['questions']} 答，{pages} 页页页签名")

    def order_correction(self) -> None:
        with self.teller.step("责令改正", "an order to correct: numbered, sealed, received"):
            self.tablet_at_work.do("order_correction", days=15)
            self.tablet_at_work.do("sign", pins=PINS, shot="19-correction-sign")
            order = self.tablet_at_work.do("document", kind=str(DocumentKind.CORRECTION_ORDER))
            expect(order["number"] and order["served"], f"numbered and received: {order}")
            seal = f"电子印章授权 {order['seal'][:16]}…" if order["seal"] else "印章待回局加盖"
            self.teller.ok(f"{order['number']} · {seal} · 当事人已签收")

    def decide(self) -> None:
        with self.teller.step("当场决定", "over the ceiling: stopped; within it: signed"):
            self.tablet_at_work.do("hear")
            decided = self.tablet_at_work.do("decide", too_much="3500", fine="500")
            expect(decided["blocked"], "a fine of 3,500 yuan should be stopped (APL 51)")
            self.teller.ok(decided["blocked"][0])
            self.tablet_at_work.do("sign", pins=PINS, shot="23-decision-sign")

    def hand_over(self) -> None:
        with self.teller.step("送达结束", "handed over, received, closed"):
            self.tablet_at_work.do("serve")
            closed = self.tablet_at_work.do("close")
            expect(closed["closed"], "the inspection should be closed")
            self.pdfs = closed["pdfs"]
            state = self.tablet_at_work.do("look_at_sync", shot="27-sync-offline")
            expect(state["unsent"] == len(closed["records"]), "everything is still unsent")
            self.teller.say(
                f"{len(closed['records'])} 条记录、{len(self.pdfs)} 份 PDF/A，全在平板上"
            )

    def come_home(self) -> None:
        with self.teller.step("回局同步", "sync: signatures, links, log, blobs, receipts"):
            self.server.start()
            state = self.tablet_at_work.do("sync", until="stored", shot="28-sync-stored")
            expect(state["unsent"] == 0, "everything should be receipted")
            self.teller.ok(f"{state['counts']['stored']} 条已收、附件已存妥，回执已在平板上验证")

    def roll_back(self) -> None:
        with self.teller.step("旧库顶替", "the server is killed, its database put back: an alarm"):
            self.server.kill()
            proof.put_back(self.backup, self.server.data)
            self.server.start()
            state = self.tablet_at_work.do("alarmed", shot="29-alarm")
            expect(state["unsent"] == 0, f"nothing on the tablet should change: {state}")
            self.teller.ok("平板警报：中心收回了自己签过的，停止上传，证据留存")
            codes = proof.findings(self.server, DEVICE)
            expect("log_set_back" in codes, f"the supervisor's report should say so: {codes}")
            self.teller.ok("监督页也看得到：log_set_back，附日志自己签的检查点")

    def restore(self) -> None:
        with self.teller.step("恢复接续", "restored under a new name; the tablet sends again"):
            self.server.stop()
            told = self.server.run("restore", str(self.backup), "--replace")
            self.server.origin = f"{ORIGIN}-2"
            expect(self.server.origin in told, f"the successor should be named: {told}")
            self.server.start()
            assert self.witness is not None
            self.witness.stop()
            self.witness.start(self.server.address, self.server.origin)
            state = self.tablet_at_work.do("sync", until="stored", shot="30-sync-again")
            expect(not state["halted"] and state["unsent"] == 0, f"it should go on: {state}")
            self.teller.say(f"{self.server.origin} 接续原日志，由机关根密钥签名")
            self.teller.ok(
                f"平板自己补传，{state['counts']['stored']} 条都有新日志的回执，一条不少"
            )

    def publish(self) -> None:
        with self.teller.step("公示", "published by the matrix, redacted, two persons confirm"):
            publisher, second = staff(StaffRole.PUBLISHER)
            clerk = Clerk(self.server.address, publisher.account, publisher.password)
            clerk.sign_in()
            shown = clerk.draft(self.case, self.decision)
            clerk.close()
            self.teller.say(f"{publisher.name}起草并签名：{shown}")
            clerk = Clerk(self.server.address, second.account, second.password)
            clerk.sign_in()
            clerk.confirm(self.decision)
            clerk.close()
            self.teller.ok(f"{second.name}在自己的登录里逐项对照、签名，决定已公示")

    def archive(self) -> None:
        with self.teller.step("归档", "the case file is checked, sealed and archived"):
            archivist = staff(StaffRole.ARCHIVIST)[0]
            clerk = Clerk(self.server.address, archivist.account, archivist.password)
            clerk.sign_in()
            gate = clerk.archive(self.case)
            clerk.close()
            self.teller.ok(f"归档检查 {len(gate)} 项全部成立：{gate[-2]}")
            state = self.tablet_at_work.do("sync", until="archived", shot="31-sync-archived")
            self.teller.ok(f"平板上 {state['counts']['archived']} 条显示已归档")

    def leave(self) -> None:
        """End what the story started."""
        if self.tablet is not None:
            self.tablet.end()
        self.server.stop()
        for one in (self.witness, self.province):
            if one is not None:
                one.stop()

    # ── help ─────────────────────────────────────────────────────────────────────────────

    @property
    def tablet_at_work(self) -> Tablet:
        assert self.tablet is not None
        return self.tablet

    def _take_tablet(self) -> Tablet:
        self.tablet = Tablet(
            self.folder / "tablet",
            self.folder,
            self.camera,
            self.folder / "tablet.log",
            self._hear,
            self.argon2,
        )
        return self.tablet

    def _hear(self, said: dict[str, Any]) -> None:
        if "saved" in said:
            self.saved.append(said["saved"])
            if said["document"] == DocumentKind.SPOT_DECISION:
                self.decision = said["saved"]
        if "shot" in said:
            self.shots.append(said["shot"])

    def _codes(self) -> dict[str, str]:
        """One-time codes, as the office reads them out."""
        codes = {DEVICE: _code(self.server.run("enrol-device", DEVICE))}
        for one in OFFICERS:
            codes[one] = _code(self.server.run("enrol-officer", one))
        return codes


def _code(told: str) -> str:
    """The one-time code in what a command printed."""
    found = [word for word in told.split() if word.count("-") == 3]
    expect(found, f"expected a one-time code, got {told!r}")
    return found[0]
