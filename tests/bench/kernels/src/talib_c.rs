//! TA-Lib's own C library, called series by series through its table of functions.

use std::{
    ffi::{CString, c_int, c_void},
    path::Path,
    ptr::{null, null_mut},
};

use financelake_indicators::registry::Definition;
use libloading::Library;
use ta_lib::abstract_api::{InputType, OptInputType};

use crate::{
    contender::{Contender, Output},
    data::Bars,
    talib_crate,
};

type GetFuncHandle = unsafe extern "C" fn(*const i8, *mut *const c_void) -> c_int;
type ParamHolderAlloc = unsafe extern "C" fn(*const c_void, *mut *mut c_void) -> c_int;
type SetInteger = unsafe extern "C" fn(*mut c_void, u32, c_int) -> c_int;
type SetReal = unsafe extern "C" fn(*mut c_void, u32, f64) -> c_int;
type SetRealInput = unsafe extern "C" fn(*mut c_void, u32, *const f64) -> c_int;
type SetPriceInput = unsafe extern "C" fn(
    *mut c_void,
    u32,
    *const f64,
    *const f64,
    *const f64,
    *const f64,
    *const f64,
    *const f64,
) -> c_int;
type SetRealOutput = unsafe extern "C" fn(*mut c_void, u32, *mut f64) -> c_int;
type SetIntegerOutput = unsafe extern "C" fn(*mut c_void, u32, *mut c_int) -> c_int;
type GetLookback = unsafe extern "C" fn(*mut c_void, *mut c_int) -> c_int;
type CallFunc = unsafe extern "C" fn(*mut c_void, c_int, c_int, *mut c_int, *mut c_int) -> c_int;

/// The loaded library.
pub struct TaLib(Library);

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
    /// `F` is the symbol's C signature.
    unsafe fn symbol<F: Copy>(&self, name: &str) -> F {
        // SAFETY: the caller's promise.
        unsafe { *self.0.get::<F>(name.as_bytes()).expect("TA-Lib's table") }
    }

    /// `None` if the library does not have the function.
    pub fn contender<'a>(
        &'a self,
        definition: &'static Definition,
        params: &[f64],
        bars: &'a Bars,
    ) -> Option<Contender<'a>> {
        let info = talib_crate::function(definition)?;
        let name = CString::new(info.name).expect("a plain name");
        // SAFETY, here and below: the signatures are those of ta_abstract.h; every column has all rows of its series, and
        // a function writes one value per row after its lookback, from the address given.
        let (set_output, set_integer_output, call): (SetRealOutput, SetIntegerOutput, CallFunc) = unsafe {
            (
                self.symbol("TA_SetOutputParamRealPtr"),
                self.symbol("TA_SetOutputParamIntegerPtr"),
                self.symbol("TA_CallFunc"),
            )
        };
        let mut handle = null();
        let found =
            unsafe { self.symbol::<GetFuncHandle>("TA_GetFuncHandle")(name.as_ptr(), &mut handle) };
        if found != 0 {
            return None;
        }
        // One call per series, with everything but the outputs set: they live as long as the benchmark.
        let holders: Vec<_> = bars
            .series()
            .map(|rows| {
                let mut holder = null_mut();
                let column = |name| bars.column(name)[rows.clone()].as_ptr();
                let mut codes = Vec::new();
                unsafe {
                    let allocate: ParamHolderAlloc = self.symbol("TA_ParamHolderAlloc");
                    codes.push(allocate(handle, &mut holder));
                    let set_integer: SetInteger = self.symbol("TA_SetOptInputParamInteger");
                    let set_real: SetReal = self.symbol("TA_SetOptInputParamReal");
                    for (slot, (opt, &value)) in info.opt_inputs.iter().zip(params).enumerate() {
                        let slot = slot as u32;
                        codes.push(match opt.kind {
                            OptInputType::RealRange { .. } | OptInputType::RealList { .. } => {
                                set_real(holder, slot, value)
                            }
                            OptInputType::IntegerRange { .. }
                            | OptInputType::IntegerList { .. } => {
                                set_integer(holder, slot, value as c_int)
                            }
                        });
                    }
                    let set_prices: SetPriceInput = self.symbol("TA_SetInputParamPricePtr");
                    let set_input: SetRealInput = self.symbol("TA_SetInputParamRealPtr");
                    for (slot, input) in info.inputs.iter().enumerate() {
                        codes.push(match input.kind {
                            InputType::Price => set_prices(
                                holder,
                                slot as u32,
                                column("open"),
                                column("high"),
                                column("low"),
                                column("close"),
                                column("volume"),
                                null(),
                            ),
                            _ => {
                                set_input(holder, slot as u32, column(definition.inputs[slot].name))
                            }
                        });
                    }
                }
                assert!(codes.iter().all(|&code| code == 0), "{name:?}: {codes:?}");
                holder
            })
            .collect();
        let mut lookback = 0;
        let code =
            unsafe { self.symbol::<GetLookback>("TA_GetLookback")(holders[0], &mut lookback) };
        assert_eq!(code, 0, "{name:?}");
        let run = move |outputs: &mut [Output]| {
            let (mut begin, mut count) = (0, 0);
            for (&holder, rows) in holders.iter().zip(bars.series()) {
                let first = rows.start + lookback as usize;
                for (slot, output) in outputs.iter_mut().enumerate() {
                    let slot = slot as u32;
                    unsafe {
                        match output {
                            Output::Real(values) => {
                                set_output(holder, slot, values[first..].as_mut_ptr())
                            }
                            Output::Integer(values) => {
                                set_integer_output(holder, slot, values[first..].as_mut_ptr())
                            }
                        };
                    }
                }
                let last = rows.len() as c_int - 1;
                let code = unsafe { call(holder, 0, last, &mut begin, &mut count) };
                assert_eq!(code, 0, "{name:?}");
            }
        };
        Some(Contender::new("TA-Lib C", definition, bars, run))
    }
}
