//! The `ta-lib` crate, called series by series.

use ta_lib::{Core, MAType};

use crate::{
    Function, Outputs,
    contender::Contender,
    data::{Bars, series},
};

pub fn contender<'a>(function: &Function, bars: &'a Bars) -> Contender<'a> {
    let core = Core::new();
    let p = |index: usize| function.params[index] as i32;
    let Bars {
        open,
        high,
        low,
        close,
    } = bars;
    macro_rules! each_series {
        (|$rows:ident, $last:ident, $out:ident| $call:expr) => {
            Contender::new("ta-lib crate", move |$out: &mut Outputs| {
                for $rows in series() {
                    let $last = $rows.len() - 1;
                    $call.expect("good parameters");
                }
            })
        };
    }
    match function.name {
        "sma" => {
            let period = p(0);
            each_series!(|rows, last, out| {
                let to = &mut out.real[0][rows.clone()][period as usize - 1..];
                core.sma(0, last, &close[rows], period, to)
            })
        }
        "ema" => {
            let period = p(0);
            each_series!(|rows, last, out| {
                let to = &mut out.real[0][rows.clone()][period as usize - 1..];
                core.ema(0, last, &close[rows], period, to)
            })
        }
        "rsi" => {
            let period = p(0);
            each_series!(|rows, last, out| {
                let to = &mut out.real[0][rows.clone()][period as usize..];
                core.rsi(0, last, &close[rows], period, to)
            })
        }
        "macd" => {
            let (fast, slow, signal) = (p(0), p(1), p(2));
            let skip = (slow + signal - 2) as usize;
            each_series!(|rows, last, out| {
                let [a, b, c] = out
                    .real
                    .each_mut()
                    .map(|out| &mut out[rows.clone()][skip..]);
                core.macd(0, last, &close[rows], fast, slow, signal, a, b, c)
            })
        }
        "bbands" => {
            let (period, up, down) = (p(0), function.params[1], function.params[2]);
            let skip = period as usize - 1;
            each_series!(|rows, last, out| {
                let [a, b, c] = out
                    .real
                    .each_mut()
                    .map(|out| &mut out[rows.clone()][skip..]);
                core.bbands(
                    0,
                    last,
                    &close[rows],
                    period,
                    up,
                    down,
                    MAType::SMA,
                    a,
                    b,
                    c,
                )
            })
        }
        "atr" => {
            let period = p(0);
            each_series!(|rows, last, out| {
                let to = &mut out.real[0][rows.clone()][period as usize..];
                let [h, l, c] = [high, low, close].map(|column| &column[rows.clone()]);
                core.atr(0, last, h, l, c, period, to)
            })
        }
        "stoch" => {
            let (k, slow_k, slow_d) = (p(0), p(1), p(3));
            let skip = (k + slow_k + slow_d - 3) as usize;
            let sma = MAType::SMA;
            each_series!(|rows, last, out| {
                let [a, b, _] = out
                    .real
                    .each_mut()
                    .map(|out| &mut out[rows.clone()][skip..]);
                let [h, l, c] = [high, low, close].map(|column| &column[rows.clone()]);
                core.stoch(0, last, h, l, c, k, slow_k, sma, slow_d, sma, a, b)
            })
        }
        "cdlengulfing" => each_series!(|rows, last, out| {
            let to = &mut out.integer[rows.clone()][2..];
            let [o, h, l, c] = [open, high, low, close].map(|column| &column[rows.clone()]);
            core.cdlengulfing(0, last, o, h, l, c, to)
        }),
        name => panic!("no call of the ta-lib crate for {name}"),
    }
}
