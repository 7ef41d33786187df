//! Objects as opaque pointers: boxed when they are handed out, checked for null when they come back.

use crate::status::{Failure, Result};

/// Hands the object out.
///
/// # Safety
/// `place` is null or may be written.
pub(crate) unsafe fn give<T>(place: *mut *mut T, what: &str, object: T) -> Result<()> {
    // SAFETY: the caller's promise.
    let place = unsafe { place.as_mut() }
        .ok_or_else(|| Failure::invalid(format!("the place for the {what} is a null pointer")))?;
    *place = Box::into_raw(Box::new(object));
    Ok(())
}

/// Looks at an object that was handed out.
///
/// # Safety
/// `object` is null or was given by [`give`] and is not closed.
pub(crate) unsafe fn look<'a, T>(object: *const T, what: &str) -> Result<&'a T> {
    // SAFETY: the caller's promise.
    unsafe { object.as_ref() }
        .ok_or_else(|| Failure::invalid(format!("the {what} is a null pointer")))
}

/// Takes the object back, for good. Null: nothing happens.
///
/// # Safety
/// As for [`look`], and nobody uses it any more.
pub(crate) unsafe fn close<T>(object: *mut T) {
    if !object.is_null() {
        // SAFETY: the caller's promise.
        drop(unsafe { Box::from_raw(object) });
    }
}

/// The elements at `address`; none: the address is not looked at.
///
/// # Safety
/// `address` is null or has `count` elements that nobody writes.
pub(crate) unsafe fn elements<'a, T>(
    address: *const T,
    count: usize,
    what: &str,
) -> Result<&'a [T]> {
    if count == 0 {
        return Ok(&[]);
    }
    check(address, what)?;
    // SAFETY: not null and aligned; the rest is the caller's promise.
    Ok(unsafe { std::slice::from_raw_parts(address, count) })
}

/// The elements at `address`, to write; none: the address is not looked at.
///
/// # Safety
/// `address` is null or has `count` elements that nobody else uses.
pub(crate) unsafe fn elements_mut<'a, T>(
    address: *mut T,
    count: usize,
    what: &str,
) -> Result<&'a mut [T]> {
    if count == 0 {
        return Ok(&mut []);
    }
    check(address, what)?;
    // SAFETY: not null and aligned; the rest is the caller's promise.
    Ok(unsafe { std::slice::from_raw_parts_mut(address, count) })
}

fn check<T>(address: *const T, what: &str) -> Result<()> {
    if address.is_null() {
        return Err(Failure::invalid(format!("{what} is a null pointer")));
    }
    if !address.is_aligned() {
        let needed = align_of::<T>();
        return Err(Failure::invalid(format!(
            "{what} at {address:p} is not aligned to {needed} bytes"
        )));
    }
    Ok(())
}
