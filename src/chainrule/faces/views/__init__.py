"""View documents: what the views of page, notebook and report draw, one file a view.

A view asks a question, by name and with parameters of JSON; the answer is a document of JSON. All
hosts of the views go through `questions.answer`.
"""
