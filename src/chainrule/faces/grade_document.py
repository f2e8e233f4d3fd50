"""A grade as a JSON document; its schema is `docs/grade.schema.json`."""

from chainrule.records import Grade
from chainrule.records.json_values import Json
from chainrule.records.message import Translate


def grade_document(found: Grade, say: Translate = str) -> dict[str, Json]:
    """Whether the answer is right, the mistakes that give it, the question back, perhaps a note.

    Args:
        found: The grade.
        say: Translates its sentences.
    """
    return {
        "correct": found.correct,
        "diagnoses": [
            {
                "mutation": each.mutation,
                "rule": each.rule,
                "node": each.node,
                "message": say(each.message),
            }
            for each in found.diagnoses
        ],
        "question": None if found.question is None else say(found.question),
        **({} if found.note is None else {"note": say(found.note)}),
    }
