//! `piao trust accept`: makes a trust root the one that `piao verify` uses.
//!
//! Guards: the first one is accepted by its fingerprint alone, which a person has compared; a later one
//! also if it names the one in use as its predecessor and enough authority keys of that one signed it.
//! Nothing goes back: an older checkpoint needs its fingerprint said aloud.

use std::path::{Path, PathBuf};

use clap::Args;
use piao_chain::proof::{TrustRoot, TrustRootEnvelope};

use super::trust_show::show;
use crate::clock;
use crate::context::{Context, input_error};
use crate::disk;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::Line;
use crate::trust::{self, TrustError};

/// Arguments of `piao trust accept`.
#[derive(Debug, Args)]
pub(crate) struct TrustAcceptArgs {
    /// The trust root
    file: PathBuf,
    /// Its fingerprint, from a source you trust
    #[arg(long, value_name = "HEX", value_parser = fingerprint)]
    fingerprint: Option<String>,
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &TrustAcceptArgs) -> Result<Exit, CommandError> {
    let place = context.directories.trust_root.as_deref();
    let place = place.ok_or(CommandError::NoDirectory("HOME"))?;
    let bytes = trust::bytes(&args.file).map_err(|source| input_error(&args.file, source))?;
    let (new, envelope) = trust::open(&args.file, &bytes)?;
    let current = trust::load(None, Some(place))?;
    if new.is_stale(clock::now()) {
        return Err(TrustError::Stale.into());
    }
    match &args.fingerprint {
        Some(said) if *said == new.fingerprint() => {}
        Some(_other) => return Err(TrustError::OtherFingerprint(new.fingerprint()).into()),
        None => may_follow(current.as_ref(), &new, &envelope)?,
    }
    keep(place, &bytes)?;
    let output = &context.output;
    show(output, &new)?;
    let words = output.pick("in use from now on", "即日起采用");
    output.talk(&Line::of(words));
    Ok(Exit::Ok)
}

/// Whether a trust root takes the place of the one in use by what both say.
fn may_follow(
    current: Option<&TrustRoot>,
    new: &TrustRoot,
    envelope: &TrustRootEnvelope,
) -> Result<(), TrustError> {
    let Some(current) = current else {
        return Err(TrustError::NeedsFingerprint(new.fingerprint()));
    };
    if current.fingerprint() == new.fingerprint() {
        return Ok(());
    }
    let (old, body) = (current.body(), new.body());
    let named = body.previous_fingerprint.map(hex::encode) == Some(current.fingerprint());
    let onward = old.checkpoint.height <= body.checkpoint.height;
    // Every signature holds, or the file would not have opened.
    let by_old = |id: &str| {
        old.authority_keys
            .iter()
            .any(|key| key.id().to_string() == id)
    };
    let signers = envelope.signatures.iter();
    let signed = signers.filter(|one| by_old(&one.key_id)).count() >= usize::from(old.threshold);
    if named && onward && signed && current.chain_id() == new.chain_id() {
        Ok(())
    } else {
        Err(TrustError::NotFollowing(new.fingerprint()))
    }
}

fn keep(place: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    let failed = |source| CommandError::File {
        path: place.to_owned(),
        source,
    };
    if let Some(dir) = place.parent() {
        disk::make_private_dir(dir).map_err(failed)?;
    }
    disk::replace(place, bytes).map_err(failed)
}

/// Reads a fingerprint.
fn fingerprint(text: &str) -> Result<String, String> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let right = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let wrong = || "a fingerprint has 64 hex digits".to_owned();
    right.then(|| digits.to_ascii_lowercase()).ok_or_else(wrong)
}
