//! Microsoft Teams, reached in two ways.
//!
//! By workflows: Power Automate gives a channel an address that takes Adaptive Cards. No account is connected; the
//! address with its signature is the secret. [`address`] recognises one, [`answer`] reads what comes back: mostly that
//! the request was taken, which is no proof that a card was posted.
//!
//! By Microsoft Graph, in the name of a person who signed in at Entra ID and consented: [`entra`] has addresses,
//! permissions and the provider, [`signin`] says what its errors mean, [`graph`] has requests and reads lists,
//! [`failure`] says what Graph's errors mean. Nothing of that is offered yet: no connection is made with it.
//!
//! [`card`] writes messages for both. [`package`] makes the app that people add to Teams to see this installation
//! there.
//!
//! Cards and requests are held against the published schemas by tests, which read them where they lie
//! (`PATCHBAY_PROVIDER_SPECS`), and against the simulator.

pub mod address;
pub mod answer;
mod archive;
pub mod card;
pub mod entra;
pub mod failure;
pub mod graph;
mod icon;
pub mod package;
pub mod signin;
#[cfg(test)]
mod simulated;
