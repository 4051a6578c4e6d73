//! What goes wrong on request: once, or until all is well again.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// The name that stands for every method.
pub const EVERY: &str = "*";

/// Something that goes wrong with one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The provider's own kind of error, by its code. Nothing is done.
    Error(String),
    /// Too many requests: wait so many seconds. Nothing is done.
    RateLimited(u64),
    /// A bare HTTP status with an empty body. Nothing is done.
    Status(u16),
    /// Status 200 with this text, which may be no JSON at all. Nothing is done.
    Body(String),
    /// No answer, ever. Nothing is done.
    Hang,
    /// The connection closes without an answer. Nothing is done.
    Drop,
    /// The request is carried out, and the answer never comes.
    HangAfter,
    /// The request is carried out, and the connection closes without an answer.
    DropAfter,
    /// The request is carried out, and the answer comes late.
    Slow(Duration),
    /// A list answers with nothing on this page and a cursor for the next one.
    EmptyPage,
}

/// The faults that wait to happen, by method.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    once: BTreeMap<String, VecDeque<Fault>>,
    always: BTreeMap<String, Fault>,
}

impl Faults {
    /// The next request of `method` ends so, after those that were asked for before.
    pub(crate) fn next(&mut self, method: &str, fault: Fault) {
        self.once.entry(method.to_owned()).or_default().push_back(fault);
    }

    /// Every request of `method` ends so.
    pub(crate) fn always(&mut self, method: &str, fault: Fault) {
        self.always.insert(method.to_owned(), fault);
    }

    /// All is well again.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The fault of a request that has just come: single ones first, and its own before those of every method.
    pub(crate) fn take(&mut self, method: &str) -> Option<Fault> {
        let once = [method, EVERY].iter().find_map(|name| self.once.get_mut(*name).and_then(VecDeque::pop_front));
        once.or_else(|| [method, EVERY].iter().find_map(|name| self.always.get(*name)).cloned())
    }
}

impl Faults {
    /// The next single fault of `method` alone, if it is an error with a code.
    pub(crate) fn take_error(&mut self, method: &str) -> Option<String> {
        let waiting = self.once.get_mut(method)?;
        let Some(Fault::Error(code)) = waiting.front().cloned() else { return None };
        waiting.pop_front();
        Some(code)
    }
}

#[cfg(test)]
mod tests {
    use super::{EVERY, Fault, Faults};

    #[test]
    fn single_faults_come_in_order_before_the_lasting_ones() {
        let mut faults = Faults::default();
        faults.always(EVERY, Fault::Status(500));
        faults.next("a", Fault::Hang);
        faults.next("a", Fault::Drop);
        assert_eq!(faults.take("b"), Some(Fault::Status(500)));
        assert_eq!(faults.take("a"), Some(Fault::Hang));
        assert_eq!(faults.take("a"), Some(Fault::Drop));
        assert_eq!(faults.take("a"), Some(Fault::Status(500)));
        faults.clear();
        assert_eq!(faults.take("a"), None);
    }
}
