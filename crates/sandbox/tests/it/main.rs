//! Scripts, friendly and hostile, on threads and in child processes.

mod answers;
mod bounds;
mod isolation;
#[cfg(unix)]
mod process;
mod replay;
mod stuck;

use sandbox::{Config, Isolation, Limits, Output, Run, Sandbox, Script, ScriptError};

/// An event like those a hub delivers.
const EVENT: &str = r#"{"webhook_id":"evt_1","event_type":"order.paid","timestamp":"2026-01-02T03:04:05Z","data":{"id":7,"total":12.5}}"#;

fn on_threads() -> Sandbox {
    Sandbox::new(Config::new(Isolation::Threads)).expect("threads start")
}

#[cfg(unix)]
fn in_process() -> Config {
    let program = env!("CARGO_BIN_EXE_sandbox-worker").into();
    Config::new(Isolation::Process { program, args: Vec::new() })
}

/// One sandbox of each kind.
fn both() -> Vec<Sandbox> {
    both_with(|_| {})
}

/// One sandbox of each kind, with other limits.
fn both_with(change: fn(&mut Limits)) -> Vec<Sandbox> {
    let mut configs = vec![Config::new(Isolation::Threads)];
    #[cfg(unix)]
    configs.push(in_process());
    let changed = configs.into_iter().map(|mut config| {
        change(&mut config.limits);
        Sandbox::new(config).expect("threads and children start")
    });
    changed.collect()
}

/// Runs `function transform(event) { <body> }` over the usual event.
async fn run(sandbox: &Sandbox, body: &str) -> Run {
    sandbox.run(&Script::accepted(format!("function transform(event) {{ {body} }}")), EVENT, 1_700_000_000_123, 7).await
}

/// The body that is sent.
fn sent(run: Run) -> String {
    match run.result {
        Ok(Output::Send { body, .. }) => body,
        other => panic!("nothing is sent: {other:?}, log {:?}", run.log),
    }
}

async fn fails(sandbox: &Sandbox, body: &str) -> ScriptError {
    run(sandbox, body).await.result.expect_err(body)
}
