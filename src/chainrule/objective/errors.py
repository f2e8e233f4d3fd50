"""What can be wrong with an objective, or with the point at which it is asked.

ObjectiveError   what was expected, what was found, where, and what to do
"""


class ObjectiveError(ValueError):
    """An objective could not be made or evaluated; the message is for the user as it is."""
