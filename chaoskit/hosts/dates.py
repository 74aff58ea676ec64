"""What `datetime.now()` and its like say on a simulated host: its own wall clock, in UTC.

The classes of `datetime` are made in C and can be neither patched by name nor exchanged (`type(x) is datetime` must stay true for
values from everywhere). So their members are exchanged where they stand, in the dictionary of the class.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

_BEGIN = datetime(1970, 1, 1)  # noqa: DTZ001  # hosts live in UTC and do not say so

Place = tuple[Any, str, Any, Any]  # (owner, name, original, substitute)
Either = Callable[[Callable[..., Any], Callable[..., Any]], Callable[..., Any]]  # (outside, in a host) → whichever it is


class Members:
    """The members of a class that Python keeps closed; setting an attribute exchanges one."""

    def __init__(self, owner: type) -> None:
        object.__setattr__(self, "_owner", owner)
        object.__setattr__(self, "_members", gc.get_referents(owner.__dict__)[0])

    def __setattr__(self, name: str, value: Any) -> None:
        self._members[name] = value
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(self._owner))  # else calls that were made before would not notice

    _owner: type
    _members: dict[str, Any]


def places(either: Either) -> list[Place]:
    """What is exchanged in `date` and `datetime`."""
    inside: dict[type, dict[str, Callable[..., Any]]] = {
        date: {"today": _today},
        datetime: {"now": _now, "utcnow": _moment, "fromtimestamp": _from_timestamp},
    }
    return [
        (Members(owner), name, owner.__dict__[name], classmethod(either(_outside(owner.__dict__[name]), in_host)))
        for owner, members in inside.items()
        for name, in_host in members.items()
    ]


def _outside(original: Any) -> Callable[..., Any]:
    return lambda cls, *arguments, **options: original.__get__(None, cls)(*arguments, **options)


def _moment(loop: Any, cls: type[datetime], zone: tzinfo | None = None) -> datetime:
    told = _BEGIN + timedelta(microseconds=loop.wall_ns() // 1000)
    return cls(told.year, told.month, told.day, told.hour, told.minute, told.second, told.microsecond, tzinfo=zone)


def _now(loop: Any, cls: type[datetime], tz: tzinfo | None = None) -> datetime:
    return _moment(loop, cls) if tz is None else tz.fromutc(_moment(loop, cls, tz))


def _today(loop: Any, cls: type[date]) -> date:
    if issubclass(cls, datetime):
        return _moment(loop, cls)
    told = _moment(loop, datetime)
    return cls(told.year, told.month, told.day)


_FROM_TIMESTAMP: Any = datetime.__dict__["fromtimestamp"]


def _from_timestamp(loop: Any, cls: type[datetime], timestamp: float, tz: tzinfo | None = None) -> datetime:
    told: datetime = _FROM_TIMESTAMP.__get__(None, cls)(timestamp, tz or UTC)
    return told if tz is not None else told.replace(tzinfo=None)
