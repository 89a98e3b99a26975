"""Writes of repairs: `opening`, `batches`, `workshop` (the repairer's), `ending` (loans), `recalls`, `contracts`."""
