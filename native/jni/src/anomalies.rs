//! The entry point of `NativeAnomalies`: what stands out among the bars of a series.

use crate::entry::{doubles, enter, longs, text};
use crate::error::{Error, ErrorKind, Result};
use financelake_trend::anomaly::{Bars, Thresholds, find};
use jni::EnvUnowned;
use jni::objects::{JClass, JDoubleArray, JLongArray, JString};

/// Thresholds are those of an asset class, with some replaced by a JSON object.
fn thresholds(asset_class: &str, replaced: &str) -> Result<Thresholds> {
    let wrong = |error: serde_json::Error| {
        Error::invalid(format!(
            "the thresholds are not as docs/trend-model.md says: {error}"
        ))
    };
    let mut all = serde_json::to_value(Thresholds::of(asset_class)).map_err(wrong)?;
    let replaced: serde_json::Map<_, _> = serde_json::from_str(replaced).map_err(wrong)?;
    for (name, value) in replaced {
        all[name] = value;
    }
    serde_json::from_value(all).map_err(wrong)
}

/// `String NativeAnomalies.findIn(String assetClass, String thresholds, long[] ts, double[] close, double[] volume)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_financelake_jni_NativeAnomalies_findIn<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    asset_class: JString<'local>,
    replaced: JString<'local>,
    ts: JLongArray<'local>,
    close: JDoubleArray<'local>,
    volume: JDoubleArray<'local>,
) -> JString<'local> {
    enter(&mut env, |env| {
        let asset_class = text(env, &asset_class, "the asset class")?;
        let thresholds = thresholds(&asset_class, &text(env, &replaced, "thresholds")?)?;
        let (ts, close) = (longs(env, &ts, "ts")?, doubles(env, &close, "close")?);
        let volume = doubles(env, &volume, "volume")?;
        let bars = Bars {
            ts: &ts,
            close: &close,
            volume: &volume,
        };
        let found = find(&bars, &thresholds)?;
        let json = serde_json::to_string(&found)
            .map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
        Ok(env.new_string(json)?)
    })
}
