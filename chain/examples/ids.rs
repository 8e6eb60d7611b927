//! Verdicts on tax ids and resident ids, for a comparison with another implementation.
//!
//! Reads lines `uscc TEXT` or `resident TEXT` and answers each with `1` or `0`. The first line is
//! the date in China, `2026-11-21`, up to which births are accepted. The ids of the comparison are
//! made up, so they may be read and written here.

use std::io::{self, BufRead as _, Write as _};

use piao_chain::tax::{ResidentId, Uscc};
use piao_chain::time::IssueDate;

fn main() -> io::Result<()> {
    let mut lines = io::stdin().lock().lines();
    let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let today = lines.next().ok_or_else(|| wrong("no date"))??;
    let today = IssueDate::parse(&today).map_err(|_not_a_date| wrong("no date"))?;
    let mut verdicts = io::BufWriter::new(io::stdout().lock());
    for line in lines {
        let line = line?;
        let valid = match line.split_once(' ') {
            Some(("uscc", text)) => text.parse::<Uscc>().is_ok(),
            Some(("resident", text)) => ResidentId::parse(text, today).is_ok(),
            _ => return Err(wrong("neither uscc nor resident")),
        };
        writeln!(verdicts, "{}", u8::from(valid))?;
    }
    verdicts.flush()
}
