"""The learned matchers: torch only here and in `training`. Painting needs none of it."""
