"""What answers from a bundle: lists, ratings, the sweep of the clock, explanations; plain TensorFlow alone."""
