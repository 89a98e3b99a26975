"""Reads of supply: `notes` (what suppliers send), `deliveries` (what was received), `depot` (what can go, and went)."""
