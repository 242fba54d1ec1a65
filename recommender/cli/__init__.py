"""The command line: `python -m recommender`."""
