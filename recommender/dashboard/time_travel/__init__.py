"""The page Time travel."""
