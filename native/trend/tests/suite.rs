//! Models as files, windows as rows, data as samples.

use std::sync::Arc;

use financelake_indicators::{Batch, Column};
use financelake_trend::*;
use proptest::prelude::*;

const SIZES: Sizes = Sizes {
    units: [17, 9],
    dense: 5,
};
const WINDOW: usize = 6;

fn features() -> Vec<Feature> {
    ["a", "b", "c"]
        .map(|name| Feature {
            min: -1.0,
            max: 3.0,
            ..Feature::column(name)
        })
        .to_vec()
}

fn file() -> Vec<u8> {
    let card = Card::new(WINDOW, SIZES, features(), Labels::default());
    let weights = Initialisation::PyTorch.weights(3, SIZES, 11);
    Model::write(&card, &weights).unwrap()
}

/// Results of batches with these numbers of rows.
fn run(rows: &[[f64; 3]], groups: &[usize], batches: &[usize]) -> Vec<Option<(i32, [u32; 3])>> {
    let mut executor = TrendExecutor::new(Model::shared(&file()).unwrap());
    let mut results = Vec::new();
    let mut from = 0;
    for &count in batches {
        let part = &rows[from..from + count];
        let columns: Vec<Vec<f64>> = (0..3)
            .map(|c| part.iter().map(|r| r[c]).collect())
            .collect();
        let starts: Vec<u32> = groups
            .iter()
            .filter(|&&start| (from..from + count).contains(&start))
            .map(|start| (start - from) as u32)
            .collect();
        let columns: Vec<Column<'_>> = columns
            .iter()
            .map(|values| Column {
                values,
                validity: None,
            })
            .collect();
        let mut prediction = vec![7; count];
        let mut p = vec![vec![7.0; count]; 3];
        let mut bits = vec![vec![0xff; count.div_ceil(8)]; 4];
        let mut outputs = Outputs {
            prediction: &mut prediction,
            probabilities: p.each_mut_slice(),
            validity: bits.each_mut_slice(),
        };
        let batch = Batch {
            rows: count,
            columns: &columns,
            starts: &starts,
        };
        executor.run(&batch, &mut outputs).unwrap();
        // What a restart in between changes: nothing.
        let state = executor.save();
        executor = TrendExecutor::new(Arc::clone(executor.model()));
        executor.restore(&state).unwrap();
        for row in 0..count {
            let valid = bits[0][row / 8] >> (row % 8) & 1 == 1;
            assert!(
                bits.iter()
                    .all(|b| (b[row / 8] >> (row % 8) & 1 == 1) == valid)
            );
            results.push(valid.then(|| (prediction[row], [0, 1, 2].map(|c| p[c][row].to_bits()))));
            assert!(valid || p[0][row] == 0.0 && prediction[row] == 0);
        }
        from += count;
    }
    results
}

/// Slices out of vectors, as outputs want them.
trait Slices<T> {
    fn each_mut_slice<const N: usize>(&mut self) -> [&mut [T]; N];
}

impl<T> Slices<T> for Vec<Vec<T>> {
    fn each_mut_slice<const N: usize>(&mut self) -> [&mut [T]; N] {
        let slices: Vec<&mut [T]> = self.iter_mut().map(Vec::as_mut_slice).collect();
        slices.try_into().ok().unwrap()
    }
}

/// The same by windows that are cut out of the rows here, one at a time.
fn windows(rows: &[[f64; 3]], groups: &[usize]) -> Vec<Option<(i32, [u32; 3])>> {
    let mut scorer = Scorer::new(Model::shared(&file()).unwrap());
    let mut complete: Vec<[f64; 3]> = Vec::new();
    let mut results = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        if groups.contains(&index) {
            complete.clear();
        }
        if row.iter().any(|value| !value.is_finite()) {
            results.push(None);
            continue;
        }
        complete.push(*row);
        results.push((complete.len() >= WINDOW).then(|| {
            let window = complete[complete.len() - WINDOW..].concat();
            let p = scorer.score(&window).unwrap()[0].unwrap();
            (class_of(&p) as i32, p.map(f32::to_bits))
        }));
    }
    results
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn rows_in_any_batches_give_the_bits_of_single_windows(
        values in prop::collection::vec(prop_oneof![20 => -5.0..5.0, 1 => Just(f64::NAN), 1 => Just(f64::INFINITY),
            1 => Just(1e300)], 3..360),
        mut groups in prop::collection::btree_set(0_usize..120, 0..4),
        sizes in prop::collection::vec(1_usize..70, 1..8),
    ) {
        let rows: Vec<[f64; 3]> = values.as_chunks::<3>().0.to_vec();
        groups.insert(0);
        let groups: Vec<usize> = groups.into_iter().filter(|&g| g < rows.len()).collect();
        let mut batches = Vec::new();
        let mut left = rows.len();
        for size in sizes.iter().cycle() {
            let size = (*size).min(left);
            batches.push(size);
            left -= size;
            if left == 0 { break; }
        }
        let wanted = windows(&rows, &groups);
        prop_assert_eq!(run(&rows, &groups, &batches), wanted.clone());
        prop_assert_eq!(run(&rows, &groups, &[rows.len()]), wanted);
    }

    #[test]
    fn damaged_files_are_refused_and_nothing_more(
        at in 0_usize..8000, byte in any::<u8>(), cut in 0_usize..8000, cuts in any::<bool>(),
    ) {
        let mut bytes = file();
        if cuts { bytes.truncate(cut); } else {
            let length = bytes.len();
            bytes[at % length] = byte;
        }
        // Reading either refuses, or gives a model that scores without trouble.
        if let Ok(model) = Model::read(&bytes) {
            let width = model.card().features.len() * model.card().window;
            if width < 10_000 {
                Scorer::new(Arc::new(model)).score(&vec![0.5; width]).unwrap();
            }
        }
    }
}

fn refusal(bytes: &[u8]) -> String {
    match Model::read(bytes) {
        Ok(_) => panic!("a damaged file was accepted"),
        Err(error) => error.to_string(),
    }
}

/// The file with a part of its header replaced, its length kept right.
fn with_header(from: &str, to: &str) -> Vec<u8> {
    let bytes = file();
    let (length, rest) = bytes.split_first_chunk::<8>().unwrap();
    let (header, data) = rest.split_at(u64::from_le_bytes(*length) as usize);
    let header = String::from_utf8(header.to_vec()).unwrap();
    assert!(header.contains(from), "{from} in {header}");
    let header = header.replacen(from, to, 1);
    let mut changed = (header.len() as u64).to_le_bytes().to_vec();
    changed.extend(header.bytes());
    changed.extend(data);
    changed
}

#[test]
fn each_kind_of_damage_is_told() {
    let whole = file();
    Model::read(&whole).unwrap();
    let mut huge = whole.clone();
    huge[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    let mut nan = whole.clone();
    let length = nan.len();
    nan[length - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    let mut large = whole.clone();
    large[length - 4..].copy_from_slice(&1e30_f32.to_le_bytes());
    for (bytes, says) in [
        (b"PK\x03\x04archive".to_vec(), "pickle or TorchScript"),
        (b"\x80\x04\x95".to_vec(), "pickle or TorchScript"),
        (Vec::new(), "cut off"),
        (whole[..whole.len() - 1].to_vec(), "the model file"),
        (whole[..40].to_vec(), "the model file"),
        (huge, "claims 18446744073709551615 bytes"),
        (nan, "it holds NaN"),
        (large, "finite, at most 1e6"),
        (
            with_header("fc1.bias", "fc1.bia5"),
            "'fc1.bia5': the network has none",
        ),
        (with_header("\"F32\"", "\"I32\""), "I32, not F32"),
        (
            with_header("financelake.trend", "financelake.other"),
            "financelake model import",
        ),
        (
            with_header("\\\"format\\\":1", "\\\"format\\\":2"),
            "has format 2",
        ),
        (
            with_header("\\\"window\\\":6", "\\\"window\\\":0"),
            "window is 0",
        ),
        (
            with_header("\\\"window\\\":6", "\\\"window\\\":9999999"),
            "window is 9999999",
        ),
        (
            with_header("\\\"window\\\":6", "\\\"widow\\\":6"),
            "unknown field `widow`",
        ),
        (with_header("[17,9]", "[17,8]"), "its shape is"),
        (
            with_header("[17,9]", "[17,800000000]"),
            "units is 800000000",
        ),
        (
            with_header("\\\"max\\\":3.0", "\\\"max\\\":-3.0"),
            "which is none",
        ),
        (
            with_header("\\\"name\\\":\\\"b\\\"", "\\\"name\\\":\\\"a\\\""),
            "two features are called 'a'",
        ),
    ] {
        let message = refusal(&bytes);
        assert!(message.contains(says), "{says}: {message}");
    }
}

#[test]
fn features_are_indicators_of_the_registry() {
    let feature = |json: &str| -> Result<()> {
        let feature: Feature = serde_json::from_str(json).unwrap();
        Card::new(5, SIZES, vec![feature], Labels::default()).check()
    };
    feature(r#"{"name":"rsi_14","function":"rsi","inputs":["close"],"params":[14]}"#).unwrap();
    feature(r#"{"name":"h","function":"macd","inputs":["close"],"output":"hist"}"#).unwrap();
    for (json, says) in [
        (
            r#"{"name":"x","function":"rsj","inputs":["close"]}"#,
            "did you mean",
        ),
        (
            r#"{"name":"x","function":"rsi","inputs":[]}"#,
            "takes 1 inputs, not 0",
        ),
        (
            r#"{"name":"x","function":"rsi","inputs":["close"],"params":[1]}"#,
            "write 2 to",
        ),
        (
            r#"{"name":"x","function":"macd","inputs":["close"]}"#,
            "name one of macd, signal, hist",
        ),
        (
            r#"{"name":"x","function":"rsi","inputs":["close"],"output":"y"}"#,
            "no output 'y'",
        ),
        (r#"{"name":"x","inputs":["close"]}"#, "no function"),
    ] {
        let message = feature(json).unwrap_err().to_string();
        assert!(message.contains(says), "{says}: {message}");
    }
}

#[test]
fn a_model_in_memory_is_shared_while_it_is_used() {
    let card = Card::new(2, SIZES, features(), Labels::default());
    let file = Model::write(&card, &Weights::zero(3, SIZES)).unwrap();
    let first = Model::shared(&file).unwrap();
    assert!(Arc::ptr_eq(&first, &Model::shared(&file).unwrap()));
    let weak = Arc::downgrade(&first);
    drop(first);
    assert!(weak.upgrade().is_none());
}

#[test]
fn labels_follow_the_return_over_the_horizon() {
    let fixed = Labels {
        horizon: 2,
        threshold: Threshold::Fixed(0.1),
    };
    let nan = f64::NAN;
    let close = [100.0, nan, 100.0, 120.0, 0.0, 100.0, 90.0, 95.0];
    // Bars are rows 0, 2, 3, 5, 6, 7; two bars later: 3, 5, 6, 7.
    let label = |class, ahead, before| {
        Some(Label {
            class,
            ahead,
            before,
        })
    };
    let wanted = [
        label(UP, 3, NEUTRAL),
        None,
        label(NEUTRAL, 3, NEUTRAL),
        label(DOWN, 3, UP),
        None,
        label(NEUTRAL, 2, NEUTRAL),
        None,
        None,
    ];
    assert_eq!(fixed.of(&close), wanted);

    // The default: half of the deviation of the last twenty returns, times the root of five.
    let returns: Vec<f64> = (0..40)
        .map(|i| if i % 2 == 0 { 0.02 } else { -0.01 })
        .collect();
    let mut close = vec![100.0];
    for r in &returns {
        close.push(close.last().unwrap() * (1.0 + r));
    }
    let labels = Labels::default().of(&close);
    assert!(labels[..20].iter().all(Option::is_none));
    for row in 20..36 {
        let last = &returns[row - 20..row];
        let mean = last.iter().sum::<f64>() / 20.0;
        let variance = last.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / 19.0;
        let threshold = 0.5 * variance.sqrt() * 5_f64.sqrt();
        let moved = close[row + 5] / close[row] - 1.0;
        let class = if moved > threshold {
            UP
        } else if moved < -threshold {
            DOWN
        } else {
            NEUTRAL
        };
        let label = labels[row].unwrap();
        assert_eq!((label.class, label.ahead), (class, 5), "row {row}");
    }
    assert!(labels[36..].iter().all(Option::is_none));
}

fn rows_of(series: &[Vec<f64>]) -> Rows {
    let mut rows = Rows::new(1);
    for closes in series {
        for (index, close) in closes.iter().enumerate() {
            rows.push(index == 0, *close, &[*close]).unwrap();
        }
    }
    rows
}

#[test]
fn nothing_leaks_from_one_part_into_another() {
    let walk = |seed: u64, count: usize| -> Vec<f64> {
        let mut state = seed;
        let mut price = 100.0;
        (0..count)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                price *= 1.0 + ((state >> 40) as f64 / f64::from(1 << 24) - 0.5) / 20.0;
                price
            })
            .collect()
    };
    let (window, labels) = (10, Labels::default());
    let series = [walk(1, 400), walk(2, 300)];
    let features = || vec![Feature::column("close")];
    let dataset = Dataset::of_rows(&rows_of(&series), window, features(), &labels).unwrap();
    for (from, count) in [(0, 400), (400, 300)] {
        let reach = |part| {
            let samples = dataset.samples(part).iter();
            let own = samples.filter(|s| (from..from + count).contains(&s.row));
            let rows: Vec<usize> = own.map(|sample| sample.row - from).collect();
            (rows[0] + 1 - window, rows.last().unwrap() + labels.horizon)
        };
        let [train, validation, test] = [Part::Training, Part::Validation, Part::Test].map(reach);
        assert_eq!(
            train,
            (11, count * 7 / 10 - 1),
            "warm-up of the threshold, then 70 percent"
        );
        assert_eq!(validation, (count * 7 / 10, count * 9 / 10 - 1));
        assert_eq!(test, (count * 9 / 10, count - 1));
    }
    // Other rows after the training part: the scaling and the samples of training stay as they are.
    let mut changed = series.clone();
    changed.iter_mut().for_each(|closes| {
        let from = closes.len() * 7 / 10;
        closes[from..].iter_mut().for_each(|close| *close *= 50.0);
    });
    let other = Dataset::of_rows(&rows_of(&changed), window, features(), &labels).unwrap();
    assert_eq!(other.features(), dataset.features());
    assert_eq!(
        other.samples(Part::Training),
        dataset.samples(Part::Training)
    );
    let (low, high) = (other.features()[0].min, other.features()[0].max);
    let known = series
        .iter()
        .flat_map(|closes| &closes[..closes.len() * 7 / 10]);
    assert_eq!(low, known.clone().copied().fold(f64::INFINITY, f64::min));
    assert_eq!(high, known.copied().fold(f64::NEG_INFINITY, f64::max));
}
