//! piao-testnet: local networks, load and benchmarks for developers.
//!
//! Starts real `piaod` processes and speaks to them as anybody would; it knows nothing of their
//! insides.

#![forbid(unsafe_code)]

mod bench;
mod bench_join;
mod bench_network;
mod cli;
mod crash;
mod flood;
mod invoices;
mod latency;
mod load;
mod local;
mod machine;
mod process;
mod proofs;
mod report;
mod scenario;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return report::fail(&error.to_string()),
    };
    match runtime.block_on(cli::run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report::fail(&error.to_string()),
    }
}
