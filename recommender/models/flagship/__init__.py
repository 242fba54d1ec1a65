"""The flagship: retrieval and rating in one model that reads history, moment and features."""
