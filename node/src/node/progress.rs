//! How far a long rebuild is: on a terminal one line that changes, elsewhere a line now and then.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use crate::journal::JournalReader;

/// Time between two lines.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Time between two changes of the line on a terminal.
const REDRAW_EVERY: Duration = Duration::from_millis(200);

/// Where progress is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum To {
    /// The log: a start must not write to a terminal of its own.
    Log,
    /// stderr, one line that is drawn over.
    Terminal,
    /// stderr, line by line.
    Lines,
}

/// Tells how far a rebuild is.
#[derive(Debug)]
pub struct Progress {
    to: To,
    /// What is being done.
    verb: &'static str,
    begun: Instant,
    told: Instant,
    has_told: bool,
    first_issuance: Option<JournalReader>,
}

impl Progress {
    /// In the log, at most every few seconds.
    #[must_use]
    pub fn in_the_log() -> Self {
        Self::to(To::Log, "making the state")
    }

    /// On stderr, for a verb.
    #[must_use]
    pub fn on_stderr(verb: &'static str) -> Self {
        if std::io::stderr().is_terminal() {
            Self::to(To::Terminal, verb)
        } else {
            Self::to(To::Lines, verb)
        }
    }

    fn to(to: To, verb: &'static str) -> Self {
        let now = Instant::now();
        Self {
            to,
            verb,
            begun: now,
            told: now,
            has_told: false,
            first_issuance: None,
        }
    }

    /// The rebuild begins; the reader knows how many invoices each height had issued.
    pub(crate) fn begin(&mut self, reader: &JournalReader) {
        self.begun = Instant::now();
        self.told = self.begun;
        self.first_issuance = Some(reader.clone());
    }

    /// A height of so many was reached.
    pub fn tell(&mut self, height: u64, of: u64) {
        let every = if self.to == To::Terminal {
            REDRAW_EVERY
        } else {
            LINE_EVERY
        };
        // A rebuild shorter than the time between two lines is told of once, unless in the log.
        let is_last = height == of && (self.has_told || self.to != To::Log);
        if !is_last && self.told.elapsed() < every {
            return;
        }
        self.told = Instant::now();
        self.has_told = true;
        let next = height.saturating_add(1);
        let reader = self.first_issuance.as_ref();
        let invoices = reader.map(|reader| {
            let first = reader.first_issuance(next);
            first
                .unwrap_or_else(|| reader.next_issuance())
                .saturating_sub(1)
        });
        let line = line(height, of, invoices, self.begun.elapsed());
        let verb = self.verb;
        match self.to {
            To::Log => tracing::info!("{verb}: {line}"),
            // Nobody is left to tell when stderr is gone.
            To::Lines => drop(writeln!(std::io::stderr(), "{verb}: {line}")),
            To::Terminal => {
                let end = if height == of { "\n" } else { "" };
                let mut out = std::io::stderr().lock();
                drop(write!(out, "\r\u{1b}[K{verb}: {line}{end}"));
                drop(out.flush());
            }
        }
    }
}

/// Percent, height, invoices, rate and time left.
fn line(height: u64, of: u64, invoices: Option<u64>, took: Duration) -> String {
    let percent = height
        .saturating_mul(100)
        .checked_div(of)
        .unwrap_or(100)
        .min(100);
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
    let counted = invoices.map_or_else(String::new, |invoices| {
        let rate = invoices.saturating_mul(1_000) / ms;
        format!(", {invoices} invoices, {rate} invoices/s")
    });
    let left_ms = ms
        .saturating_mul(of.saturating_sub(height))
        .checked_div(height)
        .unwrap_or(0);
    format!(
        "{percent} %, height {height} of {of}{counted}, {} s left",
        left_ms.div_ceil(1_000)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_percent_height_invoices_rate_and_time_left() {
        assert_eq!(
            line(250, 1_000, Some(5_000), Duration::from_secs(2)),
            "25 %, height 250 of 1000, 5000 invoices, 2500 invoices/s, 6 s left"
        );
        assert_eq!(
            line(0, 0, None, Duration::ZERO),
            "100 %, height 0 of 0, 0 s left"
        );
    }
}
