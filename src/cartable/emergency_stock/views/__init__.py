"""Pages of the reserve: `reserves` (levels), `desk` (hand over or lend)."""
