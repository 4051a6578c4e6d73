//! What every request passes through, one concern per file. The order stands in `router.rs`.

pub mod client_ip;
pub mod compression;
pub mod csrf;
pub mod limits;
pub mod panic;
pub mod request_id;
pub mod security_headers;
pub mod session;
pub mod trace;
