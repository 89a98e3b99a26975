"""Pages of supply: `notes`, `deliveries`, `allotments`."""
