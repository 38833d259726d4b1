"""Bodies of what is stated about keys, journals, lists and the log."""

from tests.vectors.bodies import blob, body, named
from tests.vectors.materials import AT, b64

REGISTRY = [
    body("device_key_asked", {"device": "YX-T07"}, case=None),
    body("device_rekeyed", {"device": "YX-T07", "certificate": b64(b"new certificate")}, case=None),
    body(
        "officer_key_retired",
        {
            "cert_no": "00992304117",
            "key": named("officer key"),
            "reason": "平板遗失",
            "effective_at": AT,
        },
        case=None,
    ),
    body(
        "journal_closed",
        {
            "device": "YX-T07",
            "journal": named("journal")[:32],
            "length": 12,
            "head": named("head"),
            "reason": "分叉",
            "successor": named("next journal")[:32],
        },
        case=None,
    ),
    body(
        "evidence_adopted",
        {
            "device": "YX-T07",
            "journal": named("journal")[:32],
            "export": blob("export", "application/octet-stream"),
            "first": 9,
            "last": 11,
            "reason": "平板停用前未发送的记录",
        },
        case=None,
    ),
    body(
        "catalogue_changed",
        {
            "catalogue": "review",
            "version": 3,
            "content": blob("catalogue", "application/json"),
            "reason": "省级标准调整",
        },
        case=None,
    ),
    body(
        "log_keys_changed",
        {
            "keys": ["log.yunxi.example/fujie+0a1b2c3d+AQID"],
            "compromised": [],
            "since": None,
            "reason": "定期更换",
        },
        case=None,
    ),
    body(
        "agency_rerooted",
        {"root_key": named("new root key"), "issuer": b64(b"issuer under the new root")},
        case=None,
    ),
    body("succession_opened", {"succession": b64(b"an envelope")}, case=None),
]
