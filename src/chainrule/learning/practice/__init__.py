"""Practice: exercises, answers as formulas, and why a wrong answer is wrong; never loads torch."""

from .grading import grade as grade
