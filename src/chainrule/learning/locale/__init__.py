"""Messages of the course in other languages: gettext catalogues, one `.po` file a language.

`catalogue.py` reads them; `python -m chainrule.learning.locale` brings them up to date.
"""

from .catalogue import catalogue as catalogue
from .catalogue import language_of as language_of
