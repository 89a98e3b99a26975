"""Writes of the day: days (planned, frozen, opened), stations, scans, review, closing."""
