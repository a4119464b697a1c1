"""The web server: the page, its routes and its options."""
