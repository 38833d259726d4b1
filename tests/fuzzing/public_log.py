"""Targets: the log as its readers get it. Tiles, bundles, cosigned heads, successions in a row."""

from __future__ import annotations

from protocol import merkle
from protocol.checkpoint import open_checkpoint
from protocol.errors import Malformed
from protocol.succession import read_chain, write_chain
from protocol.tiles import Tile, TiledLog, decode_bundle, encode_bundle, tiles_of
from protocol.witness import Policy, WitnessKey, cosign, with_lines
from protocol.witnessing import Submission
from tests.cast import ORIGIN, seeded
from tests.fuzzing.files import framed, unframed
from tests.fuzzing.scene import scene
from tests.fuzzing.target import FORM, NOW, PROOF, Target, frozen, strings, text, unhex

WITNESSES = ("witness.example/w1", "witness.example/w2")


def targets() -> list[Target]:
    """Every one of them."""
    return [*_tiles(), *_witnesses(), *_chains()]


def _tiles() -> list[Target]:
    log = scene().world.log
    head = open_checkpoint(log.checkpoint(), [log.key], ORIGIN)
    served = {
        tile.path: b"".join(log.get(tile.first[0], n) for n in _hashes_of(tile))
        for tile in tiles_of(head.size)
    }
    bundle = encode_bundle(log.entries)
    served[Tile(None, 0, head.size).path] = bundle
    paths = frozen("tiles")

    def monitored(data: bytes) -> object:
        """Every leaf, through tiles of which none is believed."""
        files = unframed(data)

        def fetch(tile: Tile) -> bytes:
            if tile.path not in files:
                raise Malformed("expected a tile")
            return files[tile.path]

        log = TiledLog(head, fetch)
        return list(log.entries()), merkle.inclusion_proof(0, head.size, log.get)

    return [
        Target(
            "tile's path",
            (*map(str.encode, paths["good"]["paths"]), *strings(paths["bad"]["paths"])),
            text(Tile.parse),
            rewrite=lambda tile: tile.path.encode(),
        ),
        Target(
            "bundle",
            (bundle,),
            lambda data: decode_bundle(data, head.size),
            rewrite=encode_bundle,
        ),
        Target("log by its tiles", (framed(served),), monitored, PROOF, proves=True, slow=20),
    ]


def _hashes_of(tile: Tile) -> range:
    return range(tile.first[1], tile.first[1] + tile.width)


def cosigned() -> bytes:
    """The log's head under two witnesses."""
    note = scene().world.log.checkpoint()
    body = note.decode().rpartition("\n\n")[0] + "\n"
    return with_lines(note, (cosign(body, name, seeded(name), NOW) for name in WITNESSES))


def policy() -> Policy:
    """Both of them are asked for."""
    keys = (WitnessKey(name, seeded(name).verifier.public_key) for name in WITNESSES)
    return Policy(tuple(keys), 2)


def _witnesses() -> list[Target]:
    log, vectors = scene().world.log, frozen("witness")
    asked = policy()
    keys = tuple(key.text().encode() for key in asked.keys)
    sent = tuple(one for one in strings(vectors) if one.startswith(b"old "))

    def seen(data: bytes) -> object:
        return open_checkpoint(data, [log.key], ORIGIN, asked)

    return [
        Target(
            "witness's key",
            (*keys, log.key.text().encode()),
            text(WitnessKey.parse),
            rewrite=lambda key: key.text().encode(),
        ),
        Target("cosigned checkpoint", (cosigned(),), seen, PROOF, proves=True),
        Target("submission to a witness", sent, Submission.decode, rewrite=Submission.encode),
    ]


def _chains() -> list[Target]:
    one = unhex(frozen("trust")["good"]["succession"])
    return [
        Target(
            "successions in a row",
            (write_chain([one, one]),),
            read_chain,
            FORM,
            rewrite=write_chain,
            one_form=False,
        )
    ]
