"""Models & data: tables, previews, playground."""
