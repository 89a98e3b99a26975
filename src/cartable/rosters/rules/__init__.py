"""Pure decisions on lists: how names compare, whom a line is, what it would change, when a list is not to be believed."""
