//! The receiver: answers 200 at once and notes when each numbered event arrived. `/hook/K` notes for the K-th endpoint of
//! several; `/hang` answers after ten seconds and notes nothing.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Numbers that a run may use.
pub const MOST: usize = 2_000_000;
/// The first number, so that all have nine digits and one can be written over another.
pub const BASE: usize = 100_000_000;

/// Numbers that each of several endpoints may use.
pub const EACH: usize = 200_000;
/// How long `/hang` takes to answer.
const HANGS: Duration = Duration::from_secs(10);

/// The running receiver.
pub struct Sink {
    /// Where it listens.
    pub address: SocketAddr,
    /// When everything began: times are microseconds since.
    pub start: Instant,
    arrivals: Arc<Arrivals>,
}

struct Arrivals {
    /// Time of first arrival by number; 0 while not arrived.
    first: Vec<AtomicU64>,
    distinct: AtomicU64,
    repeated: AtomicU64,
}

impl Sink {
    /// Starts the receiver.
    ///
    /// # Errors
    /// The machine or the hub does not do its part.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let start = Instant::now();
        let first = (0..MOST).map(|_| AtomicU64::new(0)).collect();
        let arrivals = Arc::new(Arrivals { first, distinct: AtomicU64::new(0), repeated: AtomicU64::new(0) });
        let shared = Arc::clone(&arrivals);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared), start));
            }
        });
        Ok(Self { address, start, arrivals })
    }

    /// Microseconds since the start.
    pub fn now_us(&self) -> u64 {
        self.start.elapsed().as_micros() as u64
    }

    /// Forgets all arrivals.
    pub fn reset(&self) {
        self.arrivals.first.iter().for_each(|slot| slot.store(0, Ordering::Relaxed));
        self.arrivals.distinct.store(0, Ordering::SeqCst);
        self.arrivals.repeated.store(0, Ordering::SeqCst);
    }

    /// How many different events have arrived, and how many arrivals were repetitions.
    pub fn counts(&self) -> (u64, u64) {
        (self.arrivals.distinct.load(Ordering::SeqCst), self.arrivals.repeated.load(Ordering::SeqCst))
    }

    /// When the event of a number arrived at the K-th of several endpoints.
    pub fn arrived_at(&self, endpoint: usize, number: usize) -> Option<u64> {
        self.arrived_us(endpoint * EACH + number)
    }

    /// When the event of a number arrived.
    pub fn arrived_us(&self, number: usize) -> Option<u64> {
        Some(self.arrivals.first[number].load(Ordering::Relaxed)).filter(|at| *at > 0)
    }
}

async fn serve(mut stream: TcpStream, arrivals: Arc<Arrivals>, start: Instant) {
    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-type: text/plain\r\n\r\nok";
    let _slower_without = stream.set_nodelay(true);
    let mut buffer = Vec::with_capacity(16 * 1024);
    loop {
        while let Ok(Some((_, head, length))) = crate::http::head(&buffer) {
            if buffer.len() < head + length {
                break;
            }
            if buffer.starts_with(b"POST /hang") {
                tokio::time::sleep(HANGS).await;
            } else {
                note(endpoint(&buffer) * EACH, &buffer[head..head + length], &arrivals, start);
            }
            buffer.drain(..head + length);
            if stream.write_all(ANSWER).await.is_err() {
                return;
            }
        }
        if stream.read_buf(&mut buffer).await.unwrap_or(0) == 0 {
            return;
        }
    }
}

/// Which of several endpoints a request is for.
fn endpoint(request: &[u8]) -> usize {
    match request.strip_prefix(b"POST /hook/") {
        Some(rest) => {
            rest.iter().take_while(|byte| byte.is_ascii_digit()).fold(0, |k, digit| k * 10 + usize::from(digit - b'0'))
        }
        None => 0,
    }
}

/// Notes the number in `"seq":123`, counted from `from`.
fn note(from: usize, body: &[u8], arrivals: &Arrivals, start: Instant) {
    const MARK: &[u8] = b"\"seq\":";
    let Some(at) = body.windows(MARK.len()).position(|part| part == MARK) else { return };
    let digits = body[at + MARK.len()..].iter().take_while(|byte| byte.is_ascii_digit());
    let number = digits.fold(0usize, |number, digit| number * 10 + usize::from(digit - b'0'));
    let Some(slot) = number.checked_sub(BASE).and_then(|number| arrivals.first.get(from + number)) else { return };
    let now = (start.elapsed().as_micros() as u64).max(1);
    if slot.compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
        arrivals.distinct.fetch_add(1, Ordering::Relaxed);
    } else {
        arrivals.repeated.fetch_add(1, Ordering::Relaxed);
    }
}
