//! Objects that outlive a call, and the checked numbers by which Java names them.
//!
//! A handle is a slot index and the slot's generation. Closing raises the generation, so an old handle, a
//! made-up one, or one for another type is refused with an error and never dereferenced. A call holds a counted
//! reference while it runs: closing from another thread only takes the handle away, and the object goes when
//! the running call has ended.

use crate::error::{Error, Result};
use std::any::Any;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

static TABLE: LazyLock<Mutex<Table>> = LazyLock::new(Mutex::default);
static LIVE: AtomicUsize = AtomicUsize::new(0);

/// Stores the object and returns its handle, which is never 0.
pub(crate) fn insert<T: Any + Send>(object: T) -> i64 {
    let object = Arc::new(Counted::new(object));
    table().insert(object)
}

/// Runs `body` on the object, alone: calls on the same handle from several threads take turns.
///
/// When `body` panics the object may be half changed, so every later call is refused until it is closed.
pub(crate) fn with<T: Any + Send, R>(
    handle: i64,
    body: impl FnOnce(&mut T) -> Result<R>,
) -> Result<R> {
    let object = table().get(handle)?;
    let object = object
        .downcast::<Counted<T>>()
        .map_err(|_| Error::invalid("the handle belongs to an object of another type"))?;
    let mut guard = object.0.lock().map_err(|_| {
        Error::closed("an earlier call on this handle panicked, its state is lost; close it and make a new one")
    })?;
    body(&mut guard)
}

/// Takes the handle away. Returns whether it was there: closing twice is harmless.
pub(crate) fn close(handle: i64) -> bool {
    // The lock ends with the first line; the object's destructor runs without it.
    let removed = table().remove(handle);
    removed.is_some()
}

/// How many objects exist, including those that a running call still holds after they were closed.
pub(crate) fn live() -> usize {
    LIVE.load(Ordering::Acquire)
}

/// The table is consistent at every point where its methods could panic, so poison is not passed on.
fn table() -> MutexGuard<'static, Table> {
    TABLE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An object that counts itself.
struct Counted<T>(Mutex<T>);

impl<T> Counted<T> {
    fn new(object: T) -> Self {
        LIVE.fetch_add(1, Ordering::AcqRel);
        Self(Mutex::new(object))
    }
}

impl<T> Drop for Counted<T> {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, Ordering::AcqRel);
    }
}

#[derive(Default)]
struct Table {
    slots: Vec<Slot>,
    free: Vec<u32>,
}

struct Slot {
    generation: u32,
    object: Option<Arc<dyn Any + Send + Sync>>,
}

impl Table {
    fn insert(&mut self, object: Arc<dyn Any + Send + Sync>) -> i64 {
        let index = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot {
                generation: 1,
                object: None,
            });
            (self.slots.len() - 1) as u32
        });
        let slot = &mut self.slots[index as usize];
        slot.object = Some(object);
        (i64::from(slot.generation) << 32) | i64::from(index)
    }

    fn get(&self, handle: i64) -> Result<Arc<dyn Any + Send + Sync>> {
        self.slots
            .get(index_of(handle))
            .filter(|slot| i64::from(slot.generation) == handle >> 32)
            .and_then(|slot| slot.object.clone())
            .ok_or_else(|| Error::closed(format!("handle {handle:#x} is closed or was never open")))
    }

    fn remove(&mut self, handle: i64) -> Option<Arc<dyn Any + Send + Sync>> {
        let index = index_of(handle);
        let slot = self
            .slots
            .get_mut(index)
            .filter(|slot| i64::from(slot.generation) == handle >> 32)?;
        let object = slot.object.take()?;
        // Generations stay positive as the upper half of an i64. A slot that used all of them is retired.
        if slot.generation < i32::MAX as u32 {
            slot.generation += 1;
            self.free.push(index as u32);
        }
        Some(object)
    }
}

fn index_of(handle: i64) -> usize {
    (handle & 0xffff_ffff) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Barrier;

    /// The counter belongs to the process, so tests that use it take turns.
    static ALONE: Mutex<()> = Mutex::new(());

    fn alone() -> MutexGuard<'static, ()> {
        ALONE.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[test]
    fn a_closed_handle_is_refused_even_when_its_slot_is_used_again() {
        let _turn = alone();
        let old = insert(1_u8);
        assert!(close(old));
        let new = insert(2_u8);
        assert_eq!(
            old & 0xffff_ffff,
            new & 0xffff_ffff,
            "the slot is used again"
        );
        assert_eq!(
            with(old, |_: &mut u8| Ok(())).unwrap_err().kind,
            ErrorKind::ClosedHandle
        );
        assert!(!close(old));
        assert_eq!(with(new, |value: &mut u8| Ok(*value)).unwrap(), 2);
        assert!(close(new));
        assert_eq!(live(), 0);
    }

    #[test]
    fn made_up_handles_and_foreign_types_are_refused() {
        let _turn = alone();
        for handle in [0, -1, 1, i64::MAX, i64::MIN, 77 << 32] {
            assert_eq!(
                with(handle, |_: &mut u8| Ok(())).unwrap_err().kind,
                ErrorKind::ClosedHandle
            );
            assert!(!close(handle));
        }
        let handle = insert(1_u8);
        assert_eq!(
            with(handle, |_: &mut u16| Ok(())).unwrap_err().kind,
            ErrorKind::InvalidArgument
        );
        close(handle);
    }

    #[test]
    fn a_panic_ends_the_object_but_not_the_table() {
        let _turn = alone();
        let handle = insert(1_u8);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            with(handle, |_: &mut u8| -> Result<()> { panic!("on purpose") })
        }));
        assert!(outcome.is_err());
        assert_eq!(
            with(handle, |_: &mut u8| Ok(())).unwrap_err().kind,
            ErrorKind::ClosedHandle
        );
        assert!(close(handle));
        assert_eq!(live(), 0);
    }

    #[test]
    fn closing_during_a_call_lets_it_end() {
        let _turn = alone();
        let handle = insert(1_u8);
        let (entered, closed) = (Barrier::new(2), Barrier::new(2));
        std::thread::scope(|scope| {
            let call = scope.spawn(|| {
                with(handle, |value: &mut u8| {
                    entered.wait();
                    closed.wait();
                    *value += 1;
                    Ok(*value)
                })
            });
            entered.wait();
            assert!(close(handle));
            assert_eq!(live(), 1, "the running call still holds the object");
            closed.wait();
            assert_eq!(call.join().unwrap().unwrap(), 2);
        });
        assert_eq!(live(), 0);
    }
}
