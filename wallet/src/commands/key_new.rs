//! `piao key new`: makes a key and keeps it encrypted.

use std::path::PathBuf;

use clap::Args;
use piao_chain::signature::SecretKey;
use zeroize::Zeroizing;

use crate::clock;
use crate::commands::key_show;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::keystore::Keystore;
use crate::output::Line;
use crate::passphrase::{self, Purpose};

/// Arguments of `piao key new`.
#[derive(Debug, Args)]
pub(crate) struct KeyNewArgs {
    /// Name of the file in the key directory (default: the id of the key)
    #[arg(long, value_parser = name, conflicts_with = "key")]
    name: Option<String>,
    /// File with the passphrase (asked for at a terminal otherwise)
    #[arg(long, value_name = "FILE", env = "PIAO_PASSPHRASE_FILE")]
    passphrase_file: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &KeyNewArgs) -> Result<Exit, CommandError> {
    let output = &context.output;
    let file = args.passphrase_file.as_deref();
    // First of all, so that the secret key never exists without the protection it switches on.
    let passphrase = passphrase::read(file, Purpose::New, output.language)?;
    let seed = random_seed()?;
    let key = SecretKey::from_seed(&seed);
    let path = match (&context.globals.key, &args.name) {
        (Some(path), _) => path.clone(),
        (None, Some(name)) => context.keystore()?.path_of(name),
        (None, None) => context
            .keystore()?
            .path_of(&key.public_key().id().to_string()),
    };
    let stored = Keystore::create(&path, &key, &passphrase, clock::now().to_string())?;
    // Read back and opened, so that a key nobody can open is found today and not on the day it
    // is needed.
    let opened = Keystore::read(&path)?.open(&passphrase)?;
    debug_assert_eq!(opened.public_key(), key.public_key());
    key_show::show(output, &stored, None)?;
    output.talk(&Line::of(output.pick(
        "keep the passphrase and a copy of the file: nobody can restore either",
        "请保管好口令并备份文件：丢失后无人能恢复",
    )));
    Ok(Exit::Ok)
}

/// Random bytes for a new key.
///
/// # Errors
/// [`CommandError::System`] without random numbers.
pub(crate) fn random_seed() -> Result<Zeroizing<[u8; 32]>, CommandError> {
    let mut seed = Zeroizing::new([0_u8; 32]);
    getrandom::fill(seed.as_mut_slice())
        .map_err(|error| CommandError::System(error.to_string()))?;
    Ok(seed)
}

/// A name is one plain file name.
pub(crate) fn name(text: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    if (1..=64).contains(&text.chars().count()) && text.chars().all(allowed) {
        Ok(text.to_owned())
    } else {
        Err("1 to 64 letters, digits, - and _".to_owned())
    }
}
