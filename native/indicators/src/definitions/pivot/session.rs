//! What a session's bars come to, when it is over and while it runs.

use std::marker::PhantomData;

use crate::{
    graph::{Graph, Series},
    scan::Scan,
};

/// How a price of a session comes from those of its rows.
pub(super) trait Price: 'static {
    fn with(so_far: f64, value: f64) -> f64;
}

/// The open.
pub(super) struct First;

impl Price for First {
    #[inline(always)]
    fn with(so_far: f64, _: f64) -> f64 {
        so_far
    }
}

/// The high.
pub(super) struct Highest;

impl Price for Highest {
    #[inline(always)]
    fn with(so_far: f64, value: f64) -> f64 {
        if value > so_far { value } else { so_far }
    }
}

/// The low.
pub(super) struct Lowest;

impl Price for Lowest {
    #[inline(always)]
    fn with(so_far: f64, value: f64) -> f64 {
        if value < so_far { value } else { so_far }
    }
}

/// The close.
pub(super) struct Last;

impl Price for Last {
    #[inline(always)]
    fn with(_: f64, value: f64) -> f64 {
        value
    }
}

/// The price of the session before, NULL in the first, and that of the running session up to the row.
pub(super) fn prices<P: Price>(
    graph: &mut Graph,
    _price: P,
    input: Series,
    session: Series,
) -> [Series; 2] {
    graph.scan(Sessions::<P>(PhantomData), [input, session], [], 0)
}

/// Memory: the mark of the session, its price so far, and that of the session before.
struct Sessions<P>(PhantomData<P>);

impl<P: Price> Scan<2, 2, 3, 0> for Sessions<P> {
    #[inline(always)]
    fn step(
        [mark, running, before]: &mut [f64; 3],
        row: u64,
        [value, now]: [f64; 2],
        _: [f64; 0],
    ) -> [f64; 2] {
        if row == 0 {
            (*running, *before) = (value, f64::NAN);
        } else if now != *mark {
            (*running, *before) = (value, *running);
        } else {
            *running = P::with(*running, value);
        }
        *mark = now;
        [*before, *running]
    }
}
