//! Figures for people, or as JSON.

use std::io::Write as _;
use std::process::ExitCode;

use crate::bench::Figures;

/// Says in one line why there is no result.
pub(crate) fn fail(why: &str) -> ExitCode {
    // Nobody is left to tell when stderr is gone.
    drop(writeln!(std::io::stderr(), "piao-testnet: {why}"));
    ExitCode::FAILURE
}

/// Prints a line, or several.
pub(crate) fn say(text: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout().lock(), "{text}")
}

/// Tells a line to who looks on, beside what is printed.
pub(crate) fn tell(text: &str) -> std::io::Result<()> {
    writeln!(std::io::stderr().lock(), "{text}")
}

/// Prints figures as JSON.
pub(crate) fn print_json(figures: &impl serde::Serialize) -> std::io::Result<()> {
    let text = serde_json::to_string_pretty(figures).map_err(std::io::Error::other)?;
    writeln!(std::io::stdout().lock(), "{text}")
}

/// Prints the figures.
pub(crate) fn print(figures: &Figures, json: bool) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        let text = serde_json::to_string_pretty(figures).map_err(std::io::Error::other)?;
        return writeln!(out, "{text}");
    }
    let f = figures;
    writeln!(
        out,
        "one validator, {} cores, everything on one machine, via {}, {} connections, {} in a request",
        f.cores, f.via, f.clients, f.batch
    )?;
    writeln!(
        out,
        "  final            {:>10.0} invoices/s ({} issued, {} refused, {} blocks)",
        f.final_per_second, f.invoices, f.refused, f.blocks
    )?;
    writeln!(
        out,
        "  by tenths        {:>10.0} invoices/s in the first, {:.0} in the last ({:.0} %)",
        f.first_tenth_per_second,
        f.last_tenth_per_second,
        100.0 * f.last_tenth_per_second / f.first_tenth_per_second
    )?;
    for refusal in &f.refusals {
        writeln!(out, "  refused:         {refusal}")?;
    }
    writeln!(
        out,
        "  sent to final    {:>10.1} ms p50, {:.1} ms p99 under load",
        f.load_p50_ms, f.load_p99_ms
    )?;
    writeln!(
        out,
        "  sent to final    {:>10.1} ms p50, {:.1} ms p99 idle",
        f.idle_p50_ms, f.idle_p99_ms
    )?;
    writeln!(
        out,
        "  CPU of the node  {:>10.0} µs per invoice",
        f.cpu_us_per_invoice
    )?;
    writeln!(out, "  memory, peak     {:>10.0} MiB", f.rss_peak_mib)?;
    writeln!(
        out,
        "  ready after kill {:>10.0} ms, {:.0} MiB then",
        f.ready_after_kill_ms, f.rss_after_restart_mib
    )?;
    writeln!(
        out,
        "  disk             {:>10.0} bytes per invoice (transaction {} bytes)",
        f.disk_bytes_per_invoice, f.transaction_bytes
    )?;
    writeln!(
        out,
        "  proofs           {:>10} of {} verified offline",
        f.proofs_good, f.proofs_checked
    )?;
    writeln!(out, "the machine, in the same run")?;
    writeln!(
        out,
        "  strict verify    {:>10.0} per second on all cores; final / verify = {:.3}",
        f.verify_per_second, f.final_over_verify
    )?;
    writeln!(
        out,
        "  fdatasync        {:>10.0} per second; final / fdatasync = {:.2}",
        f.sync_per_second, f.final_over_sync
    )
}
