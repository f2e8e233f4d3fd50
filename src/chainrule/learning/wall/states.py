"""States of knowledge: the sets of skills that somebody can have, given what each rests on.

Doignon & Falmagne, "Spaces for the assessment of knowledge", Int. J. Man-Machine Studies 23 (1985):
who can do a skill can do those before it, so a state is a set that is closed under prerequisites.
The 21 skills have 2²¹ sets, of which 350 are states: few enough to keep a probability for each and
to compute with them exactly.
"""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from chainrule.learning.skills import SKILLS, Skill


@lru_cache(maxsize=1)
def states() -> NDArray[np.bool_]:
    """All states of knowledge, shape (states, skills), columns in the order of `SKILLS`."""
    return states_of(SKILLS)


def states_of(skills: Mapping[str, Skill]) -> NDArray[np.bool_]:
    """The states that a graph of skills allows.

    Args:
        skills: By id, each after its prerequisites.
    """
    place = {id: i for i, id in enumerate(skills)}
    found = [(False,) * len(place)]
    for skill in skills.values():
        column = place[skill.id]
        found += [
            (*state[:column], True, *state[column + 1 :])
            for state in found
            if all(state[place[each]] for each in skill.prerequisites)
        ]
    return np.array(found)


@lru_cache(maxsize=1)
def ready() -> NDArray[np.bool_]:
    """Whether a state has all prerequisites of a skill; shape (states, skills)."""
    place = {id: i for i, id in enumerate(SKILLS)}
    columns = [
        states()[:, [place[each] for each in skill.prerequisites]].all(axis=1)
        for skill in SKILLS.values()
    ]
    return np.stack(columns, axis=1)
