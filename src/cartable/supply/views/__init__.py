"""Pages of supply: `notes`, `deliveries`, `allotments`, `transfers` (send), `receipts` (take in, settle)."""
