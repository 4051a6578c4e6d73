//! Where the time of one attempt went, drawn.

use leptos::prelude::*;

/// Name resolution, connecting, TLS, waiting and reading, as parts of one bar. The marks are those
/// of an attempt: each part's own length, and the whole.
#[component]
pub fn DurationBar(
    /// Resolving the name, in microseconds.
    dns_us: Option<i64>,
    /// Connecting.
    connect_us: Option<i64>,
    /// The TLS handshake.
    tls_us: Option<i64>,
    /// From the request sent to the answer's first byte.
    first_byte_us: Option<i64>,
    /// Everything.
    total_us: i64,
) -> impl IntoView {
    let known = [
        ("dns", "fill-info", dns_us),
        ("connect", "fill-ok", connect_us),
        ("tls", "fill-warn", tls_us),
        ("wait", "fill-rest", first_byte_us),
    ];
    let total = total_us.max(1);
    let mut parts: Vec<(&str, &str, i64)> =
        known.iter().filter_map(|(name, fill, us)| us.map(|us| (*name, *fill, us.max(0)))).collect();
    let rest = total - parts.iter().map(|part| part.2).sum::<i64>();
    if rest > total / 200 {
        parts.push((if first_byte_us.is_some() { "read" } else { "rest" }, "fill-line", rest));
    }
    let mut x = 0;
    let bars: Vec<_> = parts
        .iter()
        .map(|(_, fill, us)| {
            let width = (us * 1000 / total).clamp(if *us > 0 { 4 } else { 0 }, 1000);
            let bar = view! { <rect x=x.to_string() y="0" width=width.to_string() height="8" class=*fill></rect> };
            x += width;
            bar.into_any()
        })
        .collect();
    let words: Vec<_> =
        parts.iter().map(|(name, _, us)| view! { <span>{format!("{name} {}", ms(*us))}</span> }.into_any()).collect();
    view! {
        <div>
            <svg class="wf" viewBox="0 0 1000 8" preserveAspectRatio="none" role="img" aria-label=format!("{} in all", ms(total_us))>
                {bars}
            </svg>
            <div class="row wrap faint mono mt-1.5 gap-x-3 gap-y-0">{words}<span>{format!("= {}", ms(total_us))}</span></div>
        </div>
    }
}

/// `0.4 ms`, `42 ms`, `9,963 ms`.
fn ms(us: i64) -> String {
    match us {
        ..10_000 => format!("{}.{} ms", us / 1000, us % 1000 / 100),
        10_000..1_000_000 => format!("{} ms", us / 1000),
        _ => format!("{},{:03} ms", us / 1_000_000, us / 1000 % 1000),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn durations_are_told_in_milliseconds() {
        assert_eq!([400, 42_000, 9_963_100].map(super::ms), ["0.4 ms", "42 ms", "9,963 ms"]);
    }
}
