//! What is posted, how fast, and what is made of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::http::{Connection, post};
use crate::hub::Hub;
use crate::sink::{BASE, EACH, MOST, Sink};

/// A load on one installation.
pub struct Load<'a> {
    /// What is measured.
    pub hub: &'a Hub,
    /// Where the deliveries arrive.
    pub sink: &'a Sink,
    /// Size of `data` in bytes.
    pub size: usize,
    /// Endpoints that each event goes to.
    pub fan_out: usize,
}

/// What one run showed.
pub struct Figures {
    accepted: u64,
    delivered: u64,
    repeated: u64,
    posting_s: f64,
    delivering_s: f64,
    accept_to_arrival_us: Vec<i64>,
    post_to_arrival_us: Vec<i64>,
    cpu_ms: f64,
    written_kib: Option<f64>,
}

/// What the hub has used so far.
struct Used {
    cpu_ms: f64,
    written_kib: Option<f64>,
}

impl Used {
    fn by(hub: &Hub) -> Result<Self> {
        let written_kib = hub.written_kib();
        Ok(Self { cpu_ms: hub.cpu_ms()?, written_kib })
    }
}

/// `data` of the event with a number, padded to a size.
pub(crate) fn data(number: usize, size: usize) -> String {
    let start = format!(r#"{{"seq":{},"invoice":"inv_8812","customer":"Acme Corp","note":""#, BASE + number);
    let pad = size.saturating_sub(start.len() + 2);
    let words = "lorem ipsum dolor sit amet consectetur ".chars().cycle().take(pad).collect::<String>();
    format!("{start}{words}\"}}")
}

impl Load<'_> {
    /// Events that one run may post.
    const fn most(&self) -> usize {
        if self.fan_out > 1 { EACH } else { MOST }
    }

    fn request(&self, number: usize) -> Vec<u8> {
        let body = format!(r#"{{"event_type":"invoice.paid","data":{}}}"#, data(number, self.size));
        post("/api/v1/events", &format!("authorization: Bearer {}\r\n", self.hub.api_key), body.as_bytes())
    }

    /// Posts at a fixed rate over one connection at a time.
    ///
    /// # Errors
    /// The machine or the hub does not do its part.
    pub async fn steady(&mut self, rate: u64, lasting: Duration) -> Result<Figures> {
        self.sink.reset();
        let before = Used::by(self.hub)?;
        let count = (rate * lasting.as_secs()) as usize;
        let mut times = vec![(0, 0); count];
        let mut connection = Connection::open(self.hub.address).await?;
        let start = Instant::now();
        for (number, time) in times.iter_mut().enumerate() {
            let request = self.request(number);
            tokio::time::sleep_until((start + Duration::from_secs_f64(number as f64 / rate as f64)).into()).await;
            time.0 = self.sink.now_us();
            let (status, body) = connection.send(&request).await?;
            time.1 = self.sink.now_us();
            if status != 202 {
                bail!("an event was answered {status}: {}", String::from_utf8_lossy(&body));
            }
        }
        let posting_s = start.elapsed().as_secs_f64();
        let delivering_s = self.arrived((count * self.fan_out) as u64, start).await?;
        self.figures(&times, count as u64, posting_s, delivering_s, &before)
    }

    /// Posts as fast as some connections can.
    ///
    /// # Errors
    /// The machine or the hub does not do its part.
    pub async fn saturate(&mut self, connections: usize, lasting: Duration) -> Result<Figures> {
        self.sink.reset();
        let before = Used::by(self.hub)?;
        let next = Arc::new(AtomicUsize::new(0));
        let times: Arc<Vec<(AtomicU64, AtomicU64)>> = Arc::new((0..self.most()).map(|_| Default::default()).collect());
        let refused = Arc::new(AtomicU64::new(0));
        let ended = Arc::new(AtomicBool::new(false));
        let template = self.request(0);
        let place = template.windows(9).position(|part| part == BASE.to_string().as_bytes()).unwrap_or(0);
        let start = Instant::now();
        let mut tasks = Vec::new();
        for _ in 0..connections {
            let (next, times, refused, ended) =
                (Arc::clone(&next), Arc::clone(&times), Arc::clone(&refused), Arc::clone(&ended));
            let (mut request, begin, most) = (template.clone(), self.sink.start, self.most());
            let mut connection = Connection::open(self.hub.address).await?;
            tasks.push(tokio::spawn(async move {
                while !ended.load(Ordering::Relaxed) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= most {
                        break;
                    }
                    request[place..place + 9].copy_from_slice((BASE + number).to_string().as_bytes());
                    times[number].0.store(begin.elapsed().as_micros() as u64, Ordering::Relaxed);
                    let (status, _) = connection.send(&request).await?;
                    if status == 202 {
                        times[number].1.store(begin.elapsed().as_micros() as u64, Ordering::Relaxed);
                    } else {
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                }
                anyhow::Ok(())
            }));
        }
        tokio::time::sleep(lasting).await;
        ended.store(true, Ordering::Relaxed);
        for task in tasks {
            task.await??;
        }
        let posting_s = start.elapsed().as_secs_f64();
        let posted = next.load(Ordering::Relaxed).min(self.most());
        let times: Vec<(u64, u64)> =
            times[..posted].iter().map(|t| (t.0.load(Ordering::Relaxed), t.1.load(Ordering::Relaxed))).collect();
        let accepted = times.iter().filter(|t| t.1 > 0).count() as u64;
        let refused = refused.load(Ordering::Relaxed);
        if refused > 0 {
            println!("  refused with another status    {refused:>9}");
        }
        let delivering_s = self.arrived(accepted * self.fan_out as u64, start).await?;
        self.figures(&times, accepted, posting_s, delivering_s, &before)
    }

    /// Waits until the hub has nothing left to do (its search index has caught up) and prints what that took.
    ///
    /// # Errors
    /// It never comes to rest.
    pub async fn settle(&self) -> Result<()> {
        let (start, before) = (Instant::now(), self.hub.cpu_ms()?);
        let (delivered, _) = self.sink.counts();
        for _ in 0..600 {
            let look = self.hub.cpu_ms()?;
            tokio::time::sleep(Duration::from_secs(1)).await;
            if self.hub.cpu_ms()? - look < 30.0 {
                let each = (self.hub.cpu_ms()? - before) / delivered.max(1) as f64;
                println!("  search index caught up after   {:>9.1} s", start.elapsed().as_secs_f64() - 1.0);
                println!("  cpu of that                    {each:>9.3} ms per delivery");
                return Ok(());
            }
        }
        bail!("the hub did not come to rest in ten minutes")
    }

    /// Waits until all that was accepted has arrived; seconds since `start`.
    async fn arrived(&self, accepted: u64, start: Instant) -> Result<f64> {
        let patience = Instant::now() + Duration::from_secs(90);
        loop {
            let (distinct, _) = self.sink.counts();
            if distinct >= accepted {
                return Ok(start.elapsed().as_secs_f64());
            }
            if Instant::now() > patience {
                bail!("{} of {accepted} accepted events did not arrive", accepted - distinct);
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    fn figures(
        &self,
        times: &[(u64, u64)],
        accepted: u64,
        posting_s: f64,
        delivering_s: f64,
        before: &Used,
    ) -> Result<Figures> {
        let (delivered, repeated) = self.sink.counts();
        let mut accept_to_arrival_us = Vec::with_capacity(times.len());
        let mut post_to_arrival_us = Vec::with_capacity(times.len());
        for (number, (posted, accepted)) in times.iter().enumerate() {
            let arrivals = (0..self.fan_out).filter_map(|endpoint| self.sink.arrived_at(endpoint, number));
            for arrived in arrivals.filter(|_| *accepted > 0) {
                accept_to_arrival_us.push(arrived as i64 - *accepted as i64);
                post_to_arrival_us.push(arrived as i64 - *posted as i64);
            }
        }
        accept_to_arrival_us.sort_unstable();
        post_to_arrival_us.sort_unstable();
        let cpu_ms = self.hub.cpu_ms()? - before.cpu_ms;
        let written_kib = self.hub.written_kib().zip(before.written_kib).map(|(now, before)| now - before);
        Ok(Figures {
            accepted,
            delivered,
            repeated,
            posting_s,
            delivering_s,
            accept_to_arrival_us,
            post_to_arrival_us,
            cpu_ms,
            written_kib,
        })
    }
}

impl Figures {
    /// Deliveries per second, and milliseconds of processor time for each.
    pub fn rate_and_cpu(&self) -> (f64, f64) {
        (self.delivered as f64 / self.delivering_s, self.cpu_ms / self.delivered.max(1) as f64)
    }

    /// Prints the figures under a title.
    pub fn print(&self, title: &str) {
        println!("  {title}");
        println!("  accepted                       {:>9.0} /s", self.accepted as f64 / self.posting_s);
        println!(
            "  delivered                      {:>9.0} /s   ({} in all, {} repeated)",
            self.delivered as f64 / self.delivering_s,
            self.delivered,
            self.repeated
        );
        println!("  202 to arrival p50 p95 p99     {}", three(&self.accept_to_arrival_us));
        println!("  post to arrival p50 p95 p99    {}", three(&self.post_to_arrival_us));
        let each = self.delivered.max(1) as f64;
        println!("  cpu of server and database     {:>9.3} ms per delivery", self.cpu_ms / each);
        if let Some(written_kib) = self.written_kib {
            println!("  written to disk                {:>9.1} KiB per delivery", written_kib / each);
        }
    }
}

/// Median, 95th and 99th percentile of sorted microseconds, in milliseconds.
pub fn three(values: &[i64]) -> String {
    let at = |share: f64| {
        let place = ((values.len() as f64 * share) as usize).min(values.len().saturating_sub(1));
        values.get(place).map_or(0.0, |us| *us as f64 / 1000.0)
    };
    format!("{:>9.2} {:>9.2} {:>9.2} ms", at(0.5), at(0.95), at(0.99))
}

/// Requests a second that a bare client gets through: signed bodies, kept-alive connections, no hub.
pub async fn bare(sink: &Sink, size: usize, lasting: Duration) -> Result<f64> {
    sink.reset();
    let secret = signature::Secret::generate([7; 32]);
    let until = Instant::now() + lasting;
    let mut tasks = Vec::new();
    for number in 0..64usize {
        let mut connection = Connection::open(sink.address).await?;
        let secret = secret.clone();
        tasks.push(tokio::spawn(async move {
            let body =
                format!(r#"{{"webhook_id":"evt_{number}","event_type":"invoice.paid","data":{}}}"#, data(number, size));
            let mut sent = 0u64;
            while Instant::now() < until {
                let signed =
                    signature::sign_standard(std::slice::from_ref(&secret), "evt_1", 1_795_356_131, body.as_bytes());
                let request = post(
                    "/hook",
                    &format!("webhook-id: evt_1\r\nwebhook-timestamp: 1795356131\r\nwebhook-signature: {signed}\r\n"),
                    body.as_bytes(),
                );
                connection.send(&request).await?;
                sent += 1;
            }
            anyhow::Ok(sent)
        }));
    }
    let mut sent = 0;
    for task in tasks {
        sent += task.await??;
    }
    Ok(sent as f64 / lasting.as_secs_f64())
}
