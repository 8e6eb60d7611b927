//! `piao`: the command line of merchants, buyers and verifiers.

use std::process::ExitCode;

fn main() -> ExitCode {
    piao_wallet::run()
}
