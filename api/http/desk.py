"""A desk with a fixed number of places: long computations leave the event loop, or are told to come again."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from api.errors import BusyError
from api.settings import Settings

_T = TypeVar("_T")


class Desk:
    """Runs computations in threads; never more at once than it has places."""

    def __init__(self, settings: Settings) -> None:
        self._limit = settings.max_computations
        self._retry_after_s = settings.retry_after_s
        self._threads = ThreadPoolExecutor(self._limit, thread_name_prefix="wattplan")
        self._taken = 0

    @property
    def taken(self) -> int:
        """How many computations run now."""
        return self._taken

    async def run(self, work: Callable[[], _T]) -> _T:
        """Run one computation.

        Raises
        ------
        BusyError
            If every place is taken.
        """
        if self._taken >= self._limit:
            raise BusyError(limit=self._limit, retry_after_s=self._retry_after_s)
        self._taken += 1
        # The place is free when the work has ended, not when a client has stopped waiting for it.
        running = asyncio.get_running_loop().run_in_executor(self._threads, work)
        running.add_done_callback(self._leave)
        return await asyncio.shield(running)

    def _leave(self, running: "asyncio.Future[_T]") -> None:
        self._taken -= 1
        if not running.cancelled():
            running.exception()

    def close(self) -> None:
        """Take no more work."""
        self._threads.shutdown(wait=False, cancel_futures=True)
