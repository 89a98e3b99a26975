"""Django's PostgreSQL backend with one change: foreign keys are checked at once, not at COMMIT."""
