//! Identifiers and chance, both from one seed: the same seed and the same requests give the same answers.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// Makes identifiers by counting and secrets by hashing the count.
#[derive(Debug)]
pub(crate) struct Ids {
    seed: u64,
    counts: BTreeMap<&'static str, u64>,
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, counts: BTreeMap::new() }
    }

    /// The next number of a kind, from 1.
    pub(crate) fn count(&mut self, kind: &'static str) -> u64 {
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        *count
    }

    /// `C07K2M0001`: the prefix, four characters of the seed, the count.
    pub(crate) fn next(&mut self, prefix: &'static str) -> String {
        let count = self.count(prefix);
        let seed = Random::new(self.seed).below(36_u64.pow(4));
        format!("{prefix}0{}{}", base36(seed, 4), base36(count, 5))
    }

    /// 24 characters that nobody guesses from the identifiers, though the seed tells them.
    pub(crate) fn secret(&mut self) -> String {
        let count = self.count("secret");
        let hash = Sha256::digest(format!("{}:{count}", self.seed));
        hash.iter().take(12).fold(String::with_capacity(24), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a String takes all");
            text
        })
    }
}

fn base36(mut number: u64, digits: usize) -> String {
    let mut text = vec![b'0'; digits];
    for digit in text.iter_mut().rev() {
        *digit = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[usize::try_from(number % 36).expect("below 36")];
        number /= 36;
    }
    String::from_utf8(text).expect("ASCII")
}

/// A small generator (SplitMix64): good enough to make a workspace look lived in.
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit.max(1)
    }

    /// One of these.
    pub(crate) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        let index = self.below(from.len() as u64);
        from[usize::try_from(index).expect("an index of a slice")]
    }
}

#[cfg(test)]
mod tests {
    use super::Ids;

    #[test]
    fn the_same_seed_gives_the_same_ids_and_secrets_and_another_seed_others() {
        let all = |seed| {
            let mut ids = Ids::new(seed);
            (ids.next("C"), ids.next("C"), ids.next("T"), ids.secret(), ids.secret())
        };
        assert_eq!(all(1), all(1));
        assert_ne!(all(1), all(2));
        let (first, second, team, secret, other) = all(1);
        assert_eq!((first.len(), first.starts_with('C'), team.starts_with('T')), (11, true, true));
        assert!(first != second && secret != other && secret.len() == 24);
    }
}
