"""Addressed randomness and nothing else: a value depends on the seed and the decision's address, not on who asked before."""

from chaoskit.draws.address import address_text, fold, mix, parse_address, salt
from chaoskit.draws.laws import Law, bimodal, constant, exponential, law_from_text, lognormal, pareto, uniform
from chaoskit.draws.source import Draws

__all__ = [
    "Draws",
    "Law",
    "address_text",
    "bimodal",
    "constant",
    "exponential",
    "fold",
    "law_from_text",
    "lognormal",
    "mix",
    "pareto",
    "parse_address",
    "salt",
    "uniform",
]
