//! Entry points of `NativeTrainer`: rows or windows in, epochs one by one, a model file out.

use crate::entry::{bytes, doubles, enter, ints, text};
use crate::error::{Error, ErrorKind, Result};
use crate::handles;
use financelake_trend::{
    CLASSES, Dataset, Feature, Labels, Part, Rows, Scores, Settings, Sizes, Trainer,
};
use jni::EnvUnowned;
use jni::objects::{JByteArray, JClass, JDoubleArray, JIntArray, JString};
use jni::sys::{jint, jlong};

/// What is to be trained.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    window: usize,
    #[serde(default)]
    sizes: Sizes,
    features: Vec<Feature>,
    #[serde(default)]
    labels: Labels,
    #[serde(default)]
    settings: Settings,
}

/// A training: its rows until it begins, then the trainer.
struct Training {
    plan: Plan,
    rows: Rows,
    trainer: Option<Trainer>,
}

impl Training {
    fn open(json: &str) -> Result<Self> {
        let plan: Plan = serde_json::from_str(json).map_err(|error| {
            Error::invalid(format!("the plan is not as docs/ffi.md says: {error}"))
        })?;
        Ok(Self {
            rows: Rows::new(plan.features.len()),
            plan,
            trainer: None,
        })
    }

    /// Adds rows, each its close and its features; `starts` are those that begin a series.
    fn add(&mut self, values: &[f64], starts: &[i32]) -> Result<()> {
        let width = self.plan.features.len() + 1;
        if self.trainer.is_some() {
            return Err(Error::invalid("the training has begun"));
        }
        if !values.len().is_multiple_of(width) {
            return Err(Error::invalid(format!(
                "{} values are not a number of rows of a close and {} features",
                values.len(),
                width - 1
            )));
        }
        let mut starts = starts.iter().peekable();
        for (index, row) in values.chunks_exact(width).enumerate() {
            let begins = starts.next_if(|&&start| start as usize == index).is_some();
            self.rows.push(begins, row[0], &row[1..])?;
        }
        match starts.next() {
            Some(start) => Err(Error::invalid(format!(
                "start {start} is no row, or not behind the one before"
            ))),
            None => Ok(()),
        }
    }

    fn begin(&mut self) -> Result<String> {
        let plan = &self.plan;
        let features = plan.features.clone();
        let dataset = Dataset::of_rows(&self.rows, plan.window, features, &plan.labels)?;
        self.rows = Rows::new(plan.features.len());
        self.start(dataset)
    }

    /// Begins with windows instead of rows; `parts` is 1 for those that decide when to stop.
    fn windows(&mut self, values: &[f64], classes: &[i32], parts: &[i32]) -> Result<String> {
        let plan = &self.plan;
        let validation: Vec<bool> = parts.iter().map(|part| *part == 1).collect();
        let features = plan.features.clone();
        let dataset = Dataset::of_windows(values, classes, &validation, plan.window, features)?;
        self.start(dataset)
    }

    fn start(&mut self, dataset: Dataset) -> Result<String> {
        let mix = |part: Part| {
            let mut counts = [0_u64; CLASSES];
            for sample in dataset.samples(part) {
                counts[sample.class] += 1;
            }
            counts
        };
        let told = serde_json::json!({
            "training": mix(Part::Training),
            "validation": mix(Part::Validation),
            "test": mix(Part::Test),
        });
        let plan = &self.plan;
        self.trainer = Some(Trainer::new(
            dataset,
            plan.sizes,
            plan.labels,
            plan.settings,
        )?);
        Ok(told.to_string())
    }

    fn trainer(&mut self) -> Result<&mut Trainer> {
        let not_yet = || Error::invalid("the training has not begun");
        self.trainer.as_mut().ok_or_else(not_yet)
    }

    /// The scores of the model over each part, and of two baselines over the test part.
    fn scores(&mut self) -> Result<String> {
        let trainer = self.trainer()?;
        let dataset = trainer.dataset();
        let mut counts = [0_usize; CLASSES];
        for sample in dataset.samples(Part::Training) {
            counts[sample.class] += 1;
        }
        let majority = (0..CLASSES).max_by_key(|&class| counts[class]).unwrap_or(0);
        let test = dataset.samples(Part::Test);
        let told = serde_json::json!({
            "training": trainer.scores(Part::Training),
            "validation": trainer.scores(Part::Validation),
            "test": trainer.scores(Part::Test),
            "majority": Scores::of_classes(test.iter().map(|s| (s.class, majority))),
            "last_direction": Scores::of_classes(test.iter().map(|s| (s.class, s.before))),
        });
        Ok(told.to_string())
    }

    /// Per sample of a part its class and the scaled features of its last row.
    fn samples(&mut self, part: i32) -> Result<Vec<f64>> {
        let part = match part {
            0 => Part::Training,
            1 => Part::Validation,
            2 => Part::Test,
            other => return Err(Error::invalid(format!("part {other} is none of 0 to 2"))),
        };
        let dataset = self.trainer()?.dataset();
        let rows = dataset.samples(part).iter();
        Ok(rows
            .flat_map(|sample| {
                let features = dataset.last_row(sample).iter().map(|v| f64::from(*v));
                std::iter::once(sample.class as f64).chain(features)
            })
            .collect())
    }
}

fn told(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))
}

/// The class of each row by the closes of a series, -1 for none.
fn labels(json: &str, close: &[f64]) -> Result<Vec<i32>> {
    let labels: Labels = serde_json::from_str(json)
        .map_err(|error| Error::invalid(format!("labels are not as a card has them: {error}")))?;
    labels.check()?;
    let labels = labels.of(close).into_iter();
    Ok(labels
        .map(|label| label.map_or(-1, |label| label.class as i32))
        .collect())
}

fn counts(scores: &[i32], pairs: &[i32]) -> Result<String> {
    let class = |&value: &i32| {
        usize::try_from(value)
            .ok()
            .filter(|class| *class < CLASSES)
            .ok_or_else(|| Error::invalid(format!("{value} is no class; write 0, 1 or 2")))
    };
    let pairs = scores
        .iter()
        .zip(pairs)
        .map(|(came, predicted)| Ok((class(came)?, class(predicted)?)));
    told(&Scores::of_classes(pairs.collect::<Result<Vec<_>>>()?))
}

/// `long NativeTrainer.openTraining(String plan)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeTrainer_openTraining<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    plan: JString<'local>,
) -> jlong {
    enter(&mut env, |env| {
        let training = Training::open(&text(env, &plan, "the plan")?)?;
        Ok(handles::insert(training))
    })
}

/// `void NativeTrainer.addRows(long handle, double[] rows, int[] starts)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeTrainer_addRows<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    rows: JDoubleArray<'local>,
    starts: JIntArray<'local>,
) {
    enter(&mut env, |env| {
        let rows = doubles(env, &rows, "rows")?;
        let starts = ints(env, &starts, "starts")?;
        handles::with(handle, |training: &mut Training| {
            training.add(&rows, &starts)
        })
    })
}

/// `String NativeTrainer.beginWithRows(long handle)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeTrainer_beginWithRows<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
) -> JString<'local> {
    enter(&mut env, |env| {
        let told = handles::with(handle, Training::begin)?;
        Ok(env.new_string(told)?)
    })
}

/// `String NativeTrainer.beginWithWindows(long handle, double[] windows, int[] labels, int[] parts)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeTrainer_beginWithWindows<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    windows: JDoubleArray<'local>,
    labels: JIntArray<'local>,
    parts: JIntArray<'local>,
) -> JString<'local> {
    enter(&mut env, |env| {
        let windows = doubles(env, &windows, "windows")?;
        let labels = ints(env, &labels, "labels")?;
        let parts = ints(env, &parts, "parts")?;
        let told = handles::with(handle, |training: &mut Training| {
            training.windows(&windows, &labels, &parts)
        })?;
        Ok(env.new_string(told)?)
    })
}

/// `String NativeTrainer.trainEpoch(long handle)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeTrainer_trainEpoch<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
) -> JString<'local> {
    enter(&mut env, |env| {
        let epoch = handles::with(handle, |training: &mut Training| {
            told(&training.trainer()?.epoch()?)
        })?;
        Ok(env.new_string(epoch)?)
    })
}

/// `String NativeTrainer.scoresOf(long handle)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeTrainer_scoresOf<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
) -> JString<'local> {
    enter(&mut env, |env| {
        let scores = handles::with(handle, Training::scores)?;
        Ok(env.new_string(scores)?)
    })
}

/// `double[] NativeTrainer.samplesOf(long handle, int part)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeTrainer_samplesOf<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    part: jint,
) -> JDoubleArray<'local> {
    enter(&mut env, |env| {
        let samples = handles::with(handle, |training: &mut Training| training.samples(part))?;
        let result = env.new_double_array(samples.len())?;
        result.set_region(env, 0, &samples)?;
        Ok(result)
    })
}

/// `byte[] NativeTrainer.modelOf(long handle, String training)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeTrainer_modelOf<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    training: JString<'local>,
) -> JByteArray<'local> {
    enter(&mut env, |env| {
        let json = text(env, &training, "training")?;
        let about = serde_json::from_str(&json)
            .map_err(|error| Error::invalid(format!("training is no JSON: {error}")))?;
        let model = handles::with(handle, |training: &mut Training| {
            Ok(training.trainer()?.model(about)?)
        })?;
        Ok(env.byte_array_from_slice(&model)?)
    })
}

/// `byte[] NativeTrainer.saveTraining(long handle)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeTrainer_saveTraining<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
) -> JByteArray<'local> {
    enter(&mut env, |env| {
        let state = handles::with(handle, |training: &mut Training| {
            Ok(training.trainer()?.save())
        })?;
        Ok(env.byte_array_from_slice(&state)?)
    })
}

/// `boolean NativeTrainer.restoreTraining(long handle, byte[] state)`: whether the training has ended
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeTrainer_restoreTraining<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    state: JByteArray<'local>,
) -> jni::sys::jboolean {
    enter(&mut env, |env| {
        let state = bytes(env, &state, "the state")?;
        handles::with(handle, |training: &mut Training| {
            let trainer = training.trainer()?;
            trainer.restore(&state)?;
            Ok(trainer.finished())
        })
    })
}

/// `int[] NativeTrainer.labelsOf(String labels, double[] close)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeTrainer_labelsOf<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    json: JString<'local>,
    close: JDoubleArray<'local>,
) -> JIntArray<'local> {
    enter(&mut env, |env| {
        let close = doubles(env, &close, "close")?;
        let labels = labels(&text(env, &json, "labels")?, &close)?;
        let result = env.new_int_array(labels.len())?;
        result.set_region(env, 0, &labels)?;
        Ok(result)
    })
}

/// `String NativeTrainer.scoresOfClasses(int[] came, int[] predicted)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeTrainer_scoresOfClasses<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    came: JIntArray<'local>,
    predicted: JIntArray<'local>,
) -> JString<'local> {
    enter(&mut env, |env| {
        let came = ints(env, &came, "came")?;
        let predicted = ints(env, &predicted, "predicted")?;
        Ok(env.new_string(counts(&came, &predicted)?)?)
    })
}
