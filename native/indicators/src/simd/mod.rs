//! One body, compiled once per processor level and chosen at run time.
//!
//! The level changes speed, never bits: bodies use only operations that are correctly rounded everywhere (`mul_add`
//! included), and nothing is re-associated. This is the crate's only module with `unsafe`.
#![allow(unsafe_code)]

mod chain;

use std::sync::OnceLock;

pub(crate) use chain::{Chains, TOGETHER};

/// An instruction set that kernels were compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Whatever the library was built for; fused multiply-add may be a function call.
    Portable,
    /// AVX2 and FMA.
    Avx2,
    /// AVX-512 F, VL, DQ and BW.
    Avx512,
}

/// A body to be compiled for every level. `run` must be `#[inline(always)]`, or it is compiled for the lowest only.
pub trait Work {
    /// What the body returns.
    type Output;
    /// The body.
    fn run(self) -> Self::Output;
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,bmi1,bmi2")]
fn avx2<W: Work>(work: W) -> W::Output {
    work.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,bmi1,bmi2,avx512f,avx512vl,avx512dq,avx512bw")]
fn avx512<W: Work>(work: W) -> W::Output {
    work.run()
}

impl Level {
    /// The best level of this processor.
    pub fn detect() -> Self {
        static BEST: OnceLock<Level> = OnceLock::new();
        *BEST.get_or_init(|| {
            [Self::Avx512, Self::Avx2]
                .into_iter()
                .find(|level| level.available())
                .unwrap_or(Self::Portable)
        })
    }

    /// Whether this processor can run the level.
    #[cfg(target_arch = "x86_64")]
    pub fn available(self) -> bool {
        use std::arch::is_x86_feature_detected as has;
        let avx2 = || has!("avx2") && has!("fma") && has!("bmi1") && has!("bmi2");
        match self {
            Self::Portable => true,
            Self::Avx2 => avx2(),
            Self::Avx512 => {
                avx2()
                    && has!("avx512f")
                    && has!("avx512vl")
                    && has!("avx512dq")
                    && has!("avx512bw")
            }
        }
    }

    /// Whether this processor can run the level.
    #[cfg(not(target_arch = "x86_64"))]
    pub fn available(self) -> bool {
        self == Self::Portable
    }

    /// Runs the body with the instructions of this level, or of the best one below it that the processor can run.
    #[inline]
    pub fn run<W: Work>(self, work: W) -> W::Output {
        Checked::new(self).run(work)
    }

    /// This level, or the best one below it that the processor can run.
    pub(crate) fn or_lower(self) -> Self {
        self.min(Self::detect())
    }

    /// The level's usual name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }
}

/// A level that was checked against the processor: only this type can dispatch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checked(Level);

impl Checked {
    pub(crate) fn new(level: Level) -> Self {
        Self(level.or_lower())
    }

    #[inline]
    pub(crate) fn run<W: Work>(self, work: W) -> W::Output {
        match self.0 {
            Level::Portable => work.run(),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `Checked` is built from `or_lower` only, so the processor has these features.
            Level::Avx2 => unsafe { avx2(work) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Level::Avx512 => unsafe { avx512(work) },
            #[cfg(not(target_arch = "x86_64"))]
            _ => work.run(),
        }
    }

    /// Runs recurrences side by side.
    #[inline]
    pub(crate) fn chains<const C: usize>(self, chains: Chains<'_, C>) {
        match self.0 {
            Level::Portable => chain::portable(chains),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Level::Avx2 => unsafe { chain::x86::avx2(chains) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Level::Avx512 => unsafe { chain::x86::avx512(chains) },
            #[cfg(not(target_arch = "x86_64"))]
            _ => chain::portable(chains),
        }
    }
}
