"""The desk: fixed places, freed when the work has ended."""

import asyncio
import threading

import pytest

from api.errors import BusyError
from api.http.desk import Desk
from api.settings import Settings


async def until(holds):
    for _ in range(10_000_000):
        if holds():
            return
        await asyncio.sleep(0)
    pytest.fail("it never held")


def test_one_more_than_the_places_is_told_to_come_again():
    async def scene():
        desk = Desk(Settings(max_computations=2, retry_after_s=9))
        gate = threading.Event()
        waiting = [asyncio.create_task(desk.run(gate.wait)) for _ in range(2)]
        await until(lambda: desk.taken == 2)
        with pytest.raises(BusyError) as refused:
            await desk.run(lambda: 1)
        gate.set()
        assert await asyncio.gather(*waiting) == [True, True]
        answer = await desk.run(lambda: 41)
        desk.close()
        return refused.value.data, answer, desk.taken

    data, answer, taken = asyncio.run(scene())
    assert data == {"limit": 2, "retry_after_s": 9}
    assert answer == 41
    assert taken == 0


def test_a_client_that_leaves_does_not_free_the_place_early():
    async def scene():
        desk = Desk(Settings(max_computations=1))
        gate = threading.Event()
        ended = threading.Event()

        def work():
            gate.wait()
            ended.set()

        client = asyncio.create_task(desk.run(work))
        await until(lambda: desk.taken == 1)
        client.cancel()
        with pytest.raises(asyncio.CancelledError):
            await client
        still_taken = desk.taken
        gate.set()
        await until(lambda: desk.taken == 0)
        desk.close()
        return still_taken, ended.is_set()

    assert asyncio.run(scene()) == (1, True)


def test_what_the_work_raises_reaches_the_caller_and_frees_the_place():
    async def scene():
        desk = Desk(Settings(max_computations=1))

        def work():
            raise ZeroDivisionError

        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                await desk.run(work)
        desk.close()
        return desk.taken

    assert asyncio.run(scene()) == 0
