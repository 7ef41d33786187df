//! Candles and their parts.

/// The prices of one row.
#[derive(Clone, Copy)]
pub(super) struct Candle {
    pub(super) open: f64,
    pub(super) high: f64,
    pub(super) low: f64,
    pub(super) close: f64,
}

impl Candle {
    /// The candle whose prices begin at this place.
    #[inline(always)]
    pub(super) fn of(x: &[f64], at: usize) -> Self {
        Self {
            open: x[at],
            high: x[at + 1],
            low: x[at + 2],
            close: x[at + 3],
        }
    }

    /// Closed where it opened or higher.
    #[inline(always)]
    pub(super) fn white(self) -> bool {
        self.close >= self.open
    }

    /// Closed lower than it opened.
    #[inline(always)]
    pub(super) fn black(self) -> bool {
        !self.white()
    }

    /// Length of the body.
    #[inline(always)]
    pub(super) fn body(self) -> f64 {
        (self.close - self.open).abs()
    }

    /// Upper end of the body.
    #[inline(always)]
    pub(super) fn top(self) -> f64 {
        if self.white() { self.close } else { self.open }
    }

    /// Lower end of the body.
    #[inline(always)]
    pub(super) fn bottom(self) -> f64 {
        if self.white() { self.open } else { self.close }
    }

    /// Length of the upper shadow.
    #[inline(always)]
    pub(super) fn upper(self) -> f64 {
        self.high - self.top()
    }

    /// Length of the lower shadow.
    #[inline(always)]
    pub(super) fn lower(self) -> f64 {
        self.bottom() - self.low
    }

    /// The body lies above the other's: a gap up.
    #[inline(always)]
    pub(super) fn above(self, other: Self) -> bool {
        self.bottom() > other.top()
    }

    /// The body lies below the other's: a gap down.
    #[inline(always)]
    pub(super) fn below(self, other: Self) -> bool {
        self.top() < other.bottom()
    }

    /// The body lies inside the other's and touches neither end.
    #[inline(always)]
    pub(super) fn inside(self, other: Self) -> bool {
        (self.top() < other.top()) & (self.bottom() > other.bottom())
    }
}

/// The value is at most this far from the other.
#[inline(always)]
pub(super) fn close_to(value: f64, other: f64, far: f64) -> bool {
    (value <= other + far) & (value >= other - far)
}

/// 100 if it was found, 0 otherwise.
#[inline(always)]
pub(super) fn bullish(found: bool) -> f64 {
    if found { 100.0 } else { 0.0 }
}

/// -100 if it was found, 0 otherwise.
#[inline(always)]
pub(super) fn bearish(found: bool) -> f64 {
    if found { -100.0 } else { 0.0 }
}

/// 100 or -100 if it was found, 0 otherwise.
#[inline(always)]
pub(super) fn either(found: bool, up: bool) -> f64 {
    let strength = if up { 100.0 } else { -100.0 };
    if found { strength } else { 0.0 }
}
