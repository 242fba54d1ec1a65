"""Bundles signed by their authors, and servers that take no others."""

import shutil
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from recommender.bundle import SIGNATURE
from recommender.bundle.reader import read_bundle, read_manifest
from recommender.bundle.signing import TRUSTED_VARIABLE, trusted_keys
from recommender.bundle.writer import sign_bundle
from recommender.dashboard.bundles.files import zip_bundle
from recommender.errors import BundleError, ConfigurationError
from tests.sealing import reseal


def written_key(folder: Path, name: str, key: object = None) -> tuple[Path, Path]:
    """Files of a private and a public key."""
    key = key or Ed25519PrivateKey.generate()
    private, public = folder / name, folder / f"{name}.pub"
    pem = serialization.Encoding.PEM
    private.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo))
    return private, public


@pytest.fixture
def bundle(checkerboard_bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(checkerboard_bundle, tmp_path / "bundle"))


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The private key of somebody who is trusted."""
    private, public = written_key(tmp_path, "ours")
    monkeypatch.setenv(TRUSTED_VARIABLE, f"{written_key(tmp_path, 'others')[1]}:{public}")
    return private


def test_any_bundle_is_taken_where_no_keys_are_named(bundle, tmp_path, monkeypatch):
    monkeypatch.delenv(TRUSTED_VARIABLE, raising=False)
    assert read_bundle(bundle)
    sign_bundle(bundle, written_key(tmp_path, "stranger")[0])
    assert read_bundle(bundle)


def test_bundle_signed_by_a_trusted_key_is_read(bundle, ours):
    assert sign_bundle(bundle, ours) == read_bundle(bundle).manifest.seal


def test_bundle_without_a_signature_is_refused(bundle, ours):
    with pytest.raises(BundleError, match=r"is not signed, .* have its author sign it"):
        read_manifest(bundle)


def test_bundle_signed_by_a_stranger_is_refused(bundle, ours, tmp_path):
    sign_bundle(bundle, written_key(tmp_path, "stranger")[0])
    with pytest.raises(BundleError, match="by none of the keys"):
        read_bundle(bundle)


def test_bundle_changed_and_sealed_anew_is_refused(bundle, ours):
    sign_bundle(bundle, ours)
    reseal(bundle, lambda content: content.update(description="another"))
    with pytest.raises(BundleError, match="another state of the bundle"):
        read_bundle(bundle)


@pytest.mark.parametrize("content", [b"", b"!", b"AAAA", b"\xff" * 64, b"A" * 20_000])
def test_signature_that_is_none_is_refused(bundle, ours, content):
    (bundle / SIGNATURE).write_bytes(content)
    with pytest.raises(BundleError):
        read_bundle(bundle)


def test_signature_goes_along_when_a_bundle_is_taken_along(bundle, ours):
    sign_bundle(bundle, ours)
    with zipfile.ZipFile(BytesIO(zip_bundle(bundle))) as archive:
        assert archive.read(f"bundle/{SIGNATURE}") == (bundle / SIGNATURE).read_bytes()


def test_file_without_a_key_is_a_sentence(bundle, tmp_path, monkeypatch):
    other = written_key(tmp_path, "elliptic", generate_private_key(SECP256R1()))
    for file in (tmp_path / "missing", tmp_path, bundle / "manifest.json", other[0]):
        with pytest.raises(ConfigurationError, match=str(file)):
            sign_bundle(bundle, file)
    for file in (tmp_path / "missing", bundle / "manifest.json", other[1]):
        monkeypatch.setenv(TRUSTED_VARIABLE, str(file))
        with pytest.raises(ConfigurationError, match=str(file)):
            trusted_keys()
        with pytest.raises(BundleError, match="its signature cannot be examined"):
            read_bundle(bundle)
