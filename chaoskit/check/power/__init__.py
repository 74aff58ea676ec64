"""The power of a green run: had the system gone wrong once, would this valid history have shown it?

A valid history is told as one story, a linearization. Then the story is told again with one thing gone wrong in it: an
acknowledged write that had no effect, a read answered from the state before. The same operations at the same times, in the same
order, get the answers that clients would have seen; that history, a *mutant*, is checked. The share of mutants that are not
linearizable says how much the green verdict is worth. One that is linearizable is no weakness of the checker: nobody could have
told it from a correct system, because nobody looked, or because too much went on at once. The advice says which.

    linearization   one order that explains an object's history, and the states between
    answers         what an operation returns in another state
    replay          the story told again with one effect lost, or made again
    kinds           the ways to go wrong, one idea each
    table           which of them fit which spec, and what they are called there
    recheck         mutants judged: registers many at a time by blocks, others by search
    figures         what a history is like: reads, operations a key, how many at once
    telling         shares, examples and advice in words
    measure         all of these in order, on a sample of addressed draws
    checker         a linearizability checker that tells its power
"""

from chaoskit.check.power.checker import WithPower
from chaoskit.check.power.measure import Effort, Power, measure

__all__ = ["Effort", "Power", "WithPower", "measure"]
