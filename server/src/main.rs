//! The patchbay binary.

use std::process::ExitCode;

use clap::Parser as _;
use server::cli::Cli;

/// A fifth of the processor time at saturation went into the system's allocator; this one takes a fraction of it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Transformations run in processes of their own, which are this program with this one word.
    if std::env::args().nth(1).as_deref() == Some(server::startup::SANDBOX_WORD) {
        return if sandbox::serve().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    serve()
}

#[tokio::main]
async fn serve() -> ExitCode {
    // Before anything speaks TLS.
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        eprintln!("error: a cryptographic provider was already installed.");
        return ExitCode::FAILURE;
    }
    match server::run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(server::exit_code(&error))
        }
    }
}
