"""Pages of the reserve: `reserves` (levels), `desk` (hand over), `top_ups` (ask, grant), `rebalancing` (even out)."""
