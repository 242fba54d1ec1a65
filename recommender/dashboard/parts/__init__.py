"""Drawings that several pages share."""
