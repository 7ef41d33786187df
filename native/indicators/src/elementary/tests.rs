//! Against arithmetic of 256 bits.

use std::{cell::RefCell, f64::consts};

use astro_float::{BigFloat, Consts, RoundingMode};

use super::*;
use crate::map::Map;

const BITS: usize = 256;
const ROUNDING: RoundingMode = RoundingMode::None;

thread_local! {
    static CONSTS: RefCell<Consts> = RefCell::new(Consts::new().expect("memory"));
}

/// How many units in the last place the value is off the exact one.
fn ulps(value: f64, exact: &BigFloat) -> f64 {
    let wide = |value| BigFloat::from_f64(value, BITS);
    let unit = wide(value.abs().next_up()).sub(&wide(value.abs()), BITS, ROUNDING);
    let off = wide(value)
        .sub(exact, BITS, ROUNDING)
        .div(&unit, BITS, ROUNDING);
    off.abs().to_string().parse().expect("a number")
}

/// Arguments in a range, many of them close to its ends and to 0, by a fixed sequence.
fn arguments(least: f64, most: f64) -> impl Iterator<Item = f64> {
    let mut state = 1u64;
    let mut next = move || {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    (0..3000).map(move |n| {
        let evenly = least + (most - least) * next();
        match n % 3 {
            0 => evenly,
            1 => evenly * next().powi(8),
            _ => evenly.signum() * evenly.abs().powf(next()).clamp(0.0, most),
        }
    })
}

fn check(
    name: &str,
    [least, most]: [f64; 2],
    own: impl Fn(f64) -> f64,
    exact: impl Fn(&BigFloat, &mut Consts) -> BigFloat,
) {
    let mut worst = (0.0, 0.0);
    for x in arguments(least, most) {
        let value = own(x);
        if !value.is_normal() {
            continue;
        }
        let exact = CONSTS.with_borrow_mut(|consts| exact(&BigFloat::from_f64(x, BITS), consts));
        let off = ulps(value, &exact);
        if off > worst.0 {
            worst = (off, x);
        }
    }
    println!(
        "{name}: off by at most {:.3} units in the last place, at {:e}",
        worst.0, worst.1
    );
    assert!(
        worst.0 <= ULPS,
        "{name}({:e}) is off by {} units",
        worst.1,
        worst.0
    );
}

macro_rules! against_exact {
    ($($test:ident: $own:expr, $exact:ident, $($range:expr),+;)+) => {
        $(#[test]
        fn $test() {
            for range in [$($range),+] {
                check(stringify!($test), range, $own, |x, consts| x.$exact(BITS, ROUNDING, consts));
            }
        })+
    };
}

fn of<M: Map<1, 1, 0>>(x: f64) -> f64 {
    M::at([x], [])[0]
}

against_exact! {
    exp_is_exact: exp, exp, [-708.0, 709.7], [-1.0, 1.0];
    ln_is_exact: ln, ln, [1e-300, 1e300], [0.5, 2.0], [1e-3, 1e6];
    log10_is_exact: log10, log10, [1e-300, 1e300], [0.5, 2.0], [1e-3, 1e6];
    sin_is_exact: of::<Sin>, sin, [-10.0, 10.0], [-4e9, 4e9];
    cos_is_exact: of::<Cos>, cos, [-10.0, 10.0], [-4e9, 4e9];
    tan_is_exact: of::<Tan>, tan, [-10.0, 10.0], [-4e9, 4e9];
    asin_is_exact: asin, asin, [-1.0, 1.0], [-0.6, 0.6];
    acos_is_exact: acos, acos, [-1.0, 1.0], [-0.6, 0.6];
    atan_is_exact: atan, atan, [-4.0, 4.0], [-1e9, 1e9];
    sinh_is_exact: sinh, sinh, [-2.0, 2.0], [-710.0, 710.4];
    cosh_is_exact: cosh, cosh, [-2.0, 2.0], [-710.0, 710.4];
    tanh_is_exact: tanh, tanh, [-2.0, 2.0], [-30.0, 30.0];
}

/// Angles next to whole quarters of a turn, where all but the last digits cancel.
#[test]
fn sines_are_exact_next_to_whole_quarters() {
    for quarters in (0..2000).map(|n| (n as f64 * 1.7).exp2().min(2e9).floor() + n as f64) {
        let x = quarters * consts::FRAC_PI_2;
        for x in [x.next_down(), x, x.next_up()]
            .into_iter()
            .filter(|x| *x > 0.0)
        {
            let wide = BigFloat::from_f64(x, BITS);
            CONSTS.with_borrow_mut(|consts| {
                let exact = [
                    wide.sin(BITS, ROUNDING, consts),
                    wide.cos(BITS, ROUNDING, consts),
                    wide.tan(BITS, ROUNDING, consts),
                ];
                for (value, exact) in [of::<Sin>(x), of::<Cos>(x), of::<Tan>(x)]
                    .into_iter()
                    .zip(exact)
                {
                    let off = ulps(value, &exact);
                    assert!(off <= ULPS, "{x:e}: {value:e} is off by {off} units");
                }
            });
        }
    }
}

#[test]
fn borders_are_those_of_the_standard_library() {
    let odd = [
        0.0,
        -0.0,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        5e-324,
        -5e-324,
        1.0,
        -1.0,
        1.0f64.next_up(),
        1e-300,
        709.782712893384,
        709.7827128933841,
        -745.1332191019411,
        -745.1332191019412,
        710.4758600739439,
        710.475860073944,
        -720.0,
        1e17,
        1000.0,
    ];
    type Pair = (&'static str, fn(f64) -> f64, fn(f64) -> f64);
    let pairs: [Pair; 9] = [
        ("exp", exp, f64::exp),
        ("ln", ln, f64::ln),
        ("log10", log10, f64::log10),
        ("asin", asin, f64::asin),
        ("acos", acos, f64::acos),
        ("atan", atan, f64::atan),
        ("sinh", sinh, f64::sinh),
        ("cosh", cosh, f64::cosh),
        ("tanh", tanh, f64::tanh),
    ];
    for (name, own, standard) in pairs {
        for x in odd {
            let (own, standard) = (own(x), standard(x));
            let same = own.to_bits().abs_diff(standard.to_bits()) <= 1;
            assert!(
                same || own.is_nan() && standard.is_nan(),
                "{name}({x:e}): {own:e} instead of {standard:e}"
            );
        }
    }
}

#[test]
fn powers_of_ten_have_whole_logarithms() {
    for n in -300..=300 {
        let x: f64 = format!("1e{n}").parse().expect("a number");
        assert_eq!(log10(x), f64::from(n), "{x:e}");
    }
}
