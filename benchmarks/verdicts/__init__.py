"""Is the verdict right? Programs with known faults, their fixed twins, and healthy ones."""
