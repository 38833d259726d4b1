"""When witnesses saw the log's heads, asked again and again."""

from pathlib import Path

import pytest

from protocol.witness import Policy, WitnessKey, cosign
from sync_server.log.cosigning import Cosigned, Watch
from sync_server.store.tables import COSIGNATURE
from tests.cast import seeded
from tests.sync_server.reports.simulated import simulated


def test_a_line_is_verified_once_and_an_altered_one_counts_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    witness = seeded("a witness")
    key = WitnessKey("w1.example", witness.verifier.public_key)
    verified, real = [], WitnessKey.time_of
    monkeypatch.setattr(WitnessKey, "time_of", lambda *told: verified.append(told) or real(*told))
    with simulated(tmp_path / "data", 1) as county:
        services = county.services
        settings, watch = services.settings, Watch((), Policy((key,), 1))
        cosigned = Cosigned(
            services.db, services.sequencer, settings.origin, services.keyring.logs, watch
        )
        for at in (1_790_000_000_000, 1_790_000_100_000):
            head = services.sequencer.head
            text = head.note.decode().rpartition("\n\n")[0] + "\n"
            cosigned.keep(head, key, cosign(text, key.name, witness, at))
            county.keep([b"one more"])
        told = [1_790_000_000_000, 1_790_000_100_000]
        assert [at for _, at in cosigned.times()] == told
        assert [at for _, at in cosigned.times()] == told
        assert len(verified) == 2
        with services.db.writer.begin() as connection:
            first = connection.execute(COSIGNATURE.select().order_by(COSIGNATURE.c.size)).first()
            assert first is not None
            other = cosign("other\n", key.name, witness, 1_780_000_000_000)
            connection.execute(
                COSIGNATURE.update().where(COSIGNATURE.c.size == first.size).values(line=other)
            )
        assert [at for _, at in cosigned.times()] == told[1:]
