"""What the parts of the page are made of."""
