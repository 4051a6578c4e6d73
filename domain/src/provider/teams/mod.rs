//! Microsoft Teams, reached in two ways.
//!
//! By workflows: Power Automate gives a channel an address that takes Adaptive Cards. No account is connected; the
//! address with its signature is the secret. [`address`] recognises one, [`answer`] reads what comes back: mostly that
//! the request was taken, which is no proof that a card was posted.
//!
//! By Microsoft Graph, in the name of a person who signed in at Entra ID and consented: [`scopes`] says to what, [`entra`]
//! has addresses and the provider, [`signin`] says what its errors mean, [`graph`] has requests and reads lists,
//! [`failure`] says what Graph's errors mean, [`place`] names channels.
//!
//! [`card`] writes messages for both. [`package`] makes the app that people add to Teams to see this installation
//! there.
//!
//! Cards and requests are held against the published schemas by tests, which read them where they lie
//! (`PATCHBAY_PROVIDER_SPECS`), and against the simulator.

#[cfg(feature = "server")]
pub mod address;
#[cfg(feature = "server")]
pub mod answer;
#[cfg(feature = "server")]
mod archive;
#[cfg(feature = "server")]
pub mod card;
#[cfg(feature = "server")]
pub mod entra;
#[cfg(feature = "server")]
pub mod failure;
#[cfg(feature = "server")]
pub mod graph;
#[cfg(feature = "server")]
mod icon;
#[cfg(feature = "server")]
pub mod package;
#[cfg(feature = "server")]
pub mod place;
pub mod scopes;
#[cfg(feature = "server")]
pub mod signin;
#[cfg(all(test, feature = "server"))]
mod simulated;
