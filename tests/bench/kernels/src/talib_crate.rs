//! The `ta-lib` crate, called series by series through its table of functions.

use std::ops::Range;

use financelake_indicators::registry::Definition;
use ta_lib::{
    Core,
    abstract_api::{FuncInfo, InputType, OptInputType, ParamHolder, get_func_handle},
};

use crate::{
    contender::{Contender, Output},
    data::Bars,
};

/// The function that a definition is named after.
pub fn function(definition: &Definition) -> Option<&'static FuncInfo> {
    get_func_handle(&definition.name.to_uppercase()).map(|handle| handle.info())
}

pub fn contender<'a>(
    definition: &'static Definition,
    params: &[f64],
    bars: &'a Bars,
) -> Option<Contender<'a>> {
    let function = function(definition)?;
    let core = Core::new();
    let params = params.to_vec();
    let lookback = bound(function, &core, &params, definition, bars, 0..1)
        .lookback()
        .expect("good parameters");
    let run = move |outputs: &mut [Output]| {
        for rows in bars.series() {
            let last = rows.len() - 1;
            let mut holder = bound(function, &core, &params, definition, bars, rows.clone());
            for (index, output) in outputs.iter_mut().enumerate() {
                let rows = rows.start + lookback..rows.end;
                match output {
                    Output::Real(values) => holder.set_output(index, &mut values[rows]).map(drop),
                    Output::Integer(values) => {
                        holder.set_int_output(index, &mut values[rows]).map(drop)
                    }
                }
                .expect("the outputs of the table");
            }
            holder.call(0, last).expect("good parameters");
        }
    };
    Some(Contender::new("ta-lib crate", definition, bars, run))
}

/// A call with parameters and inputs.
fn bound<'a>(
    function: &'static FuncInfo,
    core: &'a Core,
    params: &[f64],
    definition: &Definition,
    bars: &'a Bars,
    rows: Range<usize>,
) -> ParamHolder<'a> {
    let mut holder = function.id.new_call(core);
    for (index, (info, &value)) in function.opt_inputs.iter().zip(params).enumerate() {
        match info.kind {
            OptInputType::RealRange { .. } | OptInputType::RealList { .. } => {
                holder.set_opt_input(index, value).map(drop)
            }
            OptInputType::IntegerRange { .. } | OptInputType::IntegerList { .. } => {
                holder.set_opt_input(index, value as i32).map(drop)
            }
        }
        .expect("the parameters of the table");
    }
    let column = |name| &bars.column(name)[rows.clone()];
    for (slot, input) in function.inputs.iter().enumerate() {
        match input.kind {
            InputType::Price => {
                let [open, high, low, close, volume] =
                    ["open", "high", "low", "close", "volume"].map(|name| Some(column(name)));
                holder
                    .set_price_input(slot, open, high, low, close, volume, None)
                    .map(drop)
            }
            _ => holder
                .set_input(slot, column(definition.inputs[slot].name))
                .map(drop),
        }
        .expect("the inputs of the table");
    }
    holder
}
