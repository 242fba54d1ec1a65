"""What is shown of a model, worked out as frames: lists, viewers, personas, what can be shown at all."""
