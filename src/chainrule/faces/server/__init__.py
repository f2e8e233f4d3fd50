"""The page's server: on this machine only, read-only, and without torch in its own process."""
