"""Distribution days under faults: real server code, real database, a virtual clock and a network that fails."""
