"""Pages of repairs: `desk` (a failed PC), `series` (batches by scan), `tickets`, `region`, `workshop` (the repairer's)."""
