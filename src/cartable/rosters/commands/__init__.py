"""Writes of the lists: enrolment (students entered), imports (a list previewed and applied)."""
