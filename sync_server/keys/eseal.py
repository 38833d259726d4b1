"""The agency's e-seal on a PDF: PAdES, with the time of an RFC 3161 service.

    sealed = seal(pdf, settings, agency, "云溪县市场监督管理局", reason="归档")
    read(sealed)        [Seal(by="云溪县市场监督管理局", issuer=…, whole=True, at=…)]

    FUJIE_SEALS=<folder>        <agency>.p12 and <agency>.password, from a licensed authority
    FUJIE_TSA=<address>         its time-stamp service
    without them                a test authority in <data>/keys (``testauthority.py``)

A seal is the signature; no picture of one is printed. That ``read`` finds a seal whole says that
the PDF is as it was sealed, not that anybody should trust the authority: a PDF reader judges that.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from protocol.errors import Refused
from sync_server.keys import testauthority
from sync_server.settings import Settings

if TYPE_CHECKING:
    from pyhanko.sign.signers import SimpleSigner
    from pyhanko.sign.timestamps import TimeStamper
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

FIELD = "AgencySeal"


class NoSeal(Refused):
    """The agency's seal cannot be used."""


@dataclass(frozen=True)
class Seal:
    """A seal as it stands in a PDF. ``whole``: the signature holds over these bytes, and nothing
    came behind it; ``at`` is the time-stamp service's (ms), None where there is none."""

    by: str
    issuer: str
    whole: bool
    at: int | None


def seal(pdf: bytes, settings: Settings, agency: str, name: str, *, reason: str, at: int) -> bytes:
    """The PDF with the agency's seal; ``at`` is the test service's time (ms). Raises NoSeal."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    signer = _signer(settings, agency, name)
    made = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        name=name,
        reason=reason,
    )
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    stamper = _stamper(settings, at)
    try:
        out = signers.PdfSigner(made, signer=signer, timestamper=stamper).sign_pdf(writer)
    except Exception as fault:  # noqa: BLE001  (whatever a distant service answers)
        raise NoSeal(
            "the agency's seal could not be set ({fault}); check FUJIE_SEALS and FUJIE_TSA, and "
            "try again",
            fault=f"{type(fault).__name__}: {fault}"[:200],
        ) from None
    return bytes(out.getbuffer())


def read(pdf: bytes) -> list[Seal]:
    """The seals of a PDF, the first one first; empty for one that is no PDF or has none."""
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.general import SigningError
    from pyhanko.sign.validation.errors import SignatureValidationError

    try:
        return [_seal_of(one) for one in PdfFileReader(BytesIO(pdf)).embedded_signatures]
    except (PdfError, SigningError, SignatureValidationError, ValueError):
        return []


def _seal_of(one: EmbeddedPdfSignature) -> Seal:
    """What one signature says. Chains are not judged: which authority to trust is the reader's."""
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    one.compute_integrity_info()  # type: ignore[no-untyped-call]
    intact, valid = validate_sig_integrity(
        one.signer_info, one.signer_cert, "data", one.compute_digest()
    )
    certificate = one.signer_cert
    return Seal(
        by=str(certificate.subject.native.get("common_name", "")),
        issuer=str(certificate.issuer.native.get("common_name", "")),
        whole=intact and valid and one.coverage is SignatureCoverageLevel.ENTIRE_FILE,
        at=_stamped(one),
    )


def _stamped(one: EmbeddedPdfSignature) -> int | None:
    """The time (ms) of the stamp over a signature, if its own signature holds."""
    from pyhanko.sign.general import extract_certificate_info, extract_signer_info
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity

    tokens = [
        token["content"]
        for attribute in one.signer_info["unsigned_attrs"]
        if attribute["type"].native == "signature_time_stamp_token"
        for token in attribute["values"]
    ]
    if not tokens:
        return None
    signed = tokens[0]
    content = signed["encap_content_info"]["content"]
    info = extract_signer_info(signed)
    digest = hashlib.new(info["digest_algorithm"]["algorithm"].native, bytes(content)).digest()
    certificate = extract_certificate_info(signed).signer_cert
    intact, valid = validate_sig_integrity(info, certificate, "tst_info", digest)
    imprint = content.parsed["message_imprint"]
    over = hashlib.new(
        imprint["hash_algorithm"]["algorithm"].native, one.signer_info["signature"].native
    )
    if not (intact and valid and over.digest() == imprint["hashed_message"].native):
        return None
    return int(content.parsed["gen_time"].native.timestamp() * 1000)


def _signer(settings: Settings, agency: str, name: str) -> SimpleSigner:
    if settings.seals is None:
        return _loaded(testauthority.seal(settings.keys, agency, name), None)
    certificate = settings.seals / f"{agency}.p12"
    password = settings.seals / f"{agency}.password"
    try:
        return _loaded(certificate.read_bytes(), _secret(password))
    except (OSError, ValueError, AssertionError):
        raise NoSeal(
            "expected the agency's seal in {file} (PKCS#12) and its password beside it, found "
            "none that opens; ask the authority that issued it",
            file=certificate.name,
        ) from None


def _secret(path: Path) -> bytes | None:
    return path.read_bytes().rstrip(b"\r\n") if path.exists() else None


@lru_cache(maxsize=64)
def _loaded(packed: bytes, password: bytes | None) -> SimpleSigner:
    from pyhanko.sign.signers import SimpleSigner

    signer = SimpleSigner.load_pkcs12_data(packed, other_certs=[], passphrase=password)
    if not isinstance(signer, SimpleSigner):
        raise ValueError("no key in it")
    return signer


def _stamper(settings: Settings, at: int) -> TimeStamper:
    from pyhanko.sign.timestamps import DummyTimeStamper

    if settings.tsa:
        from pyhanko.sign.timestamps.requests_client import HTTPTimeStamper

        return HTTPTimeStamper(settings.tsa, timeout=20)  # type: ignore[no-untyped-call]
    loaded = _loaded(testauthority.time_service(settings.keys), None)
    return DummyTimeStamper(
        tsa_cert=loaded.signing_cert,
        tsa_key=loaded.signing_key,
        certs_to_embed=loaded.cert_registry,
        fixed_dt=datetime.fromtimestamp(at / 1000, UTC),
    )
