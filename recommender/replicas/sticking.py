"""Which replica a viewer stays with: a session, its uploads and what it downloads live in the memory of one process."""

import os
import re

REPLICA_VARIABLE = "MATINEE_REPLICA"  # set for each server by whoever starts it: its number, from 1
COOKIE = "matinee_replica"
_IN_HEAD = re.compile(rb"^cookie:(?:[^\r\n]*;)?[ \t]*" + COOKIE.encode() + rb"=(\d{1,4})[ \t]*(?:;|\r?$)", re.I | re.M)


def own_number() -> int | None:
    """The number of this server among the replicas; None for one that is alone."""
    number = os.environ.get(REPLICA_VARIABLE, "")
    return int(number) if number.isdecimal() else None


def number_in(head: bytes) -> int | None:
    """The replica that a request names in its cookie; None if it names none.

    Args:
      head: the first line and the headers of a request.
    """
    found = _IN_HEAD.search(head)
    return int(found[1]) if found else None
