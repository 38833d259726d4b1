"""The agency's e-seal: whole or not, by whose certificate, with whose time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from asn1crypto import tsp
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.timestamps import DummyTimeStamper

from sync_server.documents import typeset
from sync_server.keys import eseal, testauthority
from sync_server.keys.eseal import NoSeal
from sync_server.settings import Settings
from tests.sync_server.test_typeset import REMARKS

AGENCY, NAME, AT = "11990123MB0000001A", "云溪县市场监督管理局", 1_790_000_000_000


@pytest.fixture(scope="module")
def pdf() -> bytes:
    """A sheet that nobody sealed."""
    return typeset.typeset("casefile", REMARKS)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A server without a certificate of its own."""
    return Settings(tmp_path_factory.mktemp("seals"))


def sealed(pdf: bytes, settings: Settings) -> bytes:
    return eseal.seal(pdf, settings, AGENCY, NAME, reason="归档", at=AT)


def test_a_seal_says_who_and_when_and_keeps_the_sheet(pdf: bytes, keys: Settings) -> None:
    """The sheet's own bytes are unchanged before it; a test authority says that it is one."""
    made = sealed(pdf, keys)
    assert made.startswith(pdf)
    assert b"ETSI.CAdES.detached" in made
    (found,) = eseal.read(made)
    assert (found.whole, found.at) == (True, AT)
    assert (found.by, found.issuer) == (f"{NAME}（测试）", testauthority.AUTHORITY)
    assert "无法律效力" in found.issuer


def test_whatever_is_changed_or_added_shows(pdf: bytes, keys: Settings) -> None:
    """A byte of the sheet; another revision behind the seal; a seal cut away is none."""
    made = sealed(pdf, keys)
    at = made.index(b"stream") + 100
    changed = made[:at] + bytes([made[at] ^ 1]) + made[at + 1 :]
    assert [one.whole for one in eseal.read(changed)] in ([False], [])
    assert next(one.whole for one in eseal.read(sealed_twice(made, keys))) is False
    assert eseal.read(pdf) == eseal.read(b"no PDF") == []


def sealed_twice(made: bytes, keys: Settings) -> bytes:
    """Something came behind the seal."""
    from io import BytesIO

    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(BytesIO(made))
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def own_seal(folder: Path, password: bytes) -> None:
    """A certificate as a licensed authority would hand it over."""
    key, made, chain = pkcs12.load_key_and_certificates(
        testauthority.seal(folder / "elsewhere", "x", "云溪县印章"), None
    )
    assert key is not None
    packed = pkcs12.serialize_key_and_certificates(
        b"seal",
        key,
        made,
        chain,
        BestAvailableEncryption(password),  # type: ignore[arg-type]
    )
    (folder / f"{AGENCY}.p12").write_bytes(packed)


def test_the_agencys_own_certificate_is_used_where_one_is_set(pdf: bytes, tmp_path: Path) -> None:
    """With the password in the file beside it."""
    own_seal(tmp_path, b"sesame")
    (tmp_path / f"{AGENCY}.password").write_text("sesame\n")
    (found,) = eseal.read(sealed(pdf, Settings(tmp_path, seals=tmp_path)))
    assert (found.by, found.whole) == ("云溪县印章（测试）", True)


@pytest.mark.parametrize("password", ["wrong", None])
def test_a_certificate_that_does_not_open_seals_nothing(
    pdf: bytes, tmp_path: Path, password: str | None
) -> None:
    """Nor does the test authority step in for it."""
    own_seal(tmp_path, b"sesame")
    if password:
        (tmp_path / f"{AGENCY}.password").write_text(password)
    with pytest.raises(NoSeal, match=f"{AGENCY}.p12"):
        sealed(pdf, Settings(tmp_path, seals=tmp_path))


@pytest.fixture
def tsa(keys: Settings) -> Iterator[str]:
    """A time-stamp service on a port of this machine; its clock stands on a day of its own."""
    signer = SimpleSigner.load_pkcs12_data(testauthority.time_service(keys.keys), [])
    clock = DummyTimeStamper(
        signer.signing_cert, signer.signing_key, fixed_dt=datetime(2026, 11, 20, tzinfo=UTC)
    )

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["content-length"])))
            answer = clock.request_tsa_response(asked).dump()
            self.send_response(200)
            self.send_header("content-type", "application/timestamp-reply")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_the_time_comes_from_the_service_that_is_set(
    pdf: bytes, tsa: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 3161 over HTTP: its clock, not this machine's."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    (found,) = eseal.read(sealed(pdf, Settings(tmp_path, tsa=tsa)))
    assert found.at == int(datetime(2026, 11, 20, tzinfo=UTC).timestamp() * 1000)


def test_without_its_time_service_nothing_is_sealed(pdf: bytes, tmp_path: Path) -> None:
    """Who is not there is named; the sheet is not sealed without a time."""
    with pytest.raises(NoSeal, match="FUJIE_TSA"):
        sealed(pdf, Settings(tmp_path, tsa="http://127.0.0.1:9/"))


def test_who_seals_at_once_for_the_first_time_has_one_authority(tmp_path: Path) -> None:
    """Every certificate is by the key that is kept."""
    with ThreadPoolExecutor(4) as pool:
        packed = [*pool.map(lambda one: testauthority.seal(tmp_path, f"a{one}", "甲"), range(4))]
    _, root, _ = pkcs12.load_key_and_certificates(testauthority.authority(tmp_path), None)
    assert root is not None
    for one in packed:
        _, made, _ = pkcs12.load_key_and_certificates(one, None)
        assert made is not None
        made.verify_directly_issued_by(root)
