//! What the registry promises by itself; what it says of TA-Lib's functions is compared in `oracle`.

use std::collections::HashSet;

use financelake_indicators::{
    Params,
    registry::{self, ParamKind},
};

#[test]
fn names_are_sorted_and_unique() {
    let names: Vec<_> = registry::definitions()
        .iter()
        .map(|definition| definition.name)
        .collect();
    assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
    assert!(names.len() >= 10);
}

#[test]
fn names_of_inputs_parameters_and_outputs_are_unique_and_plain() {
    let plain = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    for definition in registry::definitions() {
        let arguments: Vec<_> = definition
            .inputs
            .iter()
            .map(|input| input.name)
            .chain(definition.params.iter().map(|param| param.name))
            .collect();
        let outputs: Vec<_> = definition
            .outputs
            .iter()
            .map(|output| output.name)
            .collect();
        for names in [&arguments, &outputs] {
            let unique: HashSet<_> = names.iter().collect();
            assert_eq!(unique.len(), names.len(), "{}", definition.name);
            assert!(names.iter().all(|name| plain(name)), "{names:?}");
        }
        assert!(plain(definition.name) && !definition.outputs.is_empty());
        if let [output] = definition.outputs {
            assert_eq!(output.name, "value", "{}", definition.name);
        }
    }
}

#[test]
fn defaults_are_inside_their_ranges() {
    for definition in registry::definitions() {
        for param in definition.params {
            let name = format!("{}: {}", definition.name, param.name);
            assert!((param.min..=param.max).contains(&param.default), "{name}");
            if param.kind != ParamKind::Real {
                let whole = [param.min, param.default, param.max];
                assert!(whole.iter().all(|value| value.fract() == 0.0), "{name}");
            }
        }
        let defaults: Vec<_> = definition
            .params
            .iter()
            .map(|param| param.default)
            .collect();
        let resolved = Params::resolve(definition, &[]).expect("defaults");
        assert_eq!(resolved.values(), defaults, "{}", definition.name);
    }
}

#[test]
fn texts_are_sentences() {
    for definition in registry::definitions() {
        let summary = definition.summary;
        assert!(summary.ends_with('.') && summary.len() > 20, "{summary}");
        assert!(!summary.contains("  "), "{summary}");
        let formula = definition.formula;
        assert!(!formula.is_empty() && !formula.contains("  "), "{formula}");
        assert!(!formula.ends_with(['.', ';']), "{formula}");
        for param in definition.params {
            assert!(
                !param.doc.is_empty() && !param.doc.ends_with('.'),
                "{}",
                param.doc
            );
        }
    }
}

/// What the reader of a formula must be able to find in it.
#[test]
fn formulas_tell_every_output_apart() {
    for definition in registry::definitions() {
        if definition.outputs.len() > 1 {
            for output in definition.outputs {
                let said = definition.formula.contains(output.name);
                assert!(said, "{}: {}", definition.name, output.name);
            }
        }
    }
}

#[test]
fn the_json_has_every_definition_with_whole_numbers_as_such() {
    let json = registry::json();
    assert_eq!(json["version"], 1);
    let functions = json["functions"].as_array().expect("a list");
    assert_eq!(functions.len(), registry::definitions().len());
    for (function, definition) in functions.iter().zip(registry::definitions()) {
        assert_eq!(function["name"], definition.name);
        let outputs = function["outputs"].as_array().expect("a list");
        assert_eq!(outputs.len(), definition.outputs.len());
        let lookback = definition.lookback(&Params::resolve(definition, &[]).expect("defaults"));
        assert_eq!(function["lookback"], lookback);
    }
    let rsi = functions.iter().find(|function| function["name"] == "rsi");
    let param = &rsi.expect("rsi")["params"][0];
    assert_eq!(
        param.to_string(),
        r#"{"default":14,"doc":"rows that seed the averages and set its weight","kind":"integer","max":100000,"min":2,"name":"timeperiod"}"#
            .replace("set its", "set their")
    );
}
