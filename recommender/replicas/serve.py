"""Replicas and the proxy in front of them, from the start to Ctrl-C."""

import asyncio
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress

from recommender.errors import ConfigurationError, RecommenderError
from recommender.replicas.proxy import Proxy
from recommender.replicas.servers import Replica, streamlit_command

MOST_REPLICAS = 32


def serve(
    n_replicas: int,
    address: str,
    port: int,
    say: Callable[[str], None],
    command: Callable[[int], Sequence[str]] = streamlit_command,
) -> None:
    """Serves the pages until it is asked to end.

    Args:
      n_replicas: servers, from 1 to `MOST_REPLICAS`.
      address: where viewers come: localhost, or 0.0.0.0 for those of other machines.
      port: where viewers come.
      say: is told in sentences what happens.
      command: makes the command line of a server from its port.

    Raises:
      ConfigurationError: if the number is out of range, the port is taken, or the address is none of this machine.
      RecommenderError: if a server ends before it was ready.
    """
    if not 1 <= n_replicas <= MOST_REPLICAS:
        raise ConfigurationError(f"--replicas {n_replicas}: expected a number from 1 to {MOST_REPLICAS}.")
    if not 1 <= port <= 65_535:
        raise ConfigurationError(f"--port {port}: expected a number from 1 to 65535.")
    asyncio.run(_serve([Replica(1 + at, command, say) for at in range(n_replicas)], address, port, say))


async def _serve(replicas: Sequence[Replica], address: str, port: int, say: Callable[[str], None]) -> None:
    proxy = Proxy(replicas)
    try:
        listening = await proxy.listen(address, port)
    except OSError as error:
        raise ConfigurationError(
            f"nobody can be served on {address}, port {port} ({error.strerror or error}); choose another with --port, "
            "or end the program that has it."
        ) from error
    loop, asked = asyncio.get_running_loop(), asyncio.Event()
    with suppress(NotImplementedError):  # Windows, where Ctrl-C is an exception
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, asked.set)
    lives = [asyncio.create_task(replica.keep_alive()) for replica in replicas]
    ending = asyncio.create_task(asked.wait())
    say(f"http://{address}:{port}, served by {len(replicas)}; Ctrl-C ends all.")
    try:
        done, _ = await asyncio.wait([*lives, ending], return_when=asyncio.FIRST_COMPLETED)
    finally:
        listening.close()
        for task in (*lives, ending):
            task.cancel()
        await proxy.close()
        await asyncio.gather(*lives, ending, return_exceptions=True)
    for task in done - {ending}:
        raise task.exception() or RecommenderError("a server ended, which it was not asked to.")
