//! The doors, driven through HTTP over fresh databases (SQLite always, PostgreSQL when
//! `PATCHBAY_TEST_DATABASE_URL` names a server) and real receivers on loopback.

mod api;
mod audit;
mod browsers;
mod commands;
mod document;
mod doors;
mod health;
mod jira;
mod journey;
mod keys;
mod leaks;
mod messages;
mod process;
mod slack;
mod sources;
mod stream;
mod support;
mod tables;
mod teams;
mod things;
mod views;
