"""Reads of the reserve: `gesture` (what one gesture needs), `levels` (what is there), `papers` (who waits, what left)."""
