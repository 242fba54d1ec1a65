"""Closes connections whose client keeps the server waiting: each holds memory, and anybody can open thousands.

uvicorn waits without end for the first request of a connection, for the rest of a request, and for somebody to take an
answer. It has no option for that, and `streamlit run` chooses the class of its connections before the app is imported;
hence the methods of that class are wrapped.
"""

import asyncio
import socket
from typing import Any
from weakref import WeakKeyDictionary

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

_STALLED_MILLISECONDS = 60_000  # for which a client may take nothing of what it was sent; websockets too


class _Watch:
    """Looks from time to time whether a client sends what it has begun, as long as the connection is for requests.

    Args:
      protocol: what reads the requests.
      transport: the connection.
      look_seconds: between two looks.
      least_bytes: that arrive between two looks while more has to come.
    """

    def __init__(self, protocol: H11Protocol, transport: Any, look_seconds: float, least_bytes: int) -> None:
        self.received = 0
        self._protocol, self._transport = protocol, transport
        self._look_seconds, self._least_bytes = look_seconds, least_bytes
        self._look_later()

    def _look_later(self) -> None:
        self.received = 0
        asyncio.get_running_loop().call_later(self._look_seconds, self._look)

    def _look(self) -> None:
        if self._transport.is_closing() or self._transport.get_protocol() is not self._protocol:
            return  # it has ended, or is a websocket, which is asked for signs of life
        if self._owes() and self.received < self._least_bytes:
            self._transport.abort()
        else:
            self._look_later()

    def _owes(self) -> bool:
        """Whether the server waits for the client, and not the client for the server."""
        client, flow = self._protocol.conn.their_state, self._protocol.flow
        unasked = client is h11.IDLE and self._protocol.timeout_keep_alive_task is None
        return unasked or (client is h11.SEND_BODY and not flow.read_paused)


def close_slow_clients(
    protocol: type[H11Protocol] = H11Protocol, *, look_seconds: float = 20.0, least_bytes: int = 20_000
) -> None:
    """Makes uvicorn close what is too slow, from the next connection on.

    Args:
      protocol: the class of its connections.
      look_seconds: between two looks at a connection.
      least_bytes: that arrive between two looks while more has to come; those of today are 8 kbit/s.
    """
    watches: WeakKeyDictionary[H11Protocol, _Watch] = WeakKeyDictionary()
    made, received = protocol.connection_made, protocol.data_received

    def connection_made(self: H11Protocol, transport: Any) -> None:
        made(self, transport)
        watches[self] = _Watch(self, transport, look_seconds, least_bytes)
        connection = transport.get_extra_info("socket")
        if connection is not None and hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _STALLED_MILLISECONDS)

    def data_received(self: H11Protocol, data: bytes) -> None:
        watches[self].received += len(data)
        received(self, data)

    for method in (connection_made, data_received):
        setattr(protocol, method.__name__, method)
