//! Work on many inputs at a time, with the results handed on in the order of the inputs.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::{self, available_parallelism};

/// Deeply nested scripts recurse; the memory is only taken when it is used.
const STACK: usize = 64 << 20;
/// How far a thread may run ahead of the last result handed on, for each thread. Bounds the memory of a run over a
/// large tree, and is enough that one slow file does not hold up the others.
const AHEAD: usize = 64;

/// How many threads to use: so many, or as many as the machine has for us. The system is asked when there is work to
/// divide, since the question takes a while where containers are limited.
#[derive(Clone, Copy)]
pub(crate) struct Threads(pub(crate) Option<NonZeroUsize>);

impl Threads {
    /// The number of threads, at least one.
    pub(crate) fn count(self) -> usize {
        self.0.or_else(|| available_parallelism().ok()).map_or(1, NonZeroUsize::get)
    }
}

/// Does `work` on every input and hands the results to `each`, in order, until it breaks. Inputs for which `work`
/// gives nothing are passed over. A single input is done on the thread of the caller.
pub(crate) fn in_order<I: Sync, T: Send>(
    inputs: &[I],
    threads: Threads,
    work: impl Fn(&I) -> Option<T> + Sync,
    mut each: impl FnMut(T) -> anyhow::Result<ControlFlow<()>>,
) -> anyhow::Result<()> {
    if let [input] = inputs {
        return work(input).map_or(Ok(()), |result| each(result).map(|_| ()));
    }
    let threads = threads.count().min(inputs.len());
    let queue = Queue { inputs, taken: AtomicUsize::new(0), window: threads * AHEAD, gate: Gate::default() };
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..threads {
            let (sender, queue, work) = (sender.clone(), &queue, &work);
            thread::Builder::new().stack_size(STACK).spawn_scoped(scope, move || queue.serve(work, &sender))?;
        }
        drop(sender);
        let mut early = BTreeMap::new();
        let mut next = 0;
        for (index, result) in receiver {
            early.insert(index, result);
            while let Some(result) = early.remove(&next) {
                next += 1;
                queue.gate.open_to(next);
                let Some(result) = result else { continue };
                match each(result) {
                    Ok(ControlFlow::Continue(())) => {}
                    other => {
                        // Whoever waits goes home; what is still under way is done and not handed on.
                        queue.gate.open_to(usize::MAX);
                        queue.taken.store(inputs.len(), Ordering::Relaxed);
                        return other.map(|_| ());
                    }
                }
            }
        }
        Ok(())
    })
}

/// The inputs, and how far they are taken.
struct Queue<'i, I> {
    inputs: &'i [I],
    taken: AtomicUsize,
    window: usize,
    gate: Gate,
}

impl<I> Queue<'_, I> {
    fn serve<T>(&self, work: &impl Fn(&I) -> Option<T>, sender: &Sender<(usize, Option<T>)>) {
        loop {
            let index = self.taken.fetch_add(1, Ordering::Relaxed);
            let Some(input) = self.inputs.get(index) else { return };
            // The first input that was not handed on is never held up here, so somebody always goes on.
            if !self.gate.pass(index, self.window) || sender.send((index, work(input))).is_err() {
                return;
            }
        }
    }
}

/// Holds back whoever is too far ahead.
#[derive(Default)]
struct Gate {
    handed_on: Mutex<usize>,
    moved: Condvar,
}

impl Gate {
    fn open_to(&self, handed_on: usize) {
        *self.handed_on.lock().unwrap_or_else(PoisonError::into_inner) = handed_on;
        self.moved.notify_all();
    }

    /// Waits until `index` is within the window; false when the run is over.
    fn pass(&self, index: usize, window: usize) -> bool {
        let mut handed_on = self.handed_on.lock().unwrap_or_else(PoisonError::into_inner);
        while handed_on.saturating_add(window) <= index {
            handed_on = self.moved.wait(handed_on).unwrap_or_else(PoisonError::into_inner);
        }
        *handed_on != usize::MAX
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use anyhow::bail;

    use super::*;

    #[test]
    fn results_come_in_order_and_only_so_far_ahead() {
        let inputs: Vec<usize> = (0..5_000).collect();
        for threads in [1, 2, 7] {
            let handed_on = AtomicUsize::new(0);
            let mut seen = Vec::new();
            let work = |&n: &usize| {
                // Up to three numbers may have been passed over since.
                assert!(n <= handed_on.load(Ordering::SeqCst) + threads * AHEAD + 3, "{n} is too far ahead");
                (n % 3 != 0).then_some(n)
            };
            in_order(&inputs, Threads(NonZeroUsize::new(threads)), work, |n| {
                handed_on.store(n, Ordering::SeqCst);
                seen.push(n);
                Ok(ControlFlow::Continue(()))
            })
            .unwrap();
            assert_eq!(seen, inputs.iter().copied().filter(|n| n % 3 != 0).collect::<Vec<_>>());
        }
        in_order(&[0; 0], Threads(NonZeroUsize::new(4)), |&n: &u8| Some(n), |_| bail!("there is none")).unwrap();
    }

    #[test]
    fn a_break_or_an_error_ends_the_run_soon() {
        let inputs: Vec<usize> = (0..100_000).collect();
        for fails in [false, true] {
            let done = AtomicU64::new(0);
            let work = |&n: &usize| {
                done.fetch_add(1, Ordering::Relaxed);
                Some(n)
            };
            let result = in_order(&inputs, Threads(NonZeroUsize::new(4)), work, |n| match (n, fails) {
                (10, true) => bail!("enough"),
                (10, false) => Ok(ControlFlow::Break(())),
                _ => Ok(ControlFlow::Continue(())),
            });
            assert_eq!(result.is_err(), fails);
            assert!(done.load(Ordering::Relaxed) < 1_000);
        }
    }
}
