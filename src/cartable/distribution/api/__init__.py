"""The stations' API: JSON, a token, few statements. What is said and believed stands in ``docs/protocol.md``."""
