"""What leaves the server to be checked by others: case files, and the keys to check them with.

$ fujie-server export 云市监检〔2026〕318号 case.zip
$ fujie-server trust trust.json
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from sync_server.cases import casefiles
from sync_server.clock import system_clock
from sync_server.commands import Adder, Say, command
from sync_server.commands.tasks import find_case
from sync_server.services import reading
from sync_server.settings import Settings


def add(add_parser: Adder) -> None:
    """Declare the commands of this module."""
    one = add_parser("export", help="write a case as one file that anyone can check")
    one.add_argument("case", help="the case's id or its inspection number")
    one.add_argument("out", type=Path, help="the file to write, such as case.zip")
    command(one, lambda s, a, say: export(s, a.case, a.out, say))

    one = add_parser("trust", help="write the keys that fujie-verify needs: log and agency roots")
    one.add_argument("out", type=Path, help="the file to write, such as trust.json")
    command(one, lambda s, a, say: trust(s, a.out, say))


def export(settings: Settings, case: str, out: Path, say: Say) -> int:
    """Write the case file of a case, named by its id or its inspection number."""
    with reading(settings, system_clock()) as services:
        casefiles.write_casefile(services, find_case(services, case), out)
    say(str(out))
    return 0


def trust(settings: Settings, out: Path, say: Say) -> int:
    """Write what a verifier has to believe in: log, agencies' roots, witnesses."""
    with reading(settings, system_clock()) as services:
        roots = {
            agency: _one_or_all([root.public_key.hex() for root in known.roots])
            for agency, known in services.facts.registry.agencies.items()
        }
        told: dict[str, object] = {
            "log": _one_or_all(services.known_log_keys),
            "roots": roots,
        }
        if services.lost_log_keys:
            told["lost"] = services.lost_log_keys
        if services.cosigned.policy.keys:
            witnesses = services.cosigned.watch.keys
            told |= {"witnesses": witnesses, "quorum": services.cosigned.policy.quorum}
        out.write_bytes(msgspec.json.encode(told) + b"\n")
    say(str(out))
    return 0


def _one_or_all(keys: list[str]) -> str | list[str]:
    return keys[0] if len(keys) == 1 else keys
