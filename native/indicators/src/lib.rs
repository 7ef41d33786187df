//! Technical indicators as causal state machines.
