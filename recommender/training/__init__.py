"""Training: one trainer for the whole zoo."""
