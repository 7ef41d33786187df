//! The `kand` crate, called series by series.

use kand::ohlcv;

use financelake_indicators::registry::Definition;

use crate::{
    contender::{Contender, Output},
    data::{Bars, ROWS},
};

/// `None` for functions that it has not, or that nobody looked up yet.
pub fn contender<'a>(
    definition: &'static Definition,
    params: &[f64],
    bars: &'a Bars,
) -> Option<Contender<'a>> {
    let real = |index: usize| params[index];
    let p = |index: usize| params[index] as usize;
    let [high, low, close] = ["high", "low", "close"].map(|name| bars.column(name));
    let [mut a, mut b, mut c, mut d] = std::array::from_fn(|_| vec![0.0; ROWS]);
    macro_rules! each_series {
        (|$rows:ident, $out:ident| $call:expr) => {
            Contender::new("kand", definition, bars, move |outputs: &mut [Output]| {
                let mut columns = outputs.iter_mut().map(|output| match output {
                    Output::Real(values) => values,
                    Output::Integer(_) => unreachable!("no candle here"),
                });
                let columns: [&mut [f64]; 3] =
                    std::array::from_fn(|_| columns.next().map_or(&mut [][..], |column| column));
                #[allow(
                    unused_mut,
                    reason = "functions of several outputs borrow each of them"
                )]
                let mut $out = columns;
                for $rows in bars.series() {
                    $call.expect("good parameters");
                }
            })
        };
    }
    Some(match definition.name {
        "sma" => {
            let period = p(0);
            each_series!(|rows, out| {
                ohlcv::sma::sma(&close[rows.clone()], period, &mut out[0][rows])
            })
        }
        "ema" => {
            let period = p(0);
            each_series!(|rows, out| {
                ohlcv::ema::ema(&close[rows.clone()], period, None, &mut out[0][rows])
            })
        }
        "rsi" => {
            let period = p(0);
            each_series!(|rows, out| {
                let to = &mut out[0][rows.clone()];
                ohlcv::rsi::rsi(&close[rows], period, to, &mut a, &mut b)
            })
        }
        "macd" => {
            let (fast, slow, signal) = (p(0), p(1), p(2));
            each_series!(|rows, out| {
                let [x, y, z] = out
                    .each_mut()
                    .map(|out| out.get_mut(rows.clone()).unwrap_or_default());
                ohlcv::macd::macd(&close[rows], fast, slow, signal, x, y, z, &mut a, &mut b)
            })
        }
        "bbands" => {
            let (period, up, down) = (p(0), real(1), real(2));
            each_series!(|rows, out| {
                let [x, y, z] = out
                    .each_mut()
                    .map(|out| out.get_mut(rows.clone()).unwrap_or_default());
                let prices = &close[rows];
                ohlcv::bbands::bbands(
                    prices, period, up, down, x, y, z, &mut a, &mut b, &mut c, &mut d,
                )
            })
        }
        "atr" => {
            let period = p(0);
            each_series!(|rows, out| {
                let [h, l, c] = [high, low, close].map(|column| &column[rows.clone()]);
                ohlcv::atr::atr(h, l, c, period, &mut out[0][rows])
            })
        }
        "stoch" => {
            let (k, slow_k, slow_d) = (p(0), p(1), p(3));
            each_series!(|rows, out| {
                let [x, y, _] = out
                    .each_mut()
                    .map(|out| out.get_mut(rows.clone()).unwrap_or_default());
                let [h, l, c] = [high, low, close].map(|column| &column[rows.clone()]);
                // It reads what it finds in its outputs, and NaN of the call before would stay for ever.
                a.fill(0.0);
                x.fill(0.0);
                y.fill(0.0);
                ohlcv::stoch::stoch(h, l, c, k, slow_k, slow_d, &mut a, x, y)
            })
        }
        _ => return None,
    })
}
