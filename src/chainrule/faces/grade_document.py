"""A grade as a JSON document; its schema is `docs/grade.schema.json`."""

from chainrule.records import Grade
from chainrule.records.json_values import Json


def grade_document(found: Grade) -> dict[str, Json]:
    """Whether the answer is right, the mistakes that give it, and the question back."""
    return {
        "correct": found.correct,
        "diagnoses": [
            {
                "mutation": each.mutation,
                "rule": each.rule,
                "node": each.node,
                "message": each.message,
            }
            for each in found.diagnoses
        ],
        "question": found.question,
    }
