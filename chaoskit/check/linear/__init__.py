"""Linearizability: can the overlapping operations on an object be told as one story in which they happen one at a time?

    normalise   a history becomes one problem per object: calls and labels
    layout      a problem becomes stops, with who is pending at each
    tables      the spec becomes a table of integers
    moves       what may come next in a search
    search      the search itself, in two orders: a linearization, the stop that none passes, or the limit that was met
    prunings    the shortcuts of the search, each of which can be turned off
    strategy    what is searched in which order, out of one limit; and proofs from a window that there is nothing to find
    processes   hard objects searched at once
    columns     the calls of registers in columns, for very large histories
    blocks      registers whose values were written once each, judged without a search
    quick       what is judged so, with its evidence; the rest is left to the search
    rows        the calls of any history in rows of numbers
    paths       which other objects are judged without a search, each by a file of its own; and their evidence
    elements    what queues and stacks share; fifo, lifo, priority, unordered: which element may leave
    append_lists, sets, counters   the other paths
    replays     what a path found is replayed on an object kept as plainly as can be
    witness     what was found is replayed; the proof of `valid`
    decided     what was found, and where each bad object fails; the evidence when it is asked for
    explain     what was not found becomes evidence: kind, sentences, states, pending calls
    checker     all of these in order, as a checker
    brute       the same question answered by trying everything: the oracle of the tests

A further algorithm is a further file with the signature of `strategy.search`; a further path is a line in `paths.PATHS`.
"""
