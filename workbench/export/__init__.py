"""What a run answered as files: CSV, HTML, ZIP."""
