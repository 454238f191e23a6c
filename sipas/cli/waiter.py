"""How the embedded server hands out a page: its head and its body in one sending, by the thread that made it.

Waitress sends the head by itself, and while a thread sends, its main loop turns round and round in the hope of helping; on two cores
that takes a quarter of an answer's processor time. What a socket cannot take at once is left to the main loop, as ever.
"""

from __future__ import annotations

from typing import Any

from waitress.buffers import ReadOnlyFileBasedBuffer
from waitress.channel import HTTPChannel
from waitress.task import WSGITask


class Task(WSGITask):
    """One request; its head waits in the channel for the first piece of its body."""

    channel: Channel

    def build_response_header(self) -> bytes:
        self.channel.head = super().build_response_header()
        return b""

    def finish(self) -> None:
        super().finish()
        if self.channel.head:  # an answer without a body
            self.channel.write_soon(b"")


class Channel(HTTPChannel):
    """One connection."""

    task_class = Task
    head = b""
    busy = False  # a thread is sending, and nothing was left over before

    def write_soon(self, data: Any) -> int:
        """Send a piece of an answer, or leave what does not go to the main loop."""
        head, self.head = self.head, b""
        if isinstance(data, ReadOnlyFileBasedBuffer):
            if head:
                super().write_soon(head)
            return super().write_soon(data)  # type: ignore[arg-type]  # the stubs forget files
        self.busy = not self.total_outbufs_len
        try:
            super().write_soon(head + data)
        finally:
            self.busy = False
        if self.total_outbufs_len:
            self.server.pull_trigger()
        return len(data)

    def writable(self) -> bool:
        """Whether the main loop should send: not what a thread is just sending."""
        return bool((self.total_outbufs_len and not self.busy) or self.will_close or self.close_when_flushed)
