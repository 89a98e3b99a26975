"""Pages of returns: `desk`, `classes` (in series), `bench`, `write_offs`, `tags`."""
