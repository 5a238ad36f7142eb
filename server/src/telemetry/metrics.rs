//! Counters, histograms and gauges for Prometheus. Requests are measured once, at the edge; the rest is read
//! when somebody looks.

use std::{sync::OnceLock, time::Duration};

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

const BUCKETS: [f64; 14] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// The recorder of this process; one for all applications in it, since `metrics` knows only one.
pub fn recorder() -> Result<PrometheusHandle, String> {
    static HANDLE: OnceLock<Result<PrometheusHandle, String>> = OnceLock::new();
    HANDLE.get_or_init(install).clone()
}

fn install() -> Result<PrometheusHandle, String> {
    let handle = PrometheusBuilder::new()
        .set_buckets(&BUCKETS)
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(|e| e.to_string())?;
    describe_counter!(
        "almanac_requests_total",
        "requests served, by method, route and status"
    );
    describe_histogram!(
        "almanac_request_seconds",
        "time to the head of the response, by method and route"
    );
    describe_counter!("almanac_answers_total", "answers given, by their status");
    describe_histogram!("almanac_answer_seconds", "time to a whole answer");
    describe_counter!(
        "almanac_tokens_total",
        "tokens read (`prompt`) and written (`completion`)"
    );
    describe_gauge!(
        "almanac_queue_waiting",
        "requests that wait for a thread, by pool"
    );
    describe_gauge!(
        "almanac_engine_running",
        "texts that the language model is writing"
    );
    describe_gauge!(
        "almanac_engine_waiting",
        "texts that wait for the language model"
    );
    describe_gauge!(
        "almanac_engine_blocks_held",
        "blocks of keys and values, 16 tokens each, of the texts that are being written"
    );
    describe_gauge!("almanac_jobs", "jobs by state");
    describe_gauge!("almanac_revision", "published revision, by knowledge base");
    describe_gauge!(
        "almanac_kb_faults",
        "knowledge bases that do not open and are out of service"
    );
    describe_gauge!("almanac_uptime_seconds", "time since the server started");
    describe_gauge!(
        "process_cpu_seconds_total",
        "CPU time of the process, user and system"
    );
    describe_gauge!(
        "process_resident_memory_bytes",
        "memory of the process in RAM"
    );
    Ok(handle)
}

/// A request was served.
pub fn request(method: &str, route: &str, status: u16, elapsed: Duration) {
    let (method, route) = (known_method(method), route.to_owned());
    counter!("almanac_requests_total", "method" => method, "route" => route.clone(), "status" => status.to_string())
        .increment(1);
    histogram!("almanac_request_seconds", "method" => method, "route" => route)
        .record(elapsed.as_secs_f64());
}

/// A label may only take known values: a client must not be able to make new series.
fn known_method(method: &str) -> &'static str {
    ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]
        .into_iter()
        .find(|known| *known == method)
        .unwrap_or("OTHER")
}

/// An answer was given.
pub fn answer(status: &'static str, elapsed: Duration, prompt: u64, completion: u64) {
    counter!("almanac_answers_total", "status" => status).increment(1);
    histogram!("almanac_answer_seconds").record(elapsed.as_secs_f64());
    counter!("almanac_tokens_total", "kind" => "prompt").increment(prompt);
    counter!("almanac_tokens_total", "kind" => "completion").increment(completion);
}

/// Sets what is read when somebody looks.
pub fn queue(pool: &'static str, waiting: usize) {
    gauge!("almanac_queue_waiting", "pool" => pool).set(waiting as f64);
}

/// What the language model is doing.
pub fn engine(activity: engine::Activity) {
    gauge!("almanac_engine_running").set(activity.running as f64);
    gauge!("almanac_engine_waiting").set(activity.waiting as f64);
    gauge!("almanac_engine_blocks_held").set(activity.blocks_held as f64);
}

/// Jobs in a state.
pub fn jobs(state: &'static str, count: usize) {
    gauge!("almanac_jobs", "state" => state).set(count as f64);
}

/// The revision of a knowledge base.
pub fn revision(knowledge_base: &str, revision: u64) {
    gauge!("almanac_revision", "knowledge_base" => knowledge_base.to_owned()).set(revision as f64);
}

/// Knowledge bases that do not open.
pub fn faults(count: usize) {
    gauge!("almanac_kb_faults").set(count as f64);
}

/// The process itself.
pub fn process(uptime: Duration) {
    gauge!("almanac_uptime_seconds").set(uptime.as_secs_f64());
    if let Some(seconds) = cpu_seconds() {
        gauge!("process_cpu_seconds_total").set(seconds);
    }
    if let Some(bytes) = resident_bytes() {
        gauge!("process_resident_memory_bytes").set(bytes as f64);
    }
}

/// CPU time of this process so far, in seconds; none where there is no procfs.
pub fn cpu_seconds() -> Option<f64> {
    /// Linux counts in hundredths of a second on every architecture, whatever the kernel's own tick.
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field, the command, may hold spaces and parentheses: count from the last one.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let user: f64 = fields.get(11)?.parse().ok()?;
    let system: f64 = fields.get(12)?.parse().ok()?;
    Some((user + system) / TICKS_PER_SECOND)
}

fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmRSS:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_process_is_measured_and_methods_are_bounded() {
        assert!(cpu_seconds().is_some_and(|s| s >= 0.0));
        assert!(resident_bytes().is_some_and(|b| b > 1 << 20));
        assert_eq!(known_method("GET"), "GET");
        assert_eq!(known_method("BREW"), "OTHER");
    }
}
