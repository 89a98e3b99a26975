"""Reads of repairs: `gesture` (one failed PC), `tickets`, `scans` (what a code names), `workshop`, `recalls`, `waiting`."""
