//! Candle patterns against whole runs of TA-Lib: the same where no rounding decides, and where they differ it is a tie.

use financelake_indicators::{
    Params,
    registry::{self, Definition, Parity},
};
use ta_lib::{CandleSetting, CandleSettingType, Core};

use crate::{
    data::{self, Bars, Random},
    drive::{Values, difference},
    oracle::{expected_with, ours},
};

fn patterns() -> impl Iterator<Item = &'static Definition> {
    let all = registry::definitions().iter();
    all.filter(|definition| definition.group == "Pattern Recognition")
}

fn defaults(definition: &Definition) -> Params {
    Params::resolve(definition, &[]).expect("defaults")
}

fn whole_run(definition: &Definition, bars: &Bars) -> Vec<Values> {
    let rows = bars.0[0].len();
    expected_with(&Core::new(), definition, &defaults(definition), bars, rows)
}

/// Open, high, low and close.
type Candle = [f64; 4];

/// Patterns that chance alone does not make, as prices above or below an origin.
const RARE: [&[Candle]; 13] = [
    // Two crows.
    &[
        [0., 31., -1., 30.],
        [36., 37., 33., 34.],
        [35., 36., 9., 10.],
    ],
    // Upside gap two crows.
    &[
        [0., 30., -1., 30.],
        [36., 37., 33., 34.],
        [38., 39., 31., 32.],
    ],
    // Three stars in the south.
    &[
        [30., 31., -35., 0.],
        [12., 14., -20., -5.],
        [3., 3., 1., 1.],
    ],
    // Breakaway.
    &[
        [30., 31., -1., 0.],
        [-3., -2., -7., -6.],
        [-5., -4., -10., -9.],
        [-7., -6., -13., -12.],
        [-11., -1., -12., -2.],
    ],
    // Mat hold.
    &[
        [0., 31., -1., 30.],
        [36., 37., 33., 34.],
        [31., 32., 27., 28.],
        [28., 29., 25., 26.],
        [27., 50., 27., 48.],
    ],
    // Rising three methods.
    &[
        [0., 31., -1., 30.],
        [28., 29., 25., 26.],
        [26., 27., 22., 23.],
        [23., 24., 19., 20.],
        [22., 55., 21., 54.],
    ],
    // Concealing baby swallow.
    &[
        [40., 40., 20., 20.],
        [18., 18., 0., 0.],
        [-3., 6., -8., -8.],
        [7., 8., -12., -11.],
    ],
    // Three black crows.
    &[
        [40., 52., 39., 50.],
        [49., 49., 34., 34.],
        [45., 45., 28., 28.],
        [40., 40., 20., 20.],
    ],
    // Ladder bottom.
    &[
        [40., 41., 29., 30.],
        [35., 36., 24., 25.],
        [30., 31., 19., 20.],
        [24., 34., 13., 14.],
        [26., 41., 25., 40.],
    ],
    // Unique three river.
    &[
        [30., 31., -1., 0.],
        [26., 27., -20., 22.],
        [-4., -1., -5., -2.],
    ],
    // Upside gap three methods.
    &[
        [0., 31., -1., 30.],
        [36., 41., 35., 40.],
        [38., 39., 9., 10.],
    ],
    // Three-line strike.
    &[
        [0., 21., -1., 20.],
        [10., 31., 9., 30.],
        [20., 41., 19., 40.],
        [42., 43., -6., -5.],
    ],
    // Abandoned baby.
    &[
        [0., 30., -1., 30.],
        [35., 36., 34., 35.],
        [31., 32., 5., 6.],
    ],
];

/// Candles of whole prices, small enough that every sum of them is exact, so that rounding decides nothing: drawn from the
/// few sizes and places that patterns are made of, with rare patterns and near misses of them in between.
fn candles(rows: usize) -> Bars {
    let mut random = Random(5);
    let mut made: Vec<Candle> = vec![[1e6; 4]];
    let mut white = true;
    while made.len() < rows {
        let before = made[made.len() - 1];
        if random.chance(0.05) {
            let rare = RARE[random.below(RARE.len())];
            let turned = random.chance(0.5);
            for candle in rare {
                made.push(misprinted(*candle, before[3], turned, &mut random));
            }
        } else {
            white ^= random.chance(0.3);
            made.push(drawn(before, white, &mut random));
        }
    }
    let column = |at: usize| made[..rows].iter().map(|candle| candle[at]).collect();
    Bars::new([column(0), column(1), column(2), column(3), vec![1.0; rows]])
}

/// The candle at its place, possibly upside down, and sometimes with a price that is off by a little.
fn misprinted(candle: Candle, origin: f64, turned: bool, random: &mut Random) -> Candle {
    let [open, high, low, close] = candle.map(|price| {
        let error = if random.chance(0.05) {
            random.below(7) as f64 - 3.0
        } else {
            0.0
        };
        price + error
    });
    let (top, bottom) = (open.max(close), open.min(close));
    let [open, high, low, close] = [open, high.max(top), low.min(bottom), close];
    let candle = if turned {
        [-open, -low, -high, -close]
    } else {
        [open, high, low, close]
    };
    candle.map(|price| price + origin)
}

fn drawn([open, high, low, close]: Candle, white: bool, random: &mut Random) -> Candle {
    let mut one_of = |sizes: &[f64]| sizes[random.below(sizes.len())];
    let (top, bottom) = (open.max(close), open.min(close));
    let inside = ((top + bottom) / 2.0).floor();
    let opens = [
        close,
        close,
        open,
        inside,
        high + 2.0,
        low - 2.0,
        top + 3.0,
        bottom - 3.0,
    ];
    let new_open = one_of(&opens);
    let body = one_of(&[0.0, 1.0, 3.0, 6.0, 30.0, 40.0]);
    let body = if white { body } else { -body };
    // Most end at a distance of their own, some where the candle before had a price.
    let ends = [
        new_open + body,
        new_open + body,
        one_of(&[close, inside, low, high]),
    ];
    let new_close = one_of(&ends);
    let shadows = [0.0, 0.0, 0.0, 1.0, 4.0, 20.0];
    [
        new_open,
        new_open.max(new_close) + one_of(&shadows),
        new_open.min(new_close) - one_of(&shadows),
        new_close,
    ]
}

#[test]
fn every_pattern_occurs_where_ta_lib_sees_it() {
    let bars = candles(40_000);
    for definition in patterns() {
        let wanted = whole_run(definition, &bars);
        let given = ours(definition, &defaults(definition), bars.clone());
        assert_eq!(difference(&given, &wanted), None, "{}", definition.name);

        let count = |sign: f64| {
            let values = given[0].iter().flatten();
            values.filter(|&value| value * sign > 0.0).count()
        };
        let (up, down) = (count(1.0), count(-1.0));
        println!("{}: {up} up, {down} down", definition.name);
        // The summary says which values there are.
        let rises = !definition.summary.ends_with("; -100 or 0.");
        let falls = !definition.summary.ends_with("; 100 or 0.");
        for (there, count) in [(rises, up), (falls, down)] {
            let name = definition.name;
            assert!(
                if there { count >= 10 } else { count == 0 },
                "{name}: {count} of {there}"
            );
        }
    }
}

/// TA-Lib with thresholds changed by these shares: those that are means of bodies, and those that are means of ranges.
fn nudged(bodies: f64, ranges: f64) -> Core {
    use CandleSettingType::{
        BodyDoji, BodyLong, BodyShort, Equal, Far, Near, ShadowShort, ShadowVeryShort,
    };
    let plain = Core::new();
    let of_bodies = [BodyLong, BodyShort].map(|kind| (kind, bodies));
    let of_ranges =
        [BodyDoji, ShadowShort, ShadowVeryShort, Near, Far, Equal].map(|kind| (kind, ranges));
    let all = of_bodies.into_iter().chain(of_ranges);
    let builder = all.fold(Core::builder(), |builder, (kind, share)| {
        let setting = plain.get_candle_setting(kind).expect("a setting");
        let factor = setting.factor * (1.0 + share);
        builder.candle_setting(kind, CandleSetting { factor, ..setting })
    });
    builder.build().expect("factors are free")
}

/// The rows where a whole run says something else than we do.
fn differing(definition: &Definition, bars: &Bars) -> Vec<(usize, [Option<f64>; 2])> {
    let whole = &whole_run(definition, bars)[0];
    let given = &ours(definition, &defaults(definition), bars.clone())[0];
    let pairs = whole.iter().zip(given).enumerate();
    let pairs = pairs.map(|(row, (whole, given))| (row, [*whole, *given]));
    pairs.filter(|(_, [whole, given])| whole != given).collect()
}

/// Differences of prices are whole multiples of the last binary digit of the smallest price, so totals of them are exact
/// while the prices of a run have about the same size, also on decimal ticks.
#[test]
fn whole_runs_say_the_same_while_prices_have_the_same_size() {
    for (set, bars) in data::sets(3_000) {
        if set == "spike of 1e12" {
            continue;
        }
        for definition in patterns() {
            let found = differing(definition, &bars);
            assert!(found.is_empty(), "{} on {set}: {found:?}", definition.name);
        }
    }
}

/// After a fall a running total keeps a rounding error. It decides only where a value lies on a threshold: TA-Lib itself
/// says either for the row alone when the thresholds move by a billionth.
#[test]
fn after_a_fall_whole_runs_differ_at_ties_only() {
    let mut bars = data::ticks(3_000);
    for column in &mut bars.0[..4] {
        for (row, price) in column.iter_mut().enumerate() {
            let ticks = (*price / 0.05).round() - 1_800.0;
            *price = ticks * if row < 200 { 5_000.0 } else { 0.05 };
        }
    }
    let mut ties = 0;
    for definition in patterns() {
        let found = differing(definition, &bars);
        if found.is_empty() {
            continue;
        }
        println!("{}: {} of 3000 rows", definition.name, found.len());
        assert_eq!(
            definition.parity,
            Parity::Windowed(0.0),
            "{}",
            definition.name
        );
        let params = defaults(definition);
        let (less, more) = (-1e-9, 1e-9);
        let near =
            [(less, less), (less, more), (more, less), (more, more)].map(|(bodies, ranges)| {
                expected_with(&nudged(bodies, ranges), definition, &params, &bars, 1)
            });
        for (row, both) in &found {
            let near = near.each_ref().map(|values| values[0][*row]);
            let tie = both.iter().all(|value| near.contains(value));
            assert!(
                tie,
                "{}, row {row}: {both:?}, near {near:?}",
                definition.name
            );
        }
        ties += found.len();
    }
    assert!(
        ties > 0,
        "this data no longer has a tie that rounding decides"
    );
}
