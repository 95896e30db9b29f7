"""A line between two processes that somebody can slow down, cut, or let go silent."""

import asyncio
import socket
import struct
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self

from src.platform.cli.local.ports import free_port

_NOW = struct.pack("ii", 1, 0)  # closing sends a reset instead of a farewell


class Proxy:
    """Listens on `port` and speaks with `target` on this machine, in a thread of its own."""

    def __init__(self, target: int) -> None:
        self.port, self._target = free_port(), target
        self._delay, self._silent = 0.0, False
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def slow_down(self, seconds: float) -> None:
        """Every piece takes so much longer in either direction."""
        self._delay = seconds

    def cut(self) -> None:
        """Every connection ends with a reset; new ones are taken."""
        self._do(self._reset())

    def fall_silent(self) -> None:
        """Connections stay open and nothing comes through, as when the other machine has lost its power."""
        self._silent = True

    def heal(self) -> None:
        """As at first. Connections that had fallen silent are unknown to the machine that came back: it resets them."""
        self._delay = 0.0
        if self._silent:
            self._silent = False
            self._do(self._reset())

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)

    async def _close(self) -> None:
        self._server.close()
        await self._reset()

    async def _reset(self) -> None:
        for writer in list(self._open):
            own: socket.socket = writer.get_extra_info("socket")
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NOW)
            writer.transport.abort()
        self._open.clear()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            self._open.discard(writer)
            return
        self._open.add(back)
        await asyncio.gather(self._pump(reader, back), self._pump(there, writer))
        self._open -= {writer, back}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(1 << 16):
                if self._delay:
                    await asyncio.sleep(self._delay)
                if self._silent:
                    continue  # swallowed; what was lost on the way does not come later
                writer.write(piece)
                await writer.drain()
            if not self._silent:
                writer.close()
        except OSError:
            writer.transport.abort()
