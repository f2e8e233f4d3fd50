"""Words that a learner types in place of an answer: of English always, and of their language."""

from dataclasses import dataclass

from chainrule.records.message import Translate


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionWords:
    """What is typed in place of an answer, in small letters.

    Attributes:
        quit: Ends the session.
        skip: Goes on to the next exercise.
        worked: Shows the solution.
    """

    quit: frozenset[str]
    skip: frozenset[str]
    worked: frozenset[str]

    @classmethod
    def of(cls, say: Translate) -> "SessionWords":
        """Those of a session whose sentences are translated."""
        return cls(
            quit=frozenset({"quit", "q", "exit", say("quit")}),
            skip=frozenset({"skip", "next", say("skip")}),
            worked=frozenset({"worked", say("worked")}),
        )
