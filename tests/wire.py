"""One message of each kind that tablet and server exchange, with all that it can hold."""

from __future__ import annotations

from protocol.messages import (
    Admitted,
    DeviceAdmitted,
    DeviceWanted,
    Found,
    Message,
    OfficerAdmitted,
    OfficeRecord,
    OfficerWanted,
    PullAnswer,
    Push,
    PushAnswer,
    PushItem,
    RecoveryKept,
    Rekeyed,
    RekeyWanted,
    Run,
    UploadGranted,
    UploadWanted,
)

KEY, AT = bytes(range(32)), 1_790_000_000_000
CODE = "7QF4-XK2M-9TRC-WH3D"
RECORD = OfficeRecord(link=b"l" * 153, statement=b"s", receipt=b"r")
WANTED = DeviceWanted(
    name="YX-T07", public_key=KEY, journal=KEY[:16], nonce=KEY[16:], proof=b"p" * 64
)
ADMITTED = DeviceAdmitted(
    at=AT,
    agency="11990123MB0000001A",
    root_key=KEY,
    issuer=b"i",
    certificate=b"c",
    recovery_key=KEY,
    log_key="log.yunxi.example/fujie+d2e5bbf0+…",
    origin="log.yunxi.example/fujie",
    address="https://log.yunxi.example",
    reference=b"r",
    grants=[RECORD],
)
ALL: list[Message] = [
    Push(inventory=b"i", items=[PushItem(link=b"l" * 153), PushItem(link=b"l", statement=b"s")]),
    PushAnswer(
        at=AT,
        length=2,
        head=KEY,
        admitted=[Admitted(index=7, entry=b"e", proof=[KEY, KEY])],
        checkpoint=b"c",
    ),
    PullAnswer(
        at=AT,
        cursor=9,
        records=[RECORD],
        more=True,
        findings=[Found(code="flagged", severity="watch", zh="存疑接收", en="flagged", since=AT)],
    ),
    UploadWanted(sha256=KEY, size=12),
    UploadGranted(at=AT, path="/v1/blobs/1", token="t", expires_at=AT + 1, offset=3),
    UploadGranted(at=AT, path="", token="", expires_at=AT, offset=3, complete=True, stored=RECORD),
    WANTED,
    ADMITTED,
    OfficerWanted(cert_no="00992304117", public_key=KEY, proof=b"p", code_tag=KEY),
    OfficerAdmitted(at=AT, credential=b"c"),
    RecoveryKept(sealed=b"s"),
    RekeyWanted(public_key=KEY, proof=b"p" * 64),
    Rekeyed(at=AT, certificate=b"c"),
    PushAnswer(
        at=AT,
        length=2,
        head=KEY,
        admitted=[],
        checkpoint=b"c",
        runs=[Run(first=7, count=2, at=AT, flags={1: b"\x02"})],
        beside=[KEY],
    ),
]
