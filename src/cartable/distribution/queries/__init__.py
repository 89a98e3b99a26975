"""Reads of the day: uploads (what judging needs), prepared (what stations show), progress (what the leader sees)."""
