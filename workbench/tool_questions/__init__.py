"""Tools of the page that are no methods: playground, registration of models, data preview."""
