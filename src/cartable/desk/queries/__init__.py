"""Reads of the desk: `days`, `deliveries`, `stocks`, `students`, `devices`, `schools`, `lists`, `school_year`."""
