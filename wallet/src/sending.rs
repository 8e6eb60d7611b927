//! Calls that change something: key first, journal second, network third.
//!
//! Guards: a key is on disk before the request leaves; whoever is left without an answer is told
//! the key and how to ask again; two different requests never share a key by accident.

use std::future::Future;

use piao_api::client::ClientError;
use piao_api::idempotency::IdempotencyKey;
use piao_chain::failure::FailureCode;
use sha2::{Digest as _, Sha256};

use crate::advice;
use crate::clock;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::journal::{Attempt, Call, Ending, Journal};
use crate::node::Node;
use crate::output::{Line, Tone};

/// A request that is in the journal and may be sent.
#[derive(Debug)]
pub(crate) struct Sending {
    journal: Journal,
    attempt: Attempt,
}

/// A fresh random key of 128 bits.
///
/// # Errors
/// [`CommandError::System`] without random numbers.
pub(crate) fn random_key() -> Result<IdempotencyKey, CommandError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| CommandError::System(error.to_string()))?;
    key_of(&bytes)
}

/// The key that follows from a content, for calls that carry a reference of their own.
///
/// # Errors
/// Never in practice: hex digits are a key.
pub(crate) fn derived_key(content: &[u8]) -> Result<IdempotencyKey, CommandError> {
    let digest = Sha256::digest(content);
    key_of(digest.get(..16).unwrap_or_default())
}

fn key_of(bytes: &[u8]) -> Result<IdempotencyKey, CommandError> {
    IdempotencyKey::parse(&hex::encode(bytes))
        .map_err(|fault| CommandError::System(fault.to_string()))
}

impl Sending {
    /// Writes the journal. Says on stderr when the same content was sent before and its outcome
    /// is not known.
    ///
    /// # Errors
    /// [`CommandError::Journal`], [`CommandError::NoDirectory`]; nothing may be sent then.
    pub(crate) fn prepare(
        context: &Context,
        node: &Node,
        call: Call,
        key: &IdempotencyKey,
        content: &[u8],
        account: Option<u32>,
    ) -> Result<Self, CommandError> {
        let journal = Journal::open(&context.state_dir()?)?;
        let attempt = Attempt {
            at: clock::now().to_string(),
            call,
            key: key.to_string(),
            sha256: hex::encode(Sha256::digest(content)),
            node: node.client.base_url().to_owned(),
            account,
        };
        for earlier in journal.begin(&attempt)? {
            warn_of(context, &earlier);
        }
        Ok(Self { journal, attempt })
    }

    /// Sends it and writes down how it ended, if that is known.
    ///
    /// # Errors
    /// [`CommandError::Unsettled`] when the outcome is not known, with the key to ask again; else
    /// why it was refused.
    pub(crate) fn send<T>(
        &self,
        node: &Node,
        call: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<T, CommandError> {
        node.wait(call).map_err(|error| match error.exit() {
            // Announced maintenance is said before anything is done for the call.
            Exit::Retry | Exit::Interrupted if !is_maintenance(&error) => self.unsettled(error),
            _ => {
                self.settle(Ending::Refused);
                error
            }
        })
    }

    /// Writes down how it ended. A failure costs only a warning on the next attempt.
    pub(crate) fn settle(&self, ending: Ending) {
        let _warned_next_time =
            self.journal
                .settle(&self.attempt, ending, clock::now().to_string());
    }

    /// Adds the key to an error that leaves the outcome open.
    pub(crate) fn unsettled(&self, source: CommandError) -> CommandError {
        CommandError::Unsettled {
            call: self.attempt.call,
            key: self.attempt.key.clone(),
            source: Box::new(source),
        }
    }
}

fn is_maintenance(error: &CommandError) -> bool {
    error.problem().code == FailureCode::Maintenance.code()
}

fn warn_of(context: &Context, earlier: &Attempt) {
    let output = &context.output;
    let text = output.pick(
        "the same was sent before and its outcome is not known, at ",
        "同样的内容此前发送过，结果未知，时间 ",
    );
    let line = Line::new().add(Tone::Careful, "! ").add(Tone::Plain, text);
    output.complain(&line.add(Tone::Plain, &earlier.at));
    let how = advice::resume(earlier.call, &earlier.key);
    let line = Line::new()
        .add(Tone::Plain, "  ")
        .add(Tone::Plain, how.pick(output.language));
    output.complain(&line);
}
