"""What other code would hand to a worker thread, done at once: a host has one thread.

`asyncio.to_thread` and `loop.run_in_executor` are the loop's own; here are those that start threads of their own.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from contextvars import copy_context
from typing import Any


def submit(loop: Any, executor: Any, function: Any, /, *arguments: Any, **options: Any) -> Future[Any]:
    """`ThreadPoolExecutor.submit`."""
    future: Future[Any] = Future()
    try:
        future.set_result(function(*arguments, **options))
    except Exception as error:  # noqa: BLE001  # whoever asks the future gets it
        future.set_exception(error)
    return future


async def run_sync(loop: Any, backend: Any, function: Any, arguments: Any, *options: Any, **more: Any) -> Any:
    """`anyio.to_thread.run_sync`, by which Starlette and FastAPI run handlers that are not `async`."""
    await asyncio.sleep(0)
    return copy_context().run(function, *arguments)
