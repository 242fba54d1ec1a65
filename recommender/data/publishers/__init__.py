"""One reader for each publisher: MovieLens 100K, the other MovieLens editions, the anime archive."""
