"""The worker process: works runs off and writes what they say."""
