"""How good matchers are: what is measured on what, how it is counted and shown."""
