"""Pages of incidents: `declare`, `incidents` (lists and one), `doors` (what is opened), `hot` (the alarm)."""
