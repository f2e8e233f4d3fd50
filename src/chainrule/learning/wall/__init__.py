"""The wall finder: at most fifteen questions, and the skill at which a learner stands.

`states.py` has the states of knowledge that the graph of skills allows, `knowledge.py` the belief
about them and what an answer does to it, `questions.py` which question tells most, `finder.py` when
it is enough, `sentence.py`, `way.py` and `goals.py` what is said in the end.
"""

from .finder import MOST_QUESTIONS as MOST_QUESTIONS
from .finder import Answered as Answered
from .finder import Found as Found
from .finder import found as found
from .finder import knowledge_from as knowledge_from
from .finder import next_question as next_question
from .goals import Stop as Stop
from .goals import nearest_stop as nearest_stop
from .sentence import sentence as sentence
from .way import Stage as Stage
from .way import minutes_to as minutes_to
from .way import way as way
