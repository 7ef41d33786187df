//! How many multiplications and additions a core can do at all: fused multiply-adds between registers, nothing else.

use serde_json::{Value, json};

use crate::best;

/// Sums that do not wait for each other: more than latency times units, fewer than registers.
const SUMS: usize = 12;
const TURNS: usize = 200_000;

/// Per level that this processor has, operations on `f32` per second; a fused multiply-add is two.
pub(crate) fn levels(seconds: f64) -> Value {
    let mut found = serde_json::Map::new();
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::is_x86_feature_detected as has;
        let operations = |lanes: usize| (2 * lanes * SUMS * TURNS) as f64;
        if has!("avx2") && has!("fma") {
            // SAFETY: the processor has the instructions.
            let time = best(seconds, || unsafe { x86::avx2() });
            found.insert("avx2".to_owned(), json!(operations(8) / time));
        }
        if has!("avx512f") {
            // SAFETY: as above.
            let time = best(seconds, || unsafe { x86::avx512() });
            found.insert("avx512".to_owned(), json!(operations(16) / time));
        }
    }
    Value::Object(found)
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;
    use std::hint::black_box;

    use super::{SUMS, TURNS};

    #[target_feature(enable = "avx2,fma")]
    pub(super) fn avx2() {
        let (factor, addend) = (
            black_box(_mm256_set1_ps(0.5)),
            black_box(_mm256_set1_ps(1.0)),
        );
        let mut sums = [addend; SUMS];
        for _ in 0..TURNS {
            for sum in &mut sums {
                *sum = _mm256_fmadd_ps(*sum, factor, addend);
            }
        }
        black_box(sums);
    }

    #[target_feature(enable = "avx512f")]
    pub(super) fn avx512() {
        let (factor, addend) = (
            black_box(_mm512_set1_ps(0.5)),
            black_box(_mm512_set1_ps(1.0)),
        );
        let mut sums = [addend; SUMS];
        for _ in 0..TURNS {
            for sum in &mut sums {
                *sum = _mm512_fmadd_ps(*sum, factor, addend);
            }
        }
        black_box(sums);
    }
}
