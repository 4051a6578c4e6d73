//! `/metrics` for Prometheus, for operators' keys only.

use std::sync::OnceLock;

use axum::response::{IntoResponse as _, Response};
use domain::Error;
use http::header;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::api::error::ApiResult;
use crate::api::extract::ApiCaller;

/// Buckets of durations, in seconds.
const SECONDS: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 300.0, 3600.0];
/// Buckets of how much shares one commit.
const SIZES: &[f64] = &[1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 512.0];

/// The recorder of this process; tests start several servers in one.
static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Begins to count.
///
/// # Errors
/// The buckets are wrong, or something else counts in this process already.
pub fn start() -> anyhow::Result<()> {
    if RECORDER.get().is_some() {
        return Ok(());
    }
    use metrics_exporter_prometheus::Matcher::Suffix;
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Suffix("_seconds".into()), SECONDS)?
        .set_buckets_for_metric(Suffix("_size".into()), SIZES)?
        .build_recorder();
    let handle = recorder.handle();
    // Two servers of one process may come here at once: the second finds the first's recorder installed.
    if metrics::set_global_recorder(recorder).is_ok() {
        RECORDER.get_or_init(|| handle);
    }
    Ok(())
}

/// The figures as Prometheus reads them.
pub async fn show(api: ApiCaller) -> ApiResult<Response> {
    api.caller.require_operator()?;
    domain::figures::gauge_all(&api.hub).await?;
    let handle = RECORDER.get().ok_or_else(|| Error::unavailable("Nothing is counted in this process."))?;
    handle.run_upkeep();
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render()).into_response())
}
