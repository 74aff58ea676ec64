"""What the event loops of simulated hosts and of virtual time have in common: errors, refusals, and what a program may set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from chaoskit.core.errors import ChaoskitError, ModelError

OnException = Callable[[Any, dict[str, Any]], object]  # (loop, what happened)


class EscapeError(ModelError):
    """Something would have left the simulated world, or virtual time: says what, and what to do instead."""


class StuckError(ChaoskitError):
    """Virtual time cannot go on: says why, and which tasks wait where."""


class SettableLoop:
    """A loop's task factory, and its handler of exceptions that nobody awaits. It stands before the loop's other bases."""

    _on_exception: OnException | None = None
    _task_factory: Any = None

    def set_task_factory(self, factory: Any) -> None:
        self._task_factory = factory

    def get_task_factory(self) -> Any:
        return self._task_factory

    def get_exception_handler(self) -> Any:
        return self._on_exception

    def set_exception_handler(self, handler: Any) -> None:
        self._on_exception = handler

    def default_exception_handler(self, context: dict[str, Any]) -> None:
        """Each loop's own."""
        raise NotImplementedError

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        if self._on_exception is None:
            self.default_exception_handler(context)
            return
        try:
            self._on_exception(self, context)
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as broken:  # noqa: BLE001  # as asyncio does
            self.default_exception_handler({"message": "the exception handler failed", "exception": broken})


def refuse_methods(loop: type, names_by_cure: Mapping[str, str], refuse: Callable[[str, str], NoReturn]) -> None:
    """Gives a loop class methods that refuse by name; `refuse` is told which, and the cure."""
    for cure, names in names_by_cure.items():
        for name in names.split():
            setattr(loop, name, _refusing(name, cure, refuse))
    loop.__abstractmethods__ = frozenset()  # type: ignore[attr-defined]


def _refusing(name: str, cure: str, refuse: Callable[[str, str], NoReturn]) -> Callable[..., NoReturn]:
    def method(self: object, *arguments: object, **options: object) -> NoReturn:
        refuse(name, cure)

    return method
