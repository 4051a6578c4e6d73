//! Messages between a keeper and its child: a length of four bytes, then JSON.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::Limits;
use crate::run::Job;

/// Longer messages are not read: the limits keep honest ones far below.
const MAX_BYTES: usize = 64 << 20;

/// What a child is asked.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Question {
    pub limits: Limits,
    pub job: Job,
}

/// Sends a message.
pub(crate) fn write<T: Serialize>(mut line: &UnixStream, message: &T, until: Option<Instant>) -> io::Result<()> {
    let mut bytes = vec![0; 4];
    serde_json::to_writer(&mut bytes, message)?;
    let length = u32::try_from(bytes.len() - 4).map_err(io::Error::other)?;
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    line.set_write_timeout(left(until)?)?;
    line.write_all(&bytes)
}

/// Waits for a message; None if the other end has closed.
pub(crate) fn read<T: DeserializeOwned>(line: &UnixStream, until: Option<Instant>) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    if !fill(line, &mut length, until)? {
        return Ok(None);
    }
    let length = u32::from_le_bytes(length) as usize;
    if length > MAX_BYTES {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut bytes = vec![0; length];
    if !fill(line, &mut bytes, until)? {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(serde_json::from_slice(&bytes)?))
}

/// Fills the bytes; false if there was nothing left to read. A sender of single bytes gains no time.
fn fill(mut line: &UnixStream, bytes: &mut [u8], until: Option<Instant>) -> io::Result<bool> {
    let mut filled = 0;
    while filled < bytes.len() {
        line.set_read_timeout(left(until)?)?;
        match line.read(&mut bytes[filled..]) {
            Ok(0) if filled == 0 => return Ok(false),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

/// The time left, as sockets want it.
fn left(until: Option<Instant>) -> io::Result<Option<Duration>> {
    let left = until.map(|until| until.saturating_duration_since(Instant::now()));
    if left.is_some_and(|left| left.is_zero()) { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}
