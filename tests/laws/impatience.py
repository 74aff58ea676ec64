"""A search that is hardly patient with anything, so that small histories come to its last steps."""

IMPATIENT = {"DEPTH_FIRST": 1, "DEPTH_FIRST_PER_STOP": 0, "WIDTHS": (1, 2), "WINDOWS": (1, 3, 6), "STATES_MAX": 24}
