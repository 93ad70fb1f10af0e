"""Many cuts at once: `shiage batch`."""
