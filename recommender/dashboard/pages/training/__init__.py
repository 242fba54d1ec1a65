"""The page Training: what a model learned, and training another."""
