"""Writes of the reserve: `allocations` (for keeps, and back), `loans`."""
