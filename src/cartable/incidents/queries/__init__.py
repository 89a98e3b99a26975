"""Reads of incidents: `subject` (what may be declared), `sheets` (one, and lists), `hot` (the alarm), `waiting` (what waits)."""
