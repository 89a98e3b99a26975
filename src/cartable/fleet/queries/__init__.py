"""Read the fleet: lists, codes, one device, stocks. A fixed number of statements each."""
