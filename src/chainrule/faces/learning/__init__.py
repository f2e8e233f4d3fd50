"""The course as the page, a notebook and the terminal show it."""
