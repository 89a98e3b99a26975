"""Writes of returns: `check_ins` (a PC comes back), `bench` (wiped, imaged, checked, shelved), `write_offs`."""
