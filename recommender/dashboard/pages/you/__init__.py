"""The page You: a visitor who is in no data set."""
