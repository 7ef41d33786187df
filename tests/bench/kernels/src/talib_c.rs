//! TA-Lib's own C library, called series by series as its users do.

use std::{ffi::c_int, ops::Range, path::Path};

use libloading::Library;

use crate::{
    Function, Outputs,
    contender::Contender,
    data::{Bars, series},
};

/// The loaded library.
pub struct TaLib(Library);

type Of1 = unsafe extern "C" fn(
    c_int,
    c_int,
    *const f64,
    c_int,
    *mut c_int,
    *mut c_int,
    *mut f64,
) -> c_int;
type Macd = unsafe extern "C" fn(
    c_int,
    c_int,
    *const f64,
    c_int,
    c_int,
    c_int,
    *mut c_int,
    *mut c_int,
    *mut f64,
    *mut f64,
    *mut f64,
) -> c_int;
type Bands = unsafe extern "C" fn(
    c_int,
    c_int,
    *const f64,
    c_int,
    f64,
    f64,
    c_int,
    *mut c_int,
    *mut c_int,
    *mut f64,
    *mut f64,
    *mut f64,
) -> c_int;
type Of3 = unsafe extern "C" fn(
    c_int,
    c_int,
    *const f64,
    *const f64,
    *const f64,
    c_int,
    *mut c_int,
    *mut c_int,
    *mut f64,
) -> c_int;
type Stoch = unsafe extern "C" fn(
    c_int,
    c_int,
    *const f64,
    *const f64,
    *const f64,
    c_int,
    c_int,
    c_int,
    c_int,
    c_int,
    *mut c_int,
    *mut c_int,
    *mut f64,
    *mut f64,
) -> c_int;
type Candle = unsafe extern "C" fn(
    c_int,
    c_int,
    *const f64,
    *const f64,
    *const f64,
    *const f64,
    *mut c_int,
    *mut c_int,
    *mut c_int,
) -> c_int;

impl TaLib {
    pub fn open(path: &Path) -> Result<Self, String> {
        let fault = |error| format!("{}: {error}", path.display());
        // SAFETY: the library's initialisers are those of the C runtime; `TA_Initialize` takes nothing.
        unsafe {
            let library = Library::new(path).map_err(fault)?;
            let initialize: unsafe extern "C" fn() -> c_int =
                *library.get(b"TA_Initialize").map_err(fault)?;
            initialize();
            Ok(Self(library))
        }
    }

    /// # Safety
    /// `F` is the function's C signature.
    unsafe fn function<F: Copy>(&self, name: &str) -> F {
        // SAFETY: the caller's promise.
        unsafe {
            *self
                .0
                .get::<F>(name.as_bytes())
                .expect("a function of TA-Lib")
        }
    }

    pub fn contender<'a>(&'a self, function: &Function, bars: &'a Bars) -> Contender<'a> {
        let (mut begin, mut count) = (0, 0);
        let p = |index: usize| function.params[index] as c_int;
        // SAFETY, for all calls: the signatures are those of ta_func.h; every column has all rows of the series, and a
        // function writes one value per row after its lookback, from the address given.
        macro_rules! each_series {
            ($name:literal, |$f:ident: $type:ty, $rows:ident, $last:ident, $out:ident| $call:expr) => {{
                let $f: $type = unsafe { self.function($name) };
                Contender::new("TA-Lib C", move |$out| {
                    for $rows in series() {
                        let $last = $rows.len() as c_int - 1;
                        let code = unsafe { $call };
                        assert_eq!(code, 0, "{}", $name);
                    }
                })
            }};
        }
        let [high, low, close] = [&bars.high, &bars.low, &bars.close];
        match function.name {
            name @ ("sma" | "ema" | "rsi") => {
                let (symbol, lookback) = match name {
                    "sma" => ("TA_SMA", p(0) - 1),
                    "ema" => ("TA_EMA", p(0) - 1),
                    _ => ("TA_RSI", p(0)),
                };
                let (f, period): (Of1, _) = (unsafe { self.function(symbol) }, p(0));
                Contender::new("TA-Lib C", move |out: &mut Outputs| {
                    for rows in series() {
                        let last = rows.len() as c_int - 1;
                        let to = place(&mut out.real[0], &rows, lookback as usize);
                        let code = unsafe {
                            f(
                                0,
                                last,
                                at(close, &rows),
                                period,
                                &mut begin,
                                &mut count,
                                to,
                            )
                        };
                        assert_eq!(code, 0, "{symbol}");
                    }
                })
            }
            "macd" => {
                let (fast, slow, signal) = (p(0), p(1), p(2));
                let skip = (slow + signal - 2) as usize;
                each_series!("TA_MACD", |f: Macd, rows, last, out| {
                    let [a, b, c] = out.real.each_mut().map(|out| place(out, &rows, skip));
                    f(
                        0,
                        last,
                        at(close, &rows),
                        fast,
                        slow,
                        signal,
                        &mut begin,
                        &mut count,
                        a,
                        b,
                        c,
                    )
                })
            }
            "bbands" => {
                let (period, up, down) = (p(0), function.params[1], function.params[2]);
                let skip = period as usize - 1;
                each_series!("TA_BBANDS", |f: Bands, rows, last, out| {
                    let [a, b, c] = out.real.each_mut().map(|out| place(out, &rows, skip));
                    f(
                        0,
                        last,
                        at(close, &rows),
                        period,
                        up,
                        down,
                        0,
                        &mut begin,
                        &mut count,
                        a,
                        b,
                        c,
                    )
                })
            }
            "atr" => {
                let period = p(0);
                each_series!("TA_ATR", |f: Of3, rows, last, out| {
                    let to = place(&mut out.real[0], &rows, period as usize);
                    let [h, l, c] = [high, low, close].map(|column| at(column, &rows));
                    f(0, last, h, l, c, period, &mut begin, &mut count, to)
                })
            }
            "stoch" => {
                let (k, slow_k, slow_d) = (p(0), p(1), p(3));
                let skip = (k + slow_k + slow_d - 3) as usize;
                each_series!("TA_STOCH", |f: Stoch, rows, last, out| {
                    let [a, b, _] = out.real.each_mut().map(|out| place(out, &rows, skip));
                    let [h, l, c] = [high, low, close].map(|column| at(column, &rows));
                    f(
                        0, last, h, l, c, k, slow_k, 0, slow_d, 0, &mut begin, &mut count, a, b,
                    )
                })
            }
            "cdlengulfing" => {
                let open = &bars.open;
                each_series!("TA_CDLENGULFING", |f: Candle, rows, last, out| {
                    let to = out.integer[rows.clone()][2..].as_mut_ptr();
                    let [o, h, l, c] = [open, high, low, close].map(|column| at(column, &rows));
                    f(0, last, o, h, l, c, &mut begin, &mut count, to)
                })
            }
            name => panic!("no call of TA-Lib for {name}"),
        }
    }
}

fn at(column: &[f64], rows: &Range<usize>) -> *const f64 {
    column[rows.clone()].as_ptr()
}

/// Where the first value goes.
fn place(column: &mut [f64], rows: &Range<usize>, lookback: usize) -> *mut f64 {
    column[rows.clone()][lookback..].as_mut_ptr()
}
