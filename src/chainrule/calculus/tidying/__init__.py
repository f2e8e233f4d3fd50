"""Ideas of algebra, each named: what a person does with what the rules of differentiation leave.

Which of them there are, and in which order they are tried, is in `calculus/tidy.py`.
"""
