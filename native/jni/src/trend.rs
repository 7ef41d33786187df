//! Entry points of `NativeTrend`: what is in a model file, and windows that were formed elsewhere. Windows over rows are a
//! matter of `NativeIndicators`.

use crate::entry::{bytes, doubles, enter};
use crate::error::{Error, ErrorKind, Result};
use crate::handles;
use financelake_trend::{CLASSES, Model, Scorer, class_of};
use jni::EnvUnowned;
use jni::objects::{JByteArray, JClass, JDoubleArray, JFloatArray, JString};
use jni::sys::jlong;

impl From<financelake_trend::Error> for Error {
    fn from(error: financelake_trend::Error) -> Self {
        use financelake_trend::Error as Refusal;
        let kind = match error {
            Refusal::State(_) => ErrorKind::IncompatibleState,
            Refusal::File(_) | Refusal::Card(_) | Refusal::Tensor { .. } | Refusal::Argument(_) => {
                ErrorKind::InvalidArgument
            }
        };
        Self::new(kind, error.to_string())
    }
}

fn describe(file: &[u8]) -> Result<String> {
    let model = Model::shared(file)?;
    let described = serde_json::json!({ "digest": model.digest(), "card": model.card() });
    Ok(described.to_string())
}

/// Per window the class and the probabilities; NaN where a value is not finite.
fn score(scorer: &mut Scorer, features: &[f64]) -> Result<Vec<f32>> {
    let scores = scorer.score(features)?;
    Ok(scores
        .into_iter()
        .flat_map(|score| match score {
            Some([down, up, neutral]) => {
                let class = class_of(&[down, up, neutral]) as f32;
                [class, down, up, neutral]
            }
            None => [f32::NAN; CLASSES + 1],
        })
        .collect())
}

/// `String NativeTrend.describeModel(byte[] file)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeTrend_describeModel<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    file: JByteArray<'local>,
) -> JString<'local> {
    enter(&mut env, |env| {
        let file = bytes(env, &file, "the model")?;
        Ok(env.new_string(describe(&file)?)?)
    })
}

/// `long NativeTrend.openModel(byte[] file)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeTrend_openModel<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    file: JByteArray<'local>,
) -> jlong {
    enter(&mut env, |env| {
        let file = bytes(env, &file, "the model")?;
        Ok(handles::insert(Scorer::new(Model::shared(&file)?)))
    })
}

/// `float[] NativeTrend.scoreWindows(long handle, double[] features)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeTrend_scoreWindows<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    features: JDoubleArray<'local>,
) -> JFloatArray<'local> {
    enter(&mut env, |env| {
        let features = doubles(env, &features, "features")?;
        let scores = handles::with(handle, |scorer: &mut Scorer| score(scorer, &features))?;
        let result = env.new_float_array(scores.len())?;
        result.set_region(env, 0, &scores)?;
        Ok(result)
    })
}
