"""A desk that keeps itself tidy: how long things stay, how much room they take, the way back."""
