"""Practice: exercises, answers as formulas, and why a wrong answer is wrong; never loads torch."""

from .answers import AnswerError as AnswerError
from .exercises import exercise_from_id as exercise_from_id
from .exercises import generate as generate
from .exercises import grade_exercise as grade_exercise
from .grading import grade as grade
from .hints import hints as hints
from .preparation import prepare as prepare
from .solutions import worked as worked
