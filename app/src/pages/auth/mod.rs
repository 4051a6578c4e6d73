//! The doors: set-up, sign-in, invitations, and what stands where there is no page.

mod calls;
mod door;
mod invitation;
mod not_found;
mod set_up;
mod sign_in;

pub use invitation::InvitationPage;
pub use not_found::NotFound;
pub use set_up::SetupPage;
pub use sign_in::SignInPage;
