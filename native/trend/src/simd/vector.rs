//! Registers of `f32` as the kernels use them. Every operation gives the same bits in every implementation.

/// A register of `f32`.
///
/// # Safety
/// Methods of an implementation may be called only where the processor has its instructions, and addresses must be good for
/// [`LANES`](Self::LANES) values.
pub(super) trait Vector: Copy {
    /// Values of a register.
    const LANES: usize;
    /// Rows whose sums fit the registers.
    const ROWS: usize;

    unsafe fn load(at: *const f32) -> Self;
    unsafe fn store(self, at: *mut f32);
    unsafe fn splat(value: f32) -> Self;
    unsafe fn add(self, other: Self) -> Self;
    unsafe fn sub(self, other: Self) -> Self;
    unsafe fn mul(self, other: Self) -> Self;
    unsafe fn div(self, other: Self) -> Self;
    /// The smaller one; `other` if they cannot be compared.
    unsafe fn min(self, other: Self) -> Self;
    /// The larger one; `other` if they cannot be compared.
    unsafe fn max(self, other: Self) -> Self;
    /// `self * factor + addend`, rounded once.
    unsafe fn fma(self, factor: Self, addend: Self) -> Self;
    /// Adds the lowest nine bits of the other's representation to the exponent.
    unsafe fn raise(self, bits: Self) -> Self;
}

/// For every processor; the compiler uses what registers the platform has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lanes<const N: usize>(pub(super) [f32; N]);

impl<const N: usize> Lanes<N> {
    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        let mut result = self;
        for (a, b) in result.0.iter_mut().zip(other.0) {
            *a = f(*a, b);
        }
        result
    }
}

impl<const N: usize> Vector for Lanes<N> {
    const LANES: usize = N;
    const ROWS: usize = 1;

    #[inline(always)]
    unsafe fn load(at: *const f32) -> Self {
        // SAFETY: the caller's address is good for N values.
        Self(unsafe { at.cast::<[f32; N]>().read_unaligned() })
    }
    #[inline(always)]
    unsafe fn store(self, at: *mut f32) {
        // SAFETY: as above.
        unsafe { at.cast::<[f32; N]>().write_unaligned(self.0) }
    }
    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        Self([value; N])
    }
    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }
    #[inline(always)]
    unsafe fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }
    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }
    #[inline(always)]
    unsafe fn div(self, other: Self) -> Self {
        self.zip(other, |a, b| a / b)
    }
    #[inline(always)]
    unsafe fn min(self, other: Self) -> Self {
        self.zip(other, |a, b| if a < b { a } else { b })
    }
    #[inline(always)]
    unsafe fn max(self, other: Self) -> Self {
        self.zip(other, |a, b| if a > b { a } else { b })
    }
    #[inline(always)]
    unsafe fn fma(self, factor: Self, addend: Self) -> Self {
        let mut result = self;
        for ((a, b), c) in result.0.iter_mut().zip(factor.0).zip(addend.0) {
            *a = a.mul_add(b, c);
        }
        result
    }
    #[inline(always)]
    unsafe fn raise(self, bits: Self) -> Self {
        self.zip(bits, |a, b| {
            f32::from_bits(a.to_bits().wrapping_add(b.to_bits() << 23))
        })
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::Vector;

    /// Implements the trait by the intrinsics of a register type.
    macro_rules! vector {
        ($type:ty, $lanes:literal, $rows:literal, $load:ident, $store:ident, $splat:ident, $add:ident, $sub:ident,
         $mul:ident, $div:ident, $min:ident, $max:ident, $fma:ident, $bits:ident, $float:ident, $sum:ident,
         $shift:ident) => {
            // SAFETY of all blocks: the trait's contract is that of the intrinsics.
            #[allow(clippy::undocumented_unsafe_blocks, reason = "said once for all")]
            impl Vector for $type {
                const LANES: usize = $lanes;
                const ROWS: usize = $rows;

                #[inline(always)]
                unsafe fn load(at: *const f32) -> Self {
                    unsafe { $load(at) }
                }
                #[inline(always)]
                unsafe fn store(self, at: *mut f32) {
                    unsafe { $store(at, self) }
                }
                #[inline(always)]
                unsafe fn splat(value: f32) -> Self {
                    unsafe { $splat(value) }
                }
                #[inline(always)]
                unsafe fn add(self, other: Self) -> Self {
                    unsafe { $add(self, other) }
                }
                #[inline(always)]
                unsafe fn sub(self, other: Self) -> Self {
                    unsafe { $sub(self, other) }
                }
                #[inline(always)]
                unsafe fn mul(self, other: Self) -> Self {
                    unsafe { $mul(self, other) }
                }
                #[inline(always)]
                unsafe fn div(self, other: Self) -> Self {
                    unsafe { $div(self, other) }
                }
                #[inline(always)]
                unsafe fn min(self, other: Self) -> Self {
                    unsafe { $min(self, other) }
                }
                #[inline(always)]
                unsafe fn max(self, other: Self) -> Self {
                    unsafe { $max(self, other) }
                }
                #[inline(always)]
                unsafe fn fma(self, factor: Self, addend: Self) -> Self {
                    unsafe { $fma(self, factor, addend) }
                }
                #[inline(always)]
                unsafe fn raise(self, bits: Self) -> Self {
                    unsafe { $float($sum($bits(self), $shift::<23>($bits(bits)))) }
                }
            }
        };
    }

    // Three rows of four gates leave four of sixteen registers for the weights, six rows eight of thirty-two.
    vector!(
        __m256,
        8,
        3,
        _mm256_loadu_ps,
        _mm256_storeu_ps,
        _mm256_set1_ps,
        _mm256_add_ps,
        _mm256_sub_ps,
        _mm256_mul_ps,
        _mm256_div_ps,
        _mm256_min_ps,
        _mm256_max_ps,
        _mm256_fmadd_ps,
        _mm256_castps_si256,
        _mm256_castsi256_ps,
        _mm256_add_epi32,
        _mm256_slli_epi32
    );
    vector!(
        __m512,
        16,
        6,
        _mm512_loadu_ps,
        _mm512_storeu_ps,
        _mm512_set1_ps,
        _mm512_add_ps,
        _mm512_sub_ps,
        _mm512_mul_ps,
        _mm512_div_ps,
        _mm512_min_ps,
        _mm512_max_ps,
        _mm512_fmadd_ps,
        _mm512_castps_si512,
        _mm512_castsi512_ps,
        _mm512_add_epi32,
        _mm512_slli_epi32
    );
}
