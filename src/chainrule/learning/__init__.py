"""Learning: skills, practice, lessons, and what a learner knows."""
