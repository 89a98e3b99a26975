"""Pure readers of every list that a region really gets. No Django, no database, no network; see README.md.

The entrance is `recognition.read_list`; what it returns is in `records`.
"""
