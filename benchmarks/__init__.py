"""Figures of speed and memory, each as a ratio against what a user would use instead, measured in one run."""
