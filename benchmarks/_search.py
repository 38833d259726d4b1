"""How fast the public finds a decision among 100,000.

A real server, in a process of its own, over a county with one decision that was really made and
published, and generated rows beside it: three years of decisions of the proportions of a county,
most of them summary ones whose three months of display are over. Asked over HTTP on loopback, one
question after another: words of one, two and more characters, common and rare ones, with filters
and without, first pages and later ones; then the page of the real decision, whose text is compared
with the log each time.

    search      p50_ms 8, p99_ms 30    a page of results, as a browser gets it
    decision    p50_ms 6, p99_ms 12    the decision's page
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import msgspec
from sqlalchemy import insert

from benchmarks._timing import spread, timed
from protocol.redaction import Opened
from sync_server.projections import disclosure, fulltext
from sync_server.projections.tables import DISCLOSURE, DisclosureRow
from sync_server.services import reading
from sync_server.store.db import Database
from sync_server.upkeep import jobs
from tests.cast import AGENCY
from tests.sync_server.conftest import Server
from tests.sync_server.web import staging
from tests.sync_server.web.staging import NOW, Clock, Office

DECISIONS = int(os.environ.get("DECISIONS", "100000"))
QUESTIONS = 600
SEED = 20261121
TODAY = date(2026, 11, 20)
DAY_MS = 24 * 3_600_000
WORDS = (
    "价格 标明 商品 散装 现场 检查 当事人 改正 红枣 枸杞 花生 食品 标签 过期 许可 证照 经营 门店 "
    "货架 电梯 检验 计量 秤具 广告 宣传 商标 侵权 合同 药品 器械 化妆品 卫生 消毒 留样 台账"
).split()
TOWNS = "青石 白水 云台 竹山 柳河 石桥 古井 松林".split()
ASKED: tuple[dict[str, str], ...] = (
    {"q": "价"},
    {"q": "价格"},
    {"q": "未按规定标明价格"},
    {"q": "红枣 散装"},
    {"q": "禾穗食品04711"},
    {"q": "云市监当罚〔2026〕126号"},
    {"q": "没有这样的词"},
    {"year": "2025", "q": "过期"},
    {"act": "penalty", "penalty": "confiscation"},
    {"act": "permit", "q": "许可"},
    {"page": "7"},
    {"q": "商品", "page": "12"},
    {},
)


def main() -> dict[str, Any]:
    """Generate, serve, ask. The figures."""
    with tempfile.TemporaryDirectory() as name:
        office = Office(Path(name) / "data")
        office.found()
        office.start()
        case = staging.staged(office)
        staging.publish(office, case)
        office.stop()
        generate(Database(f"sqlite:///{office.database}"), DECISIONS)
        with reading(office.settings, Clock(NOW)) as services:
            jobs.forget_ended(services)
        server = Server(office.folder, in_process=True)
        server.start()
        try:
            figures = measured(server.url, case.decision.hex)
        finally:
            server.stop()
        shutil.rmtree(office.folder)
    return figures


def measured(url: str, record: str) -> dict[str, Any]:
    """Ask a server, one question after another."""
    chance = random.Random(SEED)
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:

        def ask(path: str, asked: dict[str, str] | None = None) -> float:
            return timed(lambda: client.get(path, params=asked).raise_for_status())

        for asked in ASKED:  # what is compiled and read once
            ask("/decisions", asked)
        searches = [ask("/decisions", chance.choice(ASKED)) for _ in range(QUESTIONS)]
        ask(f"/decisions/{record}")
        pages = [ask(f"/decisions/{record}") for _ in range(QUESTIONS)]
        each = {_told(asked): min(ask("/decisions", asked) for _ in range(5)) for asked in ASKED}
    return {
        "decisions": DECISIONS,
        "search": spread(searches),
        "decision": spread(pages),
        "questions_ms": {told: round(seconds * 1000, 1) for told, seconds in each.items()},
    }


def _told(asked: dict[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in asked.items()) or "all"


def generate(db: Database, count: int) -> None:
    """Rows as the projection would have folded them."""
    with db.writer.begin() as connection:
        for some in batched(rows(count), 1000):
            connection.execute(insert(DISCLOSURE), [one.model_dump() for one in some])
            for one in some:
                fulltext.put(connection, one, disclosure.text_of(one))
    db.close()


def rows(count: int) -> Iterator[DisclosureRow]:
    """Decisions of three years, one after another."""
    chance = random.Random(SEED)
    for number in range(count):
        made = TODAY - timedelta(days=3 + chance.randrange(3 * 365))
        summary = chance.random() < 0.8
        months = 3 if summary else 36
        until = made + timedelta(days=2 + months * 30)
        name = f"云溪县{chance.choice(TOWNS)}镇禾穗食品{number:05}店"
        said = [chance.choice(WORDS) for _ in range(chance.randrange(60, 160))]
        facts = "，".join("未按规定" + "".join(said[at : at + 4]) for at in range(0, len(said), 4))
        pieces = {
            "party_name": name,
            "facts": facts,
            "decision": "依据《中华人民共和国行政处罚法》第五十一条，决定给予罚款。",
        }
        opened = [
            Opened(name=one, salt=f"{number:032x}", text=text) for one, text in pieces.items()
        ]
        act = "penalty" if chance.random() < 0.9 else "permit"
        penalty = "confiscation" if chance.random() < 0.02 else "fine"
        row = DisclosureRow(
            issued=number.to_bytes(4, "big") * 8,
            publication=bytes(32),
            case_id=number.to_bytes(4, "big") * 8,
            agency=AGENCY,
            number=f"云市监当罚〔{made.year}〕{number}号",
            title=f"{name}{said[0]}{said[1]}案",
            act=act,
            document="spot_decision",
            template="spot_decision",
            penalties=penalty if act == "penalty" else "",
            fine=50_000,
            remedy="reconsider_first",
            decided_on=made.isoformat(),
            due_on=made.isoformat(),
            published_at=NOW - (TODAY - made).days * DAY_MS + number,
            display_until=until.isoformat(),
            matrix_row="penalty-summary-fine",
            clause="《行政处罚法》第四十八条",
            shown=msgspec.json.encode(opened),
            masked=b"[]",
            provable=False,
        )
        row.place = fulltext.number_of(row)  # no two in one millisecond
        yield row


def batched(made: Iterator[DisclosureRow], size: int) -> Iterator[list[DisclosureRow]]:
    """Lists of so many."""
    while some := list(islice(made, size)):
        yield some


if __name__ == "__main__":
    print(msgspec.json.format(msgspec.json.encode(main())).decode())
