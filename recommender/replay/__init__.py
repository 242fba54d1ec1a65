"""Replay: models trained on what was known by then alone, asked about what came next."""
