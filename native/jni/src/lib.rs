//! The JVM boundary.
