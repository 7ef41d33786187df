"""Real servers for tests, each a JVM of its own, started from their Maven artifacts."""
