//! What the registry says of each function, against the table of the `ta-lib` crate 0.8.3.

use financelake_indicators::registry::{self, Definition, OutputKind, ParamKind, Source};
use ta_lib::abstract_api::{FUNCS, FuncInfo, InputType, OptInputType, OutputType, get_func_handle};

use crate::data::NAMES;

/// The definitions that come from TA-Lib.
pub(crate) fn of_ta_lib() -> impl Iterator<Item = &'static Definition> {
    let all = registry::definitions().iter();
    all.filter(|definition| matches!(definition.source, Source::TaLib(_)))
}

/// The definitions that come from publications.
pub(crate) fn published() -> impl Iterator<Item = &'static Definition> {
    let all = registry::definitions().iter();
    all.filter(|definition| matches!(definition.source, Source::Published(_)))
}

/// The function that a definition names as its source.
pub(crate) fn function_of(definition: &Definition) -> &'static FuncInfo {
    let Definition { name, source, .. } = definition;
    let Source::TaLib(function) = source else {
        panic!("{name} does not come from TA-Lib")
    };
    get_func_handle(function)
        .unwrap_or_else(|| panic!("{name}: TA-Lib has no function {function:?}"))
        .info()
}

#[test]
fn all_functions_of_ta_lib_are_there() {
    let given: Vec<_> = of_ta_lib()
        .map(|definition| function_of(definition).name)
        .collect();
    let mut wanted: Vec<_> = FUNCS.iter().map(|function| function.name).collect();
    wanted.sort_unstable();
    assert_eq!(given, wanted);
}

/// The inputs of a function, spelled as the registry spells them.
pub(crate) fn inputs_of(function: &FuncInfo) -> Vec<&'static str> {
    let names = function.inputs.iter().flat_map(|input| match input.kind {
        InputType::Price => (0..NAMES.len())
            .filter(|bit| input.flags.bits() >> bit & 1 == 1)
            .map(|bit| NAMES[bit])
            .collect(),
        _ => match input.param_name {
            "inReal" => vec!["close"],
            "inReal0" => vec!["real0"],
            "inReal1" => vec!["real1"],
            "inPeriods" => vec!["periods"],
            other => panic!("{}: what is {other}?", function.name),
        },
    });
    names.collect()
}

#[test]
fn the_registry_says_what_ta_lib_says() {
    for definition in of_ta_lib() {
        let function = function_of(definition);
        let name = definition.name;
        assert_eq!(name, function.name.to_lowercase());
        assert_eq!(definition.group, function.group.as_str(), "{name}");
        let inputs: Vec<_> = definition.inputs.iter().map(|input| input.name).collect();
        assert_eq!(inputs, inputs_of(function), "{name}");

        assert_eq!(definition.params.len(), function.opt_inputs.len(), "{name}");
        for (param, info) in definition.params.iter().zip(function.opt_inputs) {
            let wanted = info.param_name.trim_start_matches("optIn").to_lowercase();
            assert_eq!(param.name, wanted, "{name}");
            let (kind, min, max, default) = match info.kind {
                OptInputType::RealRange {
                    min, max, default, ..
                } => (ParamKind::Real, min, max, default),
                OptInputType::IntegerRange {
                    min, max, default, ..
                } => {
                    // TA-Lib's table does not say which numbers must be even, or not above the next.
                    let kind = match param.kind {
                        kind @ (ParamKind::Even | ParamKind::AtMostNext) => kind,
                        _ => ParamKind::Integer,
                    };
                    (kind, min.into(), max.into(), default.into())
                }
                OptInputType::IntegerList {
                    values, default, ..
                } => {
                    let codes = values.iter().map(|(code, name)| format!("{code} = {name}"));
                    let list = codes.collect::<Vec<_>>().join(", ");
                    assert!(param.doc.ends_with(&list), "{name}: {list}");
                    let last = values.len() - 1;
                    (ParamKind::MaType, 0.0, last as f64, default as f64)
                }
                OptInputType::RealList { .. } => panic!("{name}: {} is a list", param.name),
            };
            let given = (param.kind, param.min, param.max, param.default);
            assert_eq!(given, (kind, min, max, default), "{name}: {}", param.name);
        }

        let outputs: Vec<_> = definition
            .outputs
            .iter()
            .map(|output| (output.name.to_string(), output.kind))
            .collect();
        assert_eq!(outputs, outputs_of(function), "{name}");
    }
}

/// The outputs of a function, spelled by the rule of the registry: without `out`, `Real`, `Band` and the function's own
/// name, in snake case; a single one is `value`.
fn outputs_of(function: &FuncInfo) -> Vec<(String, OutputKind)> {
    let single = function.outputs.len() == 1;
    let spell = |name: &str| {
        let name = name.trim_start_matches("out").trim_start_matches("Real");
        let name = name.trim_end_matches("Band");
        if single {
            return "value".into();
        }
        // A variant is called by the name of what it varies.
        let own = function
            .name
            .trim_end_matches("EXT")
            .trim_end_matches("FIX");
        let rest = match name.get(..own.len()) {
            Some(start) if start.eq_ignore_ascii_case(own) && name.len() > own.len() => {
                &name[own.len()..]
            }
            _ => name,
        };
        // Words begin with a capital after a small letter: `PlusVI` has two.
        let mut snake = String::new();
        let mut small = false;
        for letter in rest.chars() {
            if letter.is_uppercase() && small {
                snake.push('_');
            }
            small = letter.is_lowercase();
            snake.extend(letter.to_lowercase());
        }
        snake
    };
    let kind = |kind: OutputType| match kind {
        OutputType::Real => OutputKind::Real,
        OutputType::Integer => OutputKind::Integer,
    };
    let outputs = function.outputs.iter();
    outputs
        .map(|output| (spell(output.param_name), kind(output.kind)))
        .collect()
}
