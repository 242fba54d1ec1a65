"""Matinee: an interactive dashboard around a multitask recommender."""

import os

__version__ = "0.1.0"

# TensorFlow Recommenders needs Keras 2; and with Keras 3 loaded, Streamlit would empty TensorFlow's kernel cache on
# every rerun. It must stand before TensorFlow is imported, and stands only here.
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
