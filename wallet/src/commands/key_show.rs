//! `piao key show`: the public half of a key, and the proof of holding the secret that the
//! authority asks for when it registers the key.

use std::path::PathBuf;

use clap::Args;
use piao_chain::digest::ChainId;
use serde::Serialize;

use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::keystore::{Keystore, KeystoreError, Retired, StoredKey};
use crate::language::Text;
use crate::output::{Line, Output, Tone};
use crate::passphrase::{self, Purpose};

/// Arguments of `piao key show`.
#[derive(Debug, Args)]
pub(crate) struct KeyShowArgs {
    /// Name, id, or beginning of the id (default: the only key)
    #[arg(conflicts_with = "key")]
    name: Option<String>,
    /// Open the key and prove that its secret is held, for registering it on this network
    #[arg(long, value_name = "CHAIN_ID", value_parser = chain_id)]
    possession: Option<ChainId>,
    /// File with the passphrase (asked for at a terminal otherwise)
    #[arg(long, value_name = "FILE", env = "PIAO_PASSPHRASE_FILE")]
    passphrase_file: Option<PathBuf>,
}

/// The public half of a key, as `--json` prints it.
#[derive(Debug, Serialize)]
pub(crate) struct KeyView {
    /// Id, 32 hex digits.
    pub(crate) id: String,
    /// Public key, 64 hex digits.
    pub(crate) public_key: String,
    /// When it was made.
    pub(crate) created: String,
    /// Where it lies.
    pub(crate) file: String,
    /// What became of it, where it signs no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retired: Option<Retired>,
    /// Signature that proves possession, 128 hex digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    possession: Option<String>,
}

impl KeyView {
    /// The view of a stored key.
    ///
    /// # Errors
    /// [`CommandError::Keystore`] where what is noted of it can't be read.
    pub(crate) fn of(key: &StoredKey, possession: Option<String>) -> Result<Self, CommandError> {
        Ok(Self {
            retired: Retired::of(&key.path)?,
            id: key.file.id.clone(),
            public_key: key.file.public_key.clone(),
            created: key.file.created.clone(),
            file: key.path.display().to_string(),
            possession,
        })
    }

    /// What became of it, in words.
    pub(crate) fn end(&self, output: &Output) -> Option<String> {
        let retired = self.retired.as_ref()?;
        let height = retired.height;
        Some(match &retired.replaced_by {
            Some(new) => output.language.pick(
                format!("since block {height}, replaced by {new}"),
                format!("自区块 {height} 起，由 {new} 替换"),
            ),
            None => output.language.pick(
                format!("since block {height}, revoked"),
                format!("自区块 {height} 起，已撤销"),
            ),
        })
    }
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &KeyShowArgs) -> Result<Exit, CommandError> {
    let key = key_of(context, args.name.as_deref())?;
    let possession = match &args.possession {
        None => None,
        Some(chain_id) => {
            let file = args.passphrase_file.as_deref();
            let passphrase = passphrase::read(file, Purpose::Open, context.output.language)?;
            let secret = key.open(&passphrase)?;
            Some(hex::encode(secret.prove_possession(chain_id).0))
        }
    };
    show(&context.output, &key, possession)?;
    Ok(Exit::Ok)
}

/// The key that the command line means: `--key FILE`, a named one, or the only one.
///
/// # Errors
/// [`CommandError::Keystore`], [`CommandError::Usage`] when there are several.
pub(crate) fn key_of(context: &Context, name: Option<&str>) -> Result<StoredKey, CommandError> {
    match (&context.globals.key, name) {
        (Some(path), _) => Ok(Keystore::read(path)?),
        (None, Some(name)) => Ok(context.keystore()?.find(name)?),
        (None, None) => only_key(&context.keystore()?),
    }
}

/// Shows a key.
pub(crate) fn show(
    output: &Output,
    key: &StoredKey,
    possession: Option<String>,
) -> Result<(), CommandError> {
    let view = KeyView::of(key, possession)?;
    let end = view.end(output);
    if output.json {
        output.json(&view)?;
        return Ok(());
    }
    let rows = [
        (output.pick("id", "编号"), Some(&view.id)),
        (output.pick("public key", "公钥"), Some(&view.public_key)),
        (output.pick("created", "生成于"), Some(&view.created)),
        (output.pick("file", "文件"), Some(&view.file)),
        (output.pick("retired", "已停用"), end.as_ref()),
        (
            output.pick("possession", "持有证明"),
            view.possession.as_ref(),
        ),
    ];
    for (label, value) in rows {
        if let Some(value) = value {
            output.data(
                &Line::new()
                    .column(Tone::Faint, label, 12)
                    .add(Tone::Plain, value),
            )?;
        }
    }
    Ok(())
}

fn only_key(store: &Keystore) -> Result<StoredKey, CommandError> {
    let mut keys = store.list()?;
    match (keys.pop(), keys.is_empty()) {
        (Some(only), true) => Ok(only),
        (None, _) => Err(KeystoreError::NotFound(String::new()).into()),
        (Some(_), false) => Err(CommandError::Usage(Text::new(
            "there are several keys: give a name or id, see `piao key list`",
            "有多个密钥：请给出名称或编号，见 piao key list",
        ))),
    }
}

fn chain_id(text: &str) -> Result<ChainId, String> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes)
        .map_err(|_hex| "a chain id has 64 hex digits".to_owned())?;
    Ok(ChainId(bytes))
}
