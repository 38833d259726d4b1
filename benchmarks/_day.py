"""A real day of a tablet that saw no network: records as officers make them, in their mix and size.

    day = Day(random.Random(7), (shen, lu))      the officers' signers
    day.made(1000)                              (statement, its envelope), case by case

One inspection after the other: opened, cards shown, rights told, photos and clips, the record, an
interview, a correction order, what the party said, the decision, services, the end. Names, places
and findings differ from case to case, as they do; hashes, salts and signatures are what they are.
"""

from __future__ import annotations

import random
from typing import Any

from protocol import envelope, statements
from protocol.envelope import Envelope
from protocol.keys import Signer
from protocol.redaction import Piece
from protocol.statements import Statement
from protocol.vocabulary import DocumentKind, Outcome
from tests import acts
from tests.cast import spot_fine
from tests.worlds import World

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建文玉兰志国海波晓东梅红"
TOWNS = ["城关", "青石", "白沙", "龙泉", "柳林", "双河", "石桥", "新集", "大塘", "竹溪"]
TRADES = ["食品", "百货", "粮油", "水产", "烟酒", "日用品", "五金", "药材", "文具", "果蔬"]
GOODS = ["大米", "面粉", "花生油", "冰鲜鲈鱼", "五花肉", "苹果", "香菇", "木耳", "散装饼干", "白酒"]
FAULTS = ["未标明价格", "标价签与结算价不符", "未注明计价单位", "标价签字迹不清", "未标明产地"]
PIECES = {
    DocumentKind.SITE_INSPECTION_RECORD: 22,
    DocumentKind.INTERVIEW_RECORD: 34,
    DocumentKind.CORRECTION_ORDER: 26,
    DocumentKind.SPOT_DECISION: 45,
}
"""How many pieces these documents have on the tablet, each with a commitment of its own."""


class Day(World):
    """The acts of a day, in order; ``seed`` decides who and what is met."""

    def __init__(self, seed: random.Random, officers: tuple[Signer, Signer]) -> None:
        self.seed, self.both = seed, officers
        super().__init__()
        self.sealed: list[tuple[Statement, Envelope]] = []

    def salt(self) -> str:
        """Sixteen bytes that nobody guesses."""
        return self.seed.randbytes(16).hex()

    def made(self, count: int) -> list[tuple[Statement, Envelope]]:
        """The first ``count`` records of the day, signed."""
        while len(self.sealed) < count:
            self._inspection()
        return self.sealed[:count]

    def _keep(self, statement: Statement, *by: Signer) -> str:
        body = statements.encode(statement)
        signed = envelope.sign(envelope.STATEMENT_TYPE, body, by or self.both)
        self.sealed.append((statement, signed))
        return envelope.record_hash(signed).hex()

    def _inspection(self) -> None:
        any_of, number = self.seed.choice, self.seed.randint(1, 9999)
        who = any_of(SURNAMES) + any_of(GIVEN) + any_of(GIVEN)
        where = f"云溪县{any_of(TOWNS)}镇{any_of(GIVEN)}{any_of(GIVEN)}路{number % 300}号"
        found = f"{any_of(GOODS)}等{number % 30 + 2}种商品{any_of(FAULTS)}，货架{number % 9}号。"
        party = statements.Party(
            name=f"云溪县{any_of(SURNAMES)}记{any_of(TRADES)}有限公司",
            party_class=spot_fine().party_class,
            id_code=f"9199{self.seed.randint(10**13, 10**14 - 1)}",
            legal_rep=who,
            address=where,
            phone=f"0799-{self.seed.randint(10**6, 10**7 - 1)}",
        )
        place = statements.Place(text=where)
        begun = acts.opening(self, party=party, place=place, number=f"云市监检〔2026〕{number}号")
        case = self._keep(begun)
        self._keep(acts.identity(self, case))
        self._keep(acts.rights(self, case))
        for _ in range(10):
            self._keep(self._seen(case, found), any_of(self.both))
        self._issued(case, DocumentKind.SITE_INSPECTION_RECORD, found)
        self._issued(case, DocumentKind.INTERVIEW_RECORD, f"{who}：{found}没有来得及做。")
        self._served(case, self._issued(case, DocumentKind.CORRECTION_ORDER, found))
        told = statements.StatementTaken(
            **self.said(case), told=f"拟罚款500元。{found}", defence=f"{who}无异议", reply="已记录"
        )
        self._keep(told)
        self._served(case, self._issued(case, DocumentKind.SPOT_DECISION, found))
        self._keep(
            statements.InspectionClosed(**self.said(case), outcome=Outcome.PENALISED_ON_SPOT)
        )

    def _seen(self, case: str, found: str) -> Statement:
        blob = self.blob(self.seed.randbytes(16), "image/jpeg")
        place = statements.Place(text=found[-6:], source="gps", latitude=28.1, longitude=115.9)
        return _changed(acts.photo(self, case), blob=blob, place=place, purpose=f"证明{found}")

    def _issued(self, case: str, kind: DocumentKind, text: str) -> str:
        number = f"云市监〔2026〕{self.seed.randint(1, 9999)}号"
        pieces = [Piece(f"piece_{n}", f"{n}{text}") for n in range(PIECES[kind])]
        decided = spot_fine() if kind is DocumentKind.SPOT_DECISION else None
        return self._keep(acts.document(self, case, kind, number, decided, pieces))

    def _served(self, case: str, issued: str) -> None:
        self._keep(acts.served(self, case, _Issued(issued)))  # type: ignore[arg-type]


class _Issued:
    def __init__(self, record: str) -> None:
        self.hex = record


def _changed(statement: Statement, **fields: Any) -> Statement:
    return type(statement)(
        **{**{f: getattr(statement, f) for f in statement.__struct_fields__}, **fields}
    )
