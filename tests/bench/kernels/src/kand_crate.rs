//! The `kand` crate, called series by series.

use kand::ohlcv;

use crate::{
    Function, Outputs,
    contender::Contender,
    data::{Bars, ROWS, series},
};

/// `None` for the candle, which it has not.
pub fn contender<'a>(function: &Function, bars: &'a Bars) -> Option<Contender<'a>> {
    let p = |index: usize| function.params[index] as usize;
    let Bars {
        high, low, close, ..
    } = bars;
    let [mut a, mut b, mut c, mut d] = std::array::from_fn(|_| vec![0.0; ROWS]);
    macro_rules! each_series {
        (|$rows:ident, $out:ident| $call:expr) => {
            Contender::new("kand", move |$out: &mut Outputs| {
                for $rows in series() {
                    $call.expect("good parameters");
                }
            })
        };
    }
    Some(match function.name {
        "sma" => {
            let period = p(0);
            each_series!(|rows, out| {
                ohlcv::sma::sma(&close[rows.clone()], period, &mut out.real[0][rows])
            })
        }
        "ema" => {
            let period = p(0);
            each_series!(|rows, out| {
                ohlcv::ema::ema(&close[rows.clone()], period, None, &mut out.real[0][rows])
            })
        }
        "rsi" => {
            let period = p(0);
            each_series!(|rows, out| {
                let to = &mut out.real[0][rows.clone()];
                ohlcv::rsi::rsi(&close[rows], period, to, &mut a, &mut b)
            })
        }
        "macd" => {
            let (fast, slow, signal) = (p(0), p(1), p(2));
            each_series!(|rows, out| {
                let [x, y, z] = out.real.each_mut().map(|out| &mut out[rows.clone()]);
                ohlcv::macd::macd(&close[rows], fast, slow, signal, x, y, z, &mut a, &mut b)
            })
        }
        "bbands" => {
            let (period, up, down) = (p(0), function.params[1], function.params[2]);
            each_series!(|rows, out| {
                let [x, y, z] = out.real.each_mut().map(|out| &mut out[rows.clone()]);
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
                ohlcv::atr::atr(h, l, c, period, &mut out.real[0][rows])
            })
        }
        "stoch" => {
            let (k, slow_k, slow_d) = (p(0), p(1), p(3));
            each_series!(|rows, out| {
                let [x, y, _] = out.real.each_mut().map(|out| &mut out[rows.clone()]);
                let [h, l, c] = [high, low, close].map(|column| &column[rows.clone()]);
                // It reads what it finds in its outputs, and NaN of the call before would stay for ever.
                a.fill(0.0);
                x.fill(0.0);
                y.fill(0.0);
                ohlcv::stoch::stoch(h, l, c, k, slow_k, slow_d, &mut a, x, y)
            })
        }
        "cdlengulfing" => return None,
        name => panic!("no call of kand for {name}"),
    })
}
