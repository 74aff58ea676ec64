"""The command line: what a person types, and what they read.

Commands say what they mean to `chaoskit.session` and the other rooms, and turn values into text and exit codes; they decide
nothing about a run. Every heavy import (numpy, networkx, jinja2, our own rooms) stands inside the command that needs it, so
that help answers at once.
"""
