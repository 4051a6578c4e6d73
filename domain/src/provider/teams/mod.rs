//! Microsoft Teams, by workflows: Power Automate gives a channel an address that takes Adaptive Cards. No account is connected;
//! the address with its signature is the secret. [`address`] recognises one, [`card`] writes messages, [`answer`] reads what comes
//! back: mostly that the request was taken, which is no proof that a card was posted.
//!
//! Cards are held against the published schema by tests, which read it where it lies (`PATCHBAY_PROVIDER_SPECS`).

pub mod address;
pub mod answer;
pub mod card;
