"""A certificate of our own for `--https`: browsers keep the screen awake on secure pages only.

It is kept, so that a phone has to be told once; the authority that signed it is forgotten at once, so that it
can never sign another. A new name, a new address or its last weeks make a new one.
"""

from __future__ import annotations

import hashlib
import os
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from pacer.errors import InputError

VALID = timedelta(days=397)  # what browsers accept of public authorities, the strictest of their rules
RENEW = timedelta(days=30)  # before its end: nobody wants to confirm a new one on the day of a race


def context(folder: Path, names: Sequence[str], now: datetime | None = None) -> tuple[ssl.SSLContext, str]:
    """Returns a server's TLS context for these names and addresses, and the certificate's SHA-256.

    Raises:
        InputError: the folder cannot be written.
    """
    now = now or datetime.now(UTC)
    mark = hashlib.sha256(" ".join(sorted(names)).encode()).hexdigest()[:16]
    path = folder / f"https-{mark}.pem"
    try:
        if not _good(path, now):
            _write(path, names, now)
        pem = path.read_bytes()
    except OSError as error:
        raise InputError(f"certificate {path}: {error.strerror}") from error
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(path)
    return made, _fingerprint(pem)


def _good(path: Path, now: datetime) -> bool:
    try:
        leaf = x509.load_pem_x509_certificates(path.read_bytes())[0]
    except (FileNotFoundError, ValueError):
        return False
    return leaf.not_valid_before_utc <= now < leaf.not_valid_after_utc - RENEW


def _write(path: Path, names: Sequence[str], now: datetime) -> None:
    leaf = trustme.CA(organization_name="pacer").issue_cert(*names, not_after=now + VALID)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(leaf.private_key_and_cert_chain_pem.bytes())
    fresh.replace(path)


def _fingerprint(pem: bytes) -> str:
    leaf = x509.load_pem_x509_certificates(pem)[0]
    digest = hashlib.sha256(leaf.public_bytes(Encoding.DER)).hexdigest().upper()
    return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))
