"""Training of the learned matchers."""
