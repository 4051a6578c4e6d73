//! Parts of the load harness: a lean HTTP client, a receiver that numbers what arrives, a fresh installation of the
//! real binary, and what processes use. The fault tests of the server stand on them too.

pub mod http;
pub mod hub;
pub mod inbound;
pub mod load;
pub mod measure;
pub mod picker;
pub mod postgres;
pub mod redis;
pub mod scale;
pub mod scenes;
pub mod sink;
pub mod sql;
