"""The course: lessons read from Markdown, with their numbers computed by the engine.

blocks.py       what a lesson is made of
front_matter.py what is said of a lesson, without its text
reading.py      one file to one lesson
course.py       all of them, by id, language and fault
"""
