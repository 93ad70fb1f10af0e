"""Pictures in files: read as they are, written as they were."""
