"""SM2 signatures with SM3 (GM/T 0003.2, GB/T 32918.2), by the system's OpenSSL. The second suite.

    public key   04 ‖ x ‖ y, 65 bytes, uncompressed (GM/T 0009 §7.1); no other encoding is taken
    signature    r ‖ s, 64 bytes, both from 1 to n - 1; never DER
    user id      1234567812345678, the default of GM/T 0009 §10: fixed, since the key's holder is
                 said by a certificate; SM3 runs inside, over Z and the message

Nothing here computes on the curve: ``libcrypto.so.3`` does, called through cffi by its stable
EVP functions (ADR 0025). It is looked for at the first use and tried on the standard's own
example; where it is absent, or built without SM2, ``available`` says no, forms are still judged,
and what only the curve could answer raises ``Uncheckable``. Signing draws its random number
inside OpenSSL.

>>> well_formed(bytes(64))
False
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from protocol.errors import FujieError, Malformed, Uncheckable

KEY_SIZE = 65
SIGNATURE_SIZE = 64
SECRET_SIZE = 32
USER_ID = b"1234567812345678"
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
"""n, the order of the base point (GM/T 0003.5)."""

_LIBRARY = "libcrypto.so.3"
_CURVE = bytes.fromhex("301306072a8648ce3d020106082a811ccf5501822d")  # 1.2.156.10197.1.301
_PUBLIC = bytes.fromhex("3059") + _CURVE + bytes.fromhex("034200")
"""DER of a SubjectPublicKeyInfo, up to the point."""
_SECRET = bytes.fromhex("3041020100") + _CURVE + bytes.fromhex("042730250201010420")
"""DER of a PrivateKeyInfo (PKCS #8), up to the number."""

_FUNCTIONS = """
typedef ... EVP_PKEY; typedef ... EVP_PKEY_CTX; typedef ... EVP_MD_CTX; typedef ... EVP_MD;
EVP_PKEY *d2i_PUBKEY(EVP_PKEY **, const unsigned char **, long);
EVP_PKEY *d2i_AutoPrivateKey(EVP_PKEY **, const unsigned char **, long);
int i2d_PUBKEY(const EVP_PKEY *, unsigned char **);
int EVP_PKEY_is_a(const EVP_PKEY *, const char *);
void EVP_PKEY_free(EVP_PKEY *);
EVP_PKEY_CTX *EVP_PKEY_CTX_new(EVP_PKEY *, void *);
int EVP_PKEY_CTX_set1_id(EVP_PKEY_CTX *, const void *, int);
void EVP_PKEY_CTX_free(EVP_PKEY_CTX *);
EVP_MD_CTX *EVP_MD_CTX_new(void);
void EVP_MD_CTX_set_pkey_ctx(EVP_MD_CTX *, EVP_PKEY_CTX *);
void EVP_MD_CTX_free(EVP_MD_CTX *);
const EVP_MD *EVP_sm3(void);
int EVP_DigestVerifyInit(EVP_MD_CTX *, EVP_PKEY_CTX **, const EVP_MD *, void *, EVP_PKEY *);
int EVP_DigestVerify(EVP_MD_CTX *, const unsigned char *, size_t, const unsigned char *, size_t);
int EVP_DigestSignInit(EVP_MD_CTX *, EVP_PKEY_CTX **, const EVP_MD *, void *, EVP_PKEY *);
int EVP_DigestSign(EVP_MD_CTX *, unsigned char *, size_t *, const unsigned char *, size_t);
int ERR_set_mark(void);
int ERR_pop_to_mark(void);
"""

# GM/T 0003.5-2012, A.2: what any library must be able to verify before it is believed.
_EXAMPLE_KEY = bytes.fromhex(
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
_EXAMPLE = b"message digest"
_EXAMPLE_SIGNATURE = bytes.fromhex(
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)


class _OpenSSL:
    """The few functions that are needed, by bytes. A key is an EVP_PKEY that frees itself."""

    def __init__(self) -> None:
        # Late, so that programs without SM2 keys never load it. Raises ImportError, OSError.
        from cffi import FFI

        self._ffi = FFI()
        self._ffi.cdef(_FUNCTIONS)
        self._lib = self._ffi.dlopen(_LIBRARY)

    def public_key(self, point: bytes) -> Any | None:
        """The key of an encoded point; None if it does not lie on the curve."""
        return self._read(self._lib.d2i_PUBKEY, _PUBLIC + point)

    def secret_key(self, number: bytes) -> Any | None:
        """The key of a secret number; None if OpenSSL takes it for none."""
        return self._read(self._lib.d2i_AutoPrivateKey, _SECRET + number)

    def point(self, key: Any) -> bytes:
        """A key's public point, uncompressed."""
        written = self._ffi.new("unsigned char[]", 2 * len(_PUBLIC) + KEY_SIZE)
        size = self._lib.i2d_PUBKEY(key, self._ffi.new("unsigned char *[1]", [written]))
        return bytes(self._ffi.buffer(written, size)[len(_PUBLIC) :])

    def verify(self, key: Any, data: bytes, der: bytes) -> bool:
        """Whether ``key`` made the signature ``der`` over ``data``. Releases the GIL."""
        lib, null = self._lib, self._ffi.NULL
        lib.ERR_set_mark()
        context, keyed = self._context(key)
        begun = bool(lib.EVP_DigestVerifyInit(context, null, lib.EVP_sm3(), null, key) == 1)
        holds = begun and bool(lib.EVP_DigestVerify(context, der, len(der), data, len(data)) == 1)
        # The queue of errors is shared with ssl: what we leave there would look like its own.
        lib.ERR_pop_to_mark()
        self._release(context, keyed)
        return holds

    def sign(self, key: Any, data: bytes) -> bytes | None:
        """A signature in DER; None if OpenSSL could not."""
        lib, ffi = self._lib, self._ffi
        lib.ERR_set_mark()
        context, keyed = self._context(key)
        size, made = ffi.new("size_t *", 80), ffi.new("unsigned char[]", 80)
        begun = lib.EVP_DigestSignInit(context, ffi.NULL, lib.EVP_sm3(), ffi.NULL, key) == 1
        done = begun and lib.EVP_DigestSign(context, made, size, data, len(data)) == 1
        lib.ERR_pop_to_mark()
        self._release(context, keyed)
        return bytes(ffi.buffer(made, size[0])) if done else None

    def _context(self, key: Any) -> tuple[Any, Any]:
        """A digest context that states the user id, and the key's, which must outlive it."""
        lib, ffi = self._lib, self._ffi
        keyed = ffi.gc(lib.EVP_PKEY_CTX_new(key, ffi.NULL), lib.EVP_PKEY_CTX_free)
        if lib.EVP_PKEY_CTX_set1_id(keyed, USER_ID, len(USER_ID)) != 1:
            raise MemoryError  # the only reason that it can have
        context = ffi.gc(lib.EVP_MD_CTX_new(), lib.EVP_MD_CTX_free)
        if context == ffi.NULL:
            raise MemoryError
        lib.EVP_MD_CTX_set_pkey_ctx(context, keyed)
        return context, keyed

    def _release(self, *held: Any) -> None:
        for one in held:
            self._ffi.release(one)

    def _read(self, reader: Any, der: bytes) -> Any | None:
        lib, ffi = self._lib, self._ffi
        held = ffi.new("unsigned char[]", der)
        lib.ERR_set_mark()
        found = reader(ffi.NULL, ffi.new("const unsigned char *[1]", [held]), len(der))
        lib.ERR_pop_to_mark()
        if found == ffi.NULL:
            return None
        key = ffi.gc(found, lib.EVP_PKEY_free)
        return key if lib.EVP_PKEY_is_a(key, b"SM2") == 1 else None


@cache
def _openssl() -> _OpenSSL | None:
    """OpenSSL, if it is here and verifies the standard's example."""
    try:
        found = _OpenSSL()
        key = found.public_key(_EXAMPLE_KEY)
        der = _der(_EXAMPLE_SIGNATURE)
        able = key is not None and found.verify(key, _EXAMPLE, der)
        wrong = able and found.verify(key, _EXAMPLE + b".", der)
    except (ImportError, OSError, AttributeError):  # AttributeError: built without SM2 or SM3
        return None
    return found if able and not wrong else None


def available() -> bool:
    """Whether this installation can check and make SM2 signatures."""
    return _openssl() is not None


def expect_key(public_key: bytes) -> None:
    """Raises Malformed for what is no public key; without OpenSSL, judges the form alone."""
    if len(public_key) != KEY_SIZE or public_key[0] != 4:
        raise Malformed(
            "expected an SM2 public key of {size} bytes that begins with 04; ask for the key again",
            size=KEY_SIZE,
        )
    library = _openssl()
    if library and _public_key(library, public_key) is None:
        raise Malformed("expected a point of the SM2 curve as key; make a new key pair")


def well_formed(signature: bytes) -> bool:
    """Whether a signature is r ‖ s with both in range; all that can be said without the curve."""
    r, s = signature[:32], signature[32:]
    return len(signature) == SIGNATURE_SIZE and all(
        0 < int.from_bytes(part, "big") < ORDER for part in (r, s)
    )


def verify(public_key: bytes, data: bytes, signature: bytes) -> bool:
    """Whether the key made ``signature`` over ``data``. Raises Uncheckable without OpenSSL, but
    only for a signature in good form."""
    if not well_formed(signature):
        return False
    library = _library()
    key = _public_key(library, public_key)
    return key is not None and library.verify(key, data, _der(signature))


class SecretKey:
    """A secret number from 1 to n - 2, 32 bytes. Raises Malformed, Uncheckable."""

    def __init__(self, number: bytes) -> None:
        in_range = 0 < int.from_bytes(number, "big") < ORDER - 1
        library = _library()
        key = library.secret_key(number) if len(number) == SECRET_SIZE and in_range else None
        if key is None:
            raise Malformed(
                "expected an SM2 secret of {size} bytes below the curve's order; draw another",
                size=SECRET_SIZE,
            )
        self._library, self._key = library, key

    def public_key(self) -> bytes:
        """The public half."""
        return self._library.point(self._key)

    def sign(self, data: bytes) -> bytes:
        """r ‖ s, different every time."""
        der = self._library.sign(self._key, data)
        if der is None:
            raise FujieError("expected a signature from OpenSSL, got none; try again")
        return _raw(der)


def _library() -> _OpenSSL:
    found = _openssl()
    if found is None:
        raise Uncheckable(
            "expected OpenSSL 3 with SM2 on this machine, found none; install it and fujie[sm]"
        )
    return found


@lru_cache(maxsize=1024)
def _public_key(library: _OpenSSL, public_key: bytes) -> Any | None:
    return library.public_key(public_key)


def _der(signature: bytes) -> bytes:
    """OpenSSL's form of r ‖ s: a DER sequence of two integers."""
    parts = b"".join(_integer(signature[at : at + 32]) for at in (0, 32))
    return b"\x30" + bytes([len(parts)]) + parts


def _integer(number: bytes) -> bytes:
    short = number.lstrip(b"\0")
    short = b"\0" + short if short[:1] >= b"\x80" else short
    return b"\x02" + bytes([len(short)]) + short


def _raw(der: bytes) -> bytes:
    """r ‖ s of what OpenSSL wrote. Both are shorter than 34 bytes, so lengths take one byte."""
    divide = 4 + der[3]
    parts = (der[4:divide], der[divide + 2 :])
    return b"".join(int.from_bytes(part, "big").to_bytes(32, "big") for part in parts)
