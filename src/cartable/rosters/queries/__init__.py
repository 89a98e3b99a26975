"""Reads of the lists."""
