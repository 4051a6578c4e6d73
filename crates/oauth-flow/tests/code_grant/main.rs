//! The authorization code grant, from the outside: eleven providers as data, and a token server that
//! answers what a test tells it to.

mod authorization;
mod callback;
mod endings;
mod examples;
mod exchange;
mod providers;
mod refresh;
mod revoke;
mod schedule;
mod secrets;
mod server;
