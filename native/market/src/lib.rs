//! Market records: their model, the rules they must pass, and the instruments reference.
