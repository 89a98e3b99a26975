"""End-to-end stories across packages: the product's own server, a real browser, the demo region."""
