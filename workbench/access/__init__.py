"""Who may: logins, origins, tokens, headers."""
