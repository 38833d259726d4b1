"""The small world with officers who hold a second key, of the suite SM2.

world = SuitesWorld()                    both officers sign by both keys
world.signs[LU] = [world.second[LU].signer]      from now on by SM2 alone
case_parts(world, world.inspection())    a case file whose keys include the second ones
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pytest

from protocol import casekeys, credential, envelope, sm2, statements
from protocol.casefile import CaseFileParts
from protocol.envelope import Envelope
from protocol.keys import Signer, Sm2Signer, Verifier
from protocol.statements import Statement
from tests import casefiles
from tests.cast import START, Inspection, Officer, Person
from tests.worlds import World

SHEN, LU = "00992304117", "00992304132"


@contextmanager
def without_sm2() -> Iterator[None]:
    """An installation without the suite: cffi cannot be imported."""
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(sys.modules, "cffi", None)
            _forget()
            assert not sm2.available()
            yield
    finally:
        _forget()


def _forget() -> None:
    sm2._openssl.cache_clear()


def seeded_sm2(label: str) -> Sm2Signer:
    """A key that is the same in every run."""
    return Sm2Signer(hashlib.sha256(b"fujie/tests/sm2 " + label.encode()).digest())


def second_key(world: World, officer: Officer) -> Officer:
    """The same officer with an SM2 key, certified by a credential of its own."""
    signer = seeded_sm2(officer.cert_no)
    key = signer.verifier
    claims = replace(officer.claims, public_key=key.public_key, algorithm=key.algorithm)
    return Officer(signer, claims, credential.issue_officer(world.issuer, claims))


class Damaged:
    """A signer whose signatures are in good form and do not hold."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    @property
    def verifier(self) -> Verifier:
        """The key that did not make them."""
        return self._signer.verifier

    def sign(self, data: bytes) -> bytes:
        """A signature over something else."""
        return self._signer.sign(data + b"\n")


class SuitesWorld(World):
    """``signs`` says by which keys an officer signs, by certificate number."""

    def __init__(self, start: int = START) -> None:
        self.signs: dict[str, Sequence[Signer]] = {}
        super().__init__(start)
        self.second = {one.cert_no: second_key(self, one) for one in (self.shen, self.lu)}
        self.signs = {
            one.cert_no: [one.signer, self.second[one.cert_no].signer]
            for one in (self.shen, self.lu)
        }

    def sign(self, statement: Statement, *by: Person) -> Envelope:
        """The envelope, signed by whichever keys each person uses."""
        signers: list[Signer] = []
        for person in by:
            own = [person.signer]
            signers += self.signs.get(person.cert_no, own) if isinstance(person, Officer) else own
        once = {one.verifier.key_id: one for one in signers}
        body = statements.encode(statement)
        return envelope.sign(envelope.STATEMENT_TYPE, body, once.values())


def case_parts(world: SuitesWorld, case: Inspection) -> CaseFileParts:
    """The parts of a case file, with the certificates of the second keys."""
    parts = casefiles.case_parts(world, case)
    second = [casekeys.officer_key(o.claims, o.credential) for o in world.second.values()]
    return replace(parts, keys=[*parts.keys, *second])
