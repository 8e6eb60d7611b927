//! `piao key revoke`: has a key sign no more, and says since when its signatures are disputed.
//!
//! Guards: it can't be undone, so a person is asked and a script must say so; a key can end itself,
//! but not dispute what it signed: whoever stole it could.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;

use clap::Args;
use piao_api::wire::Key;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::signature::KeyId;
use piao_chain::transaction::{Payload, RevokeKey};
use serde::Serialize;

use crate::chain_keys;
use crate::clock;
use crate::commands::key_show::key_of;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::keystore::{KeystoreError, Retired, StoredKey};
use crate::language::Text;
use crate::node::Node;
use crate::output::{Line, Output, Tone};
use crate::passphrase::{self, Purpose};

/// Arguments of `piao key revoke`.
#[derive(Debug, Args)]
pub(crate) struct KeyRevokeArgs {
    /// Name, id, or beginning of the id; of a key that is not on this machine its whole id
    #[arg(required_unless_present = "key", conflicts_with = "key")]
    name: Option<String>,
    /// First block whose signatures every verdict shows as disputed; needs --by
    #[arg(long, value_name = "H", requires = "by")]
    compromised_since_height: Option<u64>,
    /// Admin key of the account that signs (default: the key ends itself)
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// File with the passphrase of the key that signs (asked for at a terminal otherwise)
    #[arg(long, value_name = "FILE", env = "PIAO_PASSPHRASE_FILE")]
    passphrase_file: Option<PathBuf>,
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Revoked {
    #[serde(flatten)]
    key: Key,
    /// The transaction; null where the chain said so already.
    txid: Option<String>,
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &KeyRevokeArgs) -> Result<Exit, CommandError> {
    let output = &context.output;
    let (id, stored) = meant(context, args.name.as_deref())?;
    let signer = match (&args.by, &stored) {
        (Some(by), _) => context.keystore()?.find(by)?,
        (None, Some(own)) => own.clone(),
        (None, None) => return Err(KeystoreError::NotFound(id).into()),
    };
    if signer.file.id == id && args.compromised_since_height.is_some() {
        return Err(CommandError::Usage(Text::new(
            "a key does not dispute what it signed: give another one with --by",
            "密钥不能质疑自己的签名：请用 --by 给出另一把密钥",
        )));
    }
    let node = Node::open(&context.globals)?;
    let known = chain_keys::bound(&node, &id)?;
    let mut txid = None;
    let key = if is_done(&known, args.compromised_since_height) {
        known
    } else {
        warn_of(output, &known, args.compromised_since_height);
        confirm(output, args.yes)?;
        let file = args.passphrase_file.as_deref();
        let passphrase = passphrase::read(file, Purpose::Open, output.language)?;
        let secret = signer.open(&passphrase)?;
        let payload = Payload::RevokeKey(RevokeKey {
            key: key_id(&id)?,
            compromised_since_height: args.compromised_since_height,
        });
        let chain_id = chain_keys::network(&node)?;
        let signed_by = (known.account, &secret);
        txid = Some(chain_keys::hand_in(&node, signed_by, chain_id, payload)?);
        chain_keys::bound(&node, &id)?
    };
    if let (Some(stored), Some(height)) = (&stored, key.revoked_height) {
        retire(stored, height)?;
    }
    show(output, &Revoked { key, txid })
}

/// The key that is meant, and its file where it is on this machine.
fn meant(
    context: &Context,
    name: Option<&str>,
) -> Result<(String, Option<StoredKey>), CommandError> {
    match key_of(context, name) {
        Ok(stored) => Ok((stored.file.id.clone(), Some(stored))),
        Err(CommandError::Keystore(KeystoreError::NotFound(name))) => match key_id(&name) {
            Ok(id) => Ok((id.to_string(), None)),
            Err(_no_id) => Err(KeystoreError::NotFound(name).into()),
        },
        Err(error) => Err(error),
    }
}

fn key_id(text: &str) -> Result<KeyId, CommandError> {
    let mut id = [0; 16];
    hex::decode_to_slice(text, &mut id).map_err(|_hex| KeystoreError::NotFound(text.to_owned()))?;
    Ok(KeyId(id))
}

/// Whether the chain says already what is asked for.
fn is_done(key: &Key, since: Option<u64>) -> bool {
    let is_disputed = since.is_none_or(|since| key.disputed_since.is_some_and(|at| at <= since));
    key.revoked_height.is_some() && is_disputed
}

/// What it does, said to people even with `--quiet`.
fn warn_of(output: &Output, key: &Key, since: Option<u64>) {
    let (id, account, role) = (&key.id, key.account, &key.role);
    let mut said = vec![Text::new(
        format!(
            "key {id} ({role}) of account {account} signs nothing any more from the next block on; \
             this can't be undone, and what it signed stays issued"
        ),
        format!(
            "账户 {account} 的密钥 {id}（{role}）自下一区块起不能再签名；此操作不可撤销，已开具的发票仍然存在"
        ),
    )];
    if let Some(height) = since {
        said.push(Text::new(
            format!(
                "whoever verifies an invoice that it signed from block {height} on is told: genuine, \
                 but the key is disputed (exit 9)"
            ),
            format!(
                "自区块 {height} 起由它签名的发票，验证时一律显示：真实，但签名密钥有争议（退出码 9）"
            ),
        ));
    }
    for text in said {
        let line = Line::new().add(Tone::Careful, "! ");
        output.complain(&line.add(Tone::Plain, text.pick(output.language)));
    }
}

/// Asks whoever sits there; a script says it with `--yes`.
fn confirm(output: &Output, yes: bool) -> Result<(), CommandError> {
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(CommandError::Usage(Text::new(
            "there is nobody to ask: give --yes",
            "没有终端可以询问：请加 --yes",
        )));
    }
    let question = output.pick("Revoke it? [y/N] ", "确定撤销？[y/N] ");
    let mut stderr = io::stderr().lock();
    stderr
        .write_all(question.as_bytes())
        .and_then(|()| stderr.flush())?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" | "是" => Ok(()),
        _ => Err(CommandError::Interrupted),
    }
}

fn retire(stored: &StoredKey, height: u64) -> Result<(), CommandError> {
    if Retired::of(&stored.path)?.is_some() {
        return Ok(());
    }
    let retired = Retired {
        height,
        replaced_by: None,
        noted: clock::now().to_string(),
    };
    Ok(retired.note(&stored.path)?)
}

fn show(output: &Output, revoked: &Revoked) -> Result<Exit, CommandError> {
    let Some(height) = revoked.key.revoked_height else {
        return Err(CommandError::refused(&Fault::new(
            FailureCode::ConfirmTimeout,
        )));
    };
    if output.json {
        output.json(revoked)?;
        return Ok(Exit::Ok);
    }
    let (account, height) = (revoked.key.account.to_string(), height.to_string());
    let disputed = revoked.key.disputed_since.map(|height| height.to_string());
    let rows = [
        (("key", "密钥"), Some(&revoked.key.id)),
        (("account", "账户"), Some(&account)),
        (("role", "用途"), Some(&revoked.key.role)),
        (("signs until", "停用区块"), Some(&height)),
        (("disputed", "有争议自"), disputed.as_ref()),
    ];
    for ((en, zh), value) in rows {
        if let Some(value) = value {
            let line = Line::new().column(Tone::Faint, output.pick(en, zh), 12);
            output.data(&line.add(Tone::Plain, value))?;
        }
    }
    Ok(Exit::Ok)
}
