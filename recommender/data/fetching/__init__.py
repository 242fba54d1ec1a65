"""Files from elsewhere, verified: what is published where, downloads, the cache."""
