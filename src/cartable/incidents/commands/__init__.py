"""Writes of incidents: `declarations`, `complaints`, `doors` (what the rules open), `closing`, `finds`."""
