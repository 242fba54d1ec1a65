"""Signatures of bundles: who made one, for servers that take bundles of some people alone. Off unless keys are named.

What is signed is the seal, which stands for the whole bundle. Keys are those of Ed25519 (Bernstein et al., 2012) in
PEM, as `openssl genpkey -algorithm ed25519` and `openssl pkey -pubout` write them.
"""

import base64
import binascii
import os
from pathlib import Path
from typing import TYPE_CHECKING

from recommender.bundle import SIGNATURE
from recommender.bundle.plain_file import read_plain
from recommender.errors import BundleError, ConfigurationError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

TRUSTED_VARIABLE = "MATINEE_TRUSTED_KEYS"
_MOST_BYTES = 10_000  # of a key or a signature
_ABOUT = b"matinee bundle "  # so that a signature of ours stands for nothing else that was signed with the key


def trusted_keys() -> "dict[str, Ed25519PublicKey]":
    """File -> public key of those whose bundles are taken; none if all are.

    Raises:
      ConfigurationError: if a file that is named holds no such key, or the package is missing that reads them.
    """
    named = [name for name in os.environ.get(TRUSTED_VARIABLE, "").split(os.pathsep) if name.strip()]
    return {name: _public_key(Path(name).expanduser()) for name in named}


def check_signature(path: Path, seal: str) -> None:
    """Refuses a bundle that nobody has signed who is trusted; takes any where no keys are named.

    Args:
      path: the bundle's folder.
      seal: of its manifest.

    Raises:
      BundleError: if it has no signature, or none by a trusted key, or the keys cannot be read.
    """
    try:
        keys = trusted_keys()
    except ConfigurationError as error:
        raise BundleError(f"{path}: is not taken, as its signature cannot be examined: {error}") from error
    if not keys:
        return
    try:
        signature = base64.b64decode(read_signature(path))
    except FileNotFoundError:
        raise BundleError(
            f"{path}: is not signed, and this server takes signed bundles alone ({TRUSTED_VARIABLE}); have its author "
            f"sign it with `python -m recommender sign BUNDLE --key FILE`."
        ) from None
    except (OSError, binascii.Error) as error:
        raise BundleError(f"{path / SIGNATURE}: cannot be read ({error}); have the bundle signed again.") from error
    if not any(_is_signed_by(key, signature, seal) for key in keys.values()):
        raise BundleError(
            f"{path}: its signature is by none of the keys in {TRUSTED_VARIABLE}, or of another state of the bundle; "
            "have its author sign it again, or add the author's public key."
        )


def signature_of(seal: str, key_file: Path) -> bytes:
    """What the file of a signature holds.

    Args:
      seal: of a manifest.
      key_file: a private key.

    Raises:
      ConfigurationError: if the file holds no such key, or the package is missing that reads it.
    """
    return base64.b64encode(_private_key(key_file).sign(_ABOUT + seal.encode())) + b"\n"


def read_signature(path: Path) -> bytes:
    """The file of a bundle's signature.

    Raises:
      OSError: if there is none, or it is no plain file or too large.
    """
    return read_plain(path / SIGNATURE, _MOST_BYTES)


def _is_signed_by(key: "Ed25519PublicKey", signature: bytes, seal: str) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        key.verify(signature, _ABOUT + seal.encode())
    except InvalidSignature:
        return False
    return True


def _public_key(file: Path) -> "Ed25519PublicKey":
    content = _read_key(file)
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(content)
    except Exception:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigurationError(
            f"{file}: holds no public key of Ed25519 in PEM; write it with `openssl pkey -in KEY -pubout -out FILE`."
        )
    return key


def _private_key(file: Path) -> "Ed25519PrivateKey":
    content = _read_key(file)
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(content, password=None)
    except Exception:  # of several kinds, by what is wrong with it
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigurationError(
            f"{file}: holds no private key of Ed25519 in PEM, or one with a password; make one with "
            "`openssl genpkey -algorithm ed25519 -out FILE`."
        )
    return key


def _read_key(file: Path) -> bytes:
    try:
        import cryptography  # noqa: F401
    except ImportError as error:
        raise ConfigurationError(
            "signatures need the package cryptography, which is not installed; run `pip install cryptography`."
        ) from error
    try:
        return read_plain(file.resolve(), _MOST_BYTES)
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read ({error}); name the file of a key.") from error
