"""HTTP only: who asks, what they ask for, and the answer as JSON or bytes. What is done about it lives in core."""
