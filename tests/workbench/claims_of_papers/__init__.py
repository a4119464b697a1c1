"""The claims of methods that are not built yet: that the contract can say them is known before their cards exist."""
