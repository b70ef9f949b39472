"""People, accounts, my account, tokens."""
