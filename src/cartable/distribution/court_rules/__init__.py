"""How a dispute may be settled, and what is proposed: pure decisions on the testimonies and on what is true now.

Nobody is believed because of a rule: the rules say which rulings the ledger can carry, and which one a person who knows
no more than this page would make. A human rules.
"""
