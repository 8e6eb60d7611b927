//! What a shell learns: one number for each kind of end.
//!
//! Guards: `piao verify X && pay` must never pay a reversed, false or undecided invoice, and a
//! script can tell a refusal from an outage without reading text.
//! Source: the table that `piao --help` prints.

use std::process::ExitCode;

use piao_api::wire::Failure;
use piao_chain::failure::{Cause, FailureCode};
use piao_chain::proof::Finding;

/// How a command ended. The number is published and never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done; for `verify`: genuine and in force.
    Ok,
    /// Something on this machine went wrong.
    Other,
    /// The command line is wrong.
    Usage,
    /// Refused; the faults are listed.
    Refused,
    /// No such file, invoice or request.
    NotFound,
    /// Verification says: false.
    False,
    /// Verification cannot decide.
    Undecided,
    /// A fee or a limit is in the way.
    Limit,
    /// The network or the node; asking again is safe.
    Retry,
    /// Genuine, but not in force.
    NotInForce,
    /// Stopped by the user.
    Interrupted,
}

impl Exit {
    /// The exit code.
    #[must_use]
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Other => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::NotFound => 4,
            Self::False => 5,
            Self::Undecided => 6,
            Self::Limit => 7,
            Self::Retry => 8,
            Self::NotInForce => 9,
            Self::Interrupted => 130,
        }
    }

    /// The exit of a verdict.
    #[must_use]
    pub(crate) const fn of_finding(finding: Finding) -> Self {
        match finding {
            Finding::InForce => Self::Ok,
            Finding::NotInForce => Self::NotInForce,
            Finding::False => Self::False,
            Finding::Undecided => Self::Undecided,
        }
    }

    /// The exit of a refused call: its first failure decides. A code this program does not know
    /// is judged by the HTTP status alone.
    #[must_use]
    pub(crate) fn of_refusal(status: u16, code: &str) -> Self {
        let code = FailureCode::from_code(code);
        let cause = code.map(FailureCode::cause);
        match (status, cause) {
            (404, _) => Self::NotFound,
            (402 | 429, _) => Self::Limit,
            (_, Some(Cause::Network | Cause::Maintenance)) | (500.., _) => Self::Retry,
            _ => Self::Refused,
        }
    }

    /// The exit of a list of failures that came without an HTTP status (a check).
    #[must_use]
    pub(crate) fn of_failures(failures: &[Failure]) -> Self {
        failures.first().map_or(Self::Ok, |first| {
            let status = FailureCode::from_code(&first.code).map_or(422, FailureCode::http_status);
            Self::of_refusal(status, &first.code)
        })
    }

    /// The worse of two ends, for a command that judges several things: 5 before 9 before 6, then
    /// what could not be asked or read, then 0. What is known to be wrong outweighs what is not known.
    #[must_use]
    pub(crate) fn worse(self, other: Self) -> Self {
        if self.rank() >= other.rank() {
            self
        } else {
            other
        }
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::NotFound => 1,
            Self::Limit => 2,
            Self::Refused => 3,
            Self::Retry => 4,
            Self::Other => 5,
            Self::Usage => 6,
            Self::Undecided => 7,
            Self::NotInForce => 8,
            Self::False => 9,
            Self::Interrupted => 10,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failure_of_a_refusal_decides() {
        let cases = [
            (404, "E1901", Exit::NotFound),
            (404, "E1604", Exit::NotFound),
            (402, "E1601", Exit::Limit),
            (429, "E2020", Exit::Limit),
            (422, "E1205", Exit::Refused),
            (409, "E1408", Exit::Refused),
            (403, "E1012", Exit::Refused),
            (503, "E2102", Exit::Retry),
            (504, "E2103", Exit::Retry),
            (409, "E2104", Exit::Retry),
            (503, "E2203", Exit::Retry),
            (500, "E9001", Exit::Retry),
            (418, "E0000", Exit::Refused),
            (502, "", Exit::Retry),
        ];
        for (status, code, exit) in cases {
            assert_eq!(Exit::of_refusal(status, code), exit, "{status} {code}");
        }
    }

    #[test]
    fn a_false_proof_among_good_ones_makes_the_whole_false() {
        let all = [Exit::Ok, Exit::Undecided, Exit::NotInForce, Exit::False];
        for (at, worse) in all.into_iter().enumerate() {
            for better in &all[..=at] {
                assert_eq!(worse.worse(*better), worse);
                assert_eq!(better.worse(worse), worse);
            }
        }
        assert_eq!(Exit::Ok.worse(Exit::NotFound), Exit::NotFound);
    }

    #[test]
    fn a_verdict_and_its_exit_agree_with_the_chain() {
        for finding in [
            Finding::InForce,
            Finding::NotInForce,
            Finding::False,
            Finding::Undecided,
        ] {
            assert_eq!(Exit::of_finding(finding).code(), finding.exit_code());
        }
    }
}
