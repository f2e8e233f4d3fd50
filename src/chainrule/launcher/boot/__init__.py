"""The folder that a watched Python finds first on its path; it holds `sitecustomize` alone."""
