"""Consistency below linearizability, for registers whose values are written once: sequential, causal, PRAM, session guarantees.

Also how stale a register's reads were. `checker` puts the names together; `registers` is what all of them read; `brute` is what
tests hold them to.
"""

from chaoskit.check.weak.checker import LEVELS, SESSION, Consistent, Level

__all__ = ["LEVELS", "SESSION", "Consistent", "Level"]
