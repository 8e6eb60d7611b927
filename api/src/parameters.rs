//! Query parameters, read strictly: unknown, repeated and unreadable ones are refused, all at once.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;

use crate::backend::{Cut, Refusal, Wait};
use crate::limits::{FAULTS_MAX, WAIT_SECONDS_DEFAULT, WAIT_SECONDS_MAX};
use crate::problem::ApiError;
use crate::strict_json::{below, shortened};
use crate::wire::list::{CURSOR_BYTES_MAX, LIMIT_DEFAULT, LIMIT_MAX};

/// The parameters of a call; each is taken once, then [`Self::finish`] judges what is left.
#[derive(Debug)]
pub(crate) struct Parameters {
    pairs: Vec<(String, String)>,
    faults: Vec<Fault>,
}

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Query(pairs) = Query::from_request_parts(parts, state)
            .await
            .map_err(|_unreadable| ApiError::from(FailureCode::ParameterInvalid))?;
        let mut parameters = Self {
            pairs,
            faults: Vec::new(),
        };
        // Understood by every call, and used before a handler runs.
        parameters.text("lang");
        Ok(parameters)
    }
}

impl Parameters {
    /// Takes a parameter; an empty one counts as absent.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        let index = self.pairs.iter().position(|(given, _)| given == name)?;
        let (_, value) = self.pairs.swap_remove(index);
        (!value.is_empty()).then_some(value)
    }

    /// Takes a parameter and reads it; `expected` says what it should be.
    pub(crate) fn read<T>(
        &mut self,
        name: &str,
        expected: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.text(name)?;
        let meaning = read(&value);
        if meaning.is_none() {
            self.faults
                .push(invalid(name).got(shortened(&value)).expected(expected));
        }
        meaning
    }

    /// Takes `account`.
    pub(crate) fn account(&mut self) -> Option<u32> {
        self.read("account", "an account number", |text| text.parse().ok())
    }

    /// Takes `limit` and `cursor`.
    pub(crate) fn cut(&mut self) -> Cut {
        let cursor = self.read("cursor", "the next_cursor of a page", |text| {
            let sane = text.len() <= CURSOR_BYTES_MAX && text.bytes().all(|b| b.is_ascii_graphic());
            sane.then(|| text.to_owned())
        });
        Cut {
            limit: self.limit(),
            cursor,
        }
    }

    /// Takes `limit`.
    pub(crate) fn limit(&mut self) -> u32 {
        self.read("limit", "1 to 200", |text| {
            text.parse()
                .ok()
                .filter(|limit| (1..=LIMIT_MAX).contains(limit))
        })
        .unwrap_or(LIMIT_DEFAULT)
    }

    /// Takes `wait` and `timeout`.
    pub(crate) fn wait(&mut self) -> Wait {
        let seconds = self
            .read("timeout", "1 to 30 (seconds)", |text| {
                text.parse()
                    .ok()
                    .filter(|seconds| (1..=WAIT_SECONDS_MAX).contains(seconds))
            })
            .unwrap_or(WAIT_SECONDS_DEFAULT);
        let until_final = Wait::Final(std::time::Duration::from_secs(seconds));
        self.read("wait", "final or accepted", |text| match text {
            "final" => Some(until_final),
            "accepted" => Some(Wait::Accepted),
            _ => None,
        })
        .unwrap_or(until_final)
    }

    /// Refuses what was unreadable, unknown or repeated.
    pub(crate) fn finish(mut self) -> Result<(), ApiError> {
        for (name, _) in self.pairs.iter().take(FAULTS_MAX) {
            self.faults
                .push(invalid(name).expected("no such parameter, or only once"));
        }
        Refusal::sorted(self.faults).map_or(Ok(()), |refusal| Err(refusal.into()))
    }
}

fn invalid(name: &str) -> Fault {
    Fault::at(FailureCode::ParameterInvalid, below("", name))
}
