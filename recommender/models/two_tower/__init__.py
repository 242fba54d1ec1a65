"""The tutorials' two-tower models."""
