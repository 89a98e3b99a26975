"""Reads of returns: `desk` (one gesture), `classes` (who still owes), `bench`, `write_offs`, `waiting` (what is to do)."""
