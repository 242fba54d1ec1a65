"""What stands in front of the replicas: it reads the head of a connection's first request, and hands on every byte.

The replicas speak HTTP and websockets, so nothing of that is needed here. All requests of a connection go where its
first one went, which is right for browsers, each with connections of its own; a proxy in front of this one must not mix
the requests of several viewers in one connection (nginx does not, unless it is given `keepalive`).
"""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from contextlib import suppress

from recommender.replicas.servers import Replica
from recommender.replicas.sticking import number_in

_MOST_BYTES_OF_HEAD = 65_536
_HEAD_SECONDS = 20.0  # for a client to send the head of its request
_WAIT_SECONDS = 30.0  # for a server that is just being started
_STALLED_MILLISECONDS = 60_000  # for which a client may take nothing of what it was sent
_CHUNK = 65_536
_NOBODY = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: 5\r\n"
    b"Cache-Control: no-store\r\nConnection: close\r\n\r\nNo server is up at present; try again in a few seconds.\n"
)
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Proxy:
    """Joins each connection with a replica.

    Args:
      replicas: where requests can go.
      wait_seconds: how long a request waits for a replica to listen.
    """

    def __init__(self, replicas: Sequence[Replica], wait_seconds: float = _WAIT_SECONDS) -> None:
        self._replicas, self._wait_seconds = replicas, wait_seconds
        self._open: set[asyncio.Task[None]] = set()

    async def listen(self, address: str, port: int) -> asyncio.Server:
        """Begins to listen.

        Raises:
          OSError: if the address is not one of this machine, or the port is taken.
        """
        hosts = [address] if address != "localhost" else ["127.0.0.1", *(["::1"] if _has_ipv6() else [])]
        return await asyncio.start_server(self._accept, hosts, port, limit=_MOST_BYTES_OF_HEAD, backlog=1024)

    async def close(self) -> None:
        """Ends all connections."""
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            await self._serve(reader, writer)
        except asyncio.CancelledError:
            pass  # the proxy is being closed, which is no failure of this connection
        finally:
            self._open.discard(task)
            writer.transport.abort() if writer.transport.is_closing() else writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = writer.get_extra_info("socket")
        if connection is not None and hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _STALLED_MILLISECONDS)
        try:
            async with asyncio.timeout(_HEAD_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, OSError):
            return  # it said nothing, too much, or too slowly
        found = await self._replica_for(number_in(head))
        if found is None:
            with suppress(OSError):
                writer.write(_NOBODY)
                await writer.drain()
            return
        replica, (from_replica, to_replica) = found
        replica.connections += 1
        try:
            to_replica.write(_with_client(head, str(writer.get_extra_info("peername")[0])))
            ways = [_pass_on(reader, to_replica), _pass_on(from_replica, writer)]
            await _until_first_ends(*map(asyncio.ensure_future, ways))
        finally:
            replica.connections -= 1
            to_replica.close()

    async def _replica_for(self, number: int | None) -> tuple[Replica, Streams] | None:
        """A replica that listens, and the connection to it.

        The one that is named, unless it is just coming back; else one that is ready, the least busy first.
        """
        deadline = asyncio.get_running_loop().time() + self._wait_seconds
        while True:
            for replica in sorted(self._replicas, key=lambda one: _preference(one, number)):
                with suppress(OSError):
                    return replica, await asyncio.open_connection("127.0.0.1", replica.port)
            if asyncio.get_running_loop().time() > deadline:
                return None
            await asyncio.sleep(0.1)


def _has_ipv6() -> bool:
    """Whether this machine has the newer of its two own addresses, which containers often lack and yet name."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def _preference(replica: Replica, number: int | None) -> tuple[bool, bool, int]:
    """What makes a replica be asked before others, the smallest first, by a request that names one."""
    return replica.number != number or replica.comes_back, not replica.ready, replica.connections


def _with_client(head: bytes, address: str) -> bytes:
    """A request that names its client last among those who handed it on, unless that is another proxy beside this one.

    Servers let their own machine do more than others; without this all would look like it.
    """
    if ipaddress.ip_address(address.partition("%")[0]).is_loopback:
        return head
    return head[:-2] + b"X-Forwarded-For: " + address.encode() + b"\r\n\r\n"


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()


async def _until_first_ends(*tasks: "asyncio.Future[None]") -> None:
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
