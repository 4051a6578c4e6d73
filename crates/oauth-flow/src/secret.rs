//! Text that must not be seen.

use std::fmt;

use bytes::Bytes;
use http::HeaderValue;
use http::header::InvalidHeaderValue;
use zeroize::{Zeroize, Zeroizing};

/// Text that is wiped when dropped, and that no `Debug` shows.
#[derive(Clone, Default)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Bytes that are wiped when the last clone is dropped.
pub(crate) fn wiped_bytes<T>(content: Zeroizing<T>) -> Bytes
where
    T: Zeroize + AsRef<[u8]> + Send + 'static,
{
    struct Owner<T: Zeroize>(Zeroizing<T>);
    impl<T: Zeroize + AsRef<[u8]>> AsRef<[u8]> for Owner<T> {
        fn as_ref(&self) -> &[u8] {
            (*self.0).as_ref()
        }
    }
    Bytes::from_owner(Owner(content))
}

/// A header value that is wiped when the last clone is dropped, and that `Debug` does not show.
pub(crate) fn header(text: Zeroizing<String>) -> Result<HeaderValue, InvalidHeaderValue> {
    let mut value = HeaderValue::from_maybe_shared(wiped_bytes(text))?;
    value.set_sensitive(true);
    Ok(value)
}
