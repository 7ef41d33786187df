//! Bars to compute with: five data sets that are hard in different ways, the same in every run.

/// Columns that inputs of the registry can name, in the order in which [`Bars`] holds them.
pub(crate) const NAMES: [&str; 7] = [
    "open", "high", "low", "close", "volume", "session", "anchor",
];

/// The first names: what a bar is made of. Programs that need no more are compiled with these columns only.
pub(crate) const BAR: usize = 5;

/// One column per name of [`NAMES`].
#[derive(Debug, Clone)]
pub(crate) struct Bars(pub(crate) [Vec<f64>; NAMES.len()]);

impl Bars {
    /// Bars with sessions of one to sixty rows, and anchors at the first row of some.
    pub(crate) fn new(bar: [Vec<f64>; BAR]) -> Self {
        let mut random = Random(7);
        let (mut session, mut left) = (0.0, 0);
        let (mut sessions, mut anchors) = (Vec::new(), Vec::new());
        for row in 0..bar[0].len() {
            let begins = left == 0;
            if begins {
                session += 1.0;
                left = 1 + random.below(60);
            }
            left -= 1;
            sessions.push(session);
            let anchored = row == 0 || (begins && random.chance(0.3));
            anchors.push(f64::from(u8::from(anchored)));
        }
        let [open, high, low, close, volume] = bar;
        Self([open, high, low, close, volume, sessions, anchors])
    }

    /// Open, high, low, close and volume.
    pub(crate) fn bar(&mut self) -> &mut [Vec<f64>] {
        &mut self.0[..BAR]
    }

    pub(crate) fn column(&self, name: &str) -> &[f64] {
        &self.0[column_of(name)]
    }

    /// The first rows.
    pub(crate) fn head(&self, rows: usize) -> Self {
        Self(self.0.each_ref().map(|column| column[..rows].to_vec()))
    }

    fn from_closes(closes: Vec<f64>, spread: impl Fn(f64) -> f64, random: &mut Random) -> Self {
        let mut bar: [Vec<f64>; BAR] = std::array::from_fn(|_| Vec::with_capacity(closes.len()));
        for (row, &close) in closes.iter().enumerate() {
            let open = if row == 0 { close } else { closes[row - 1] };
            let open = open + spread(random.unit() - 0.5);
            let high = open.max(close) + spread(random.unit()).abs();
            let low = open.min(close) - spread(random.unit()).abs();
            let volume = (random.unit() * 1e4).floor() * 100.0;
            for (column, value) in bar.iter_mut().zip([open, high, low, close, volume]) {
                column.push(value);
            }
        }
        Self::new(bar)
    }
}

/// Where a name stands in [`NAMES`]; series of no kind of their own take a price.
pub(crate) fn column_of(name: &str) -> usize {
    let name = match name {
        "real0" => "close",
        "real1" => "open",
        "periods" => "volume",
        name => name,
    };
    NAMES
        .iter()
        .position(|known| *known == name)
        .unwrap_or_else(|| panic!("no data for an input named {name}: add it to data::NAMES"))
}

/// The five data sets of the research that chose the oracle.
pub(crate) fn sets(rows: usize) -> [(&'static str, Bars); 5] {
    [
        ("log random walk", walk(rows)),
        ("ticks of 0.05", ticks(rows)),
        ("level 1e9, unit steps", level(rows)),
        ("constant prices", constant(rows)),
        ("spike of 1e12", spike(rows)),
    ]
}

pub(crate) fn walk(rows: usize) -> Bars {
    let mut random = Random(1);
    let mut price: f64 = 100.0;
    let closes = (0..rows)
        .map(|_| {
            price *= (0.02 * (random.unit() - 0.5)).exp();
            price
        })
        .collect();
    Bars::from_closes(closes, |u| 0.5 * u, &mut random)
}

/// Few different values, so that rows tie and changes are often zero.
pub(crate) fn ticks(rows: usize) -> Bars {
    let mut random = Random(2);
    let on_grid = |ticks: f64| ticks.round() * 0.05;
    let mut ticks = 2_000.0;
    let closes = (0..rows)
        .map(|_| {
            ticks += (random.unit() * 3.0).floor() - 1.0;
            on_grid(ticks)
        })
        .collect();
    Bars::from_closes(closes, |u| (u * 2.0).round() * 0.05, &mut random)
}

/// Prices that leave few digits for the changes.
pub(crate) fn level(rows: usize) -> Bars {
    let mut random = Random(3);
    let mut price = 1e9;
    let closes = (0..rows)
        .map(|_| {
            price += (random.unit() * 3.0).floor() - 1.0;
            price
        })
        .collect();
    Bars::from_closes(closes, |u| (u * 2.0).round(), &mut random)
}

pub(crate) fn constant(rows: usize) -> Bars {
    Bars::new([42.7, 42.7, 42.7, 42.7, 1000.0].map(|value| vec![value; rows]))
}

/// A walk with three rows, a quarter into the series, that are far away.
pub(crate) fn spike(rows: usize) -> Bars {
    let mut bars = walk(rows);
    for row in rows / 4..(rows / 4 + 3).min(rows) {
        for column in bars.bar() {
            column[row] *= 1e10;
        }
    }
    bars
}

/// Xorshift: numbers that look random and are the same everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        // The first numbers of a small seed would be small.
        if self.0 < 1 << 32 {
            self.0 = (self.0 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// From 0 up to, but without, 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    pub(crate) fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }
}
