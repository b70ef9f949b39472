"""Who may come in, and what they may do: people, sign-in, tokens, roles."""
