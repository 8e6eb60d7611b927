//! A row of a table: what is changed in the sample draft, and every fault that causes.

use piao_chain::invoice::{Desk, Draft, DraftBuyer, DraftLine, preflight, sample};

/// One change and its consequences.
pub(crate) struct Row {
    pub(crate) what: &'static str,
    pub(crate) change: fn(&mut Draft),
    /// Code and pointer of every fault.
    pub(crate) expected: &'static [(&'static str, &'static str)],
}

pub(crate) const fn row(
    what: &'static str,
    change: fn(&mut Draft),
    expected: &'static [(&'static str, &'static str)],
) -> Row {
    Row {
        what,
        change,
        expected,
    }
}

/// A short way to fill a member.
pub(crate) fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

pub(crate) fn buyer(draft: &mut Draft) -> &mut DraftBuyer {
    draft.buyer.as_mut().unwrap()
}

pub(crate) fn line(draft: &mut Draft) -> &mut DraftLine {
    draft.lines.first_mut().unwrap()
}

/// Makes the buyer a natural person.
pub(crate) fn person(draft: &mut Draft) {
    draft.buyer = Some(DraftBuyer {
        buyer_type: some("individual"),
        name: some("张三"),
        ..DraftBuyer::default()
    });
}

/// Holds every row of a table against the desk.
pub(crate) fn check(rows: &[Row]) {
    for row in rows {
        let mut draft = sample::draft();
        (row.change)(&mut draft);
        let found = faults(&sample::desk(), &draft);
        let found: Vec<_> = found
            .iter()
            .map(|(code, at)| (code.as_str(), at.as_str()))
            .collect();
        assert_eq!(found, row.expected, "{}", row.what);
    }
}

/// Code and pointer of every fault the desk finds.
pub(crate) fn faults(desk: &Desk, draft: &Draft) -> Vec<(String, String)> {
    let verdict = preflight(draft, desk);
    assert_eq!(verdict.prepared.is_some(), verdict.faults.is_empty());
    let faults = verdict.faults.iter();
    faults
        .map(|fault| {
            (
                fault.code.to_string(),
                fault.pointer.clone().unwrap_or_default(),
            )
        })
        .collect()
}
