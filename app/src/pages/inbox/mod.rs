//! The inbox: a receiver of the hub itself, to see a signed delivery before writing a server.

mod calls;
mod page;

pub use page::InboxPage;
