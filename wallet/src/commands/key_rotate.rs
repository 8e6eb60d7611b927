//! `piao key rotate`: puts a new key in the place of one that signs.
//!
//! Guards: the new key is on disk before anything is sent, and there is only ever one, however often
//! the command is cut off and run again; the old key counts as retired once the chain says so.

use std::path::{Path, PathBuf};

use clap::Args;
use piao_api::wire::Key;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::signature::SecretKey;
use piao_chain::transaction::{Payload, RotateKey};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::chain_keys;
use crate::clock;
use crate::commands::key_new::{name, random_seed};
use crate::commands::key_show::{KeyView, key_of};
use crate::context::Context;
use crate::disk;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::keystore::{Keystore, Retired, Rotation, StoredKey};
use crate::language::Text;
use crate::node::Node;
use crate::output::{Line, Output, Tone};
use crate::passphrase::{self, Purpose};

/// Arguments of `piao key rotate`.
#[derive(Debug, Args)]
pub(crate) struct KeyRotateArgs {
    /// Name, id, or beginning of the id of the key that signs now
    #[arg(required_unless_present = "key", conflicts_with = "key")]
    name: Option<String>,
    /// Name of the new key (default: that of the old one with the next number)
    #[arg(long, value_name = "NEW", value_parser = name)]
    to: Option<String>,
    /// File with the passphrase of both keys (asked for at a terminal otherwise)
    #[arg(long, value_name = "FILE", env = "PIAO_PASSPHRASE_FILE")]
    passphrase_file: Option<PathBuf>,
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Rotated {
    account: u32,
    role: String,
    old: KeyView,
    new: KeyView,
    /// First height at which the new key signs and the old one does not.
    from_height: u64,
    /// The transaction; null where an earlier call had sent it.
    txid: Option<String>,
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &KeyRotateArgs) -> Result<Exit, CommandError> {
    let output = &context.output;
    let old = key_of(context, args.name.as_deref())?;
    let node = Node::open(&context.globals)?;
    let before = chain_keys::bound(&node, &old.file.id)?;
    let file = args.passphrase_file.as_deref();
    let passphrase = passphrase::read(file, Purpose::Open, output.language)?;
    let secret = old.open(&passphrase)?;
    let path = target(&old, args.to.as_deref(), before.revoked_height.is_some())?;
    let (new, new_secret) = new_key(&path, &passphrase)?;
    let mut txid = None;
    let after = match chain_keys::look_up(&node, &new.file.id)? {
        Some(known) => known,
        None => {
            let sent = send(&node, &before, (&secret, &new_secret));
            // One that an earlier call sent may have come first.
            match (chain_keys::look_up(&node, &new.file.id), sent) {
                (Ok(Some(known)), sent) => {
                    txid = sent.ok();
                    known
                }
                (_, Err(error)) => return Err(error),
                (looked, Ok(_txid)) => looked?.ok_or_else(not_final)?,
            }
        }
    };
    if after.account != before.account {
        let fault = Fault::new(FailureCode::KeyAlreadyBound).got(new.file.id.clone());
        return Err(CommandError::refused(&fault));
    }
    retire(&old, &new, after.from_height)?;
    let rotated = Rotated {
        account: after.account,
        role: after.role.clone(),
        old: KeyView::of(&old, None)?,
        new: KeyView::of(&new, None)?,
        from_height: after.from_height,
        txid,
    };
    show(output, &rotated)
}

fn not_final() -> CommandError {
    CommandError::refused(&Fault::new(FailureCode::ConfirmTimeout))
}

/// Where the new key lies, or is to lie: written down before it is made.
fn target(old: &StoredKey, to: Option<&str>, is_revoked: bool) -> Result<PathBuf, CommandError> {
    let asked = to.map(|to| format!("{to}.key"));
    if let Some(known) = Rotation::of(&old.path)? {
        if asked.as_ref().is_some_and(|asked| *asked != known.to) {
            let (file, known) = (old.path.display(), &known.to);
            return Err(CommandError::Usage(Text::new(
                format!("{file} is being replaced by {known}: run it without --to"),
                format!("{file} 正在由 {known} 替换：请去掉 --to 再运行"),
            )));
        }
        return Ok(known.target(&old.path));
    }
    if let Some(path) = replacement(old)? {
        return Ok(path);
    }
    // Nothing is under way, so this key was not replaced by one of here.
    if is_revoked {
        let fault = Fault::new(FailureCode::KeyRevoked).got(old.file.id.clone());
        return Err(CommandError::refused(&fault));
    }
    let rotation = Rotation {
        to: match asked {
            Some(asked) => asked,
            None => free_name(&old.path)?,
        },
    };
    let path = rotation.target(&old.path);
    if path.exists() {
        return Err(crate::keystore::KeystoreError::Exists(path).into());
    }
    rotation.begin(&old.path)?;
    Ok(path)
}

/// The key that took the place of this one already: saying it again changes nothing.
fn replacement(old: &StoredKey) -> Result<Option<PathBuf>, CommandError> {
    let retired = Retired::of(&old.path)?;
    let Some(id) = retired.and_then(|retired| retired.replaced_by) else {
        return Ok(None);
    };
    let keys = Keystore::new(disk::parent(&old.path).to_owned()).list()?;
    let found = keys.into_iter().find(|key| key.file.id == id);
    Ok(found.map(|key| key.path))
}

/// Numbers tried for a new name, at most.
const NUMBERS_MAX: u32 = 10_000;

/// `till.key` is followed by `till-2.key`, and that by `till-3.key`.
fn free_name(old: &Path) -> Result<String, CommandError> {
    let stem = old.file_stem().map(|stem| stem.to_string_lossy());
    let stem = stem.unwrap_or_default();
    let numbered = stem.rsplit_once('-').and_then(|(base, number)| {
        let number: u32 = number.parse().ok()?;
        (number < NUMBERS_MAX).then_some((base, number))
    });
    let (base, last) = numbered.unwrap_or((&stem, 1));
    let mut names = (last.saturating_add(1)..=NUMBERS_MAX).map(|nth| format!("{base}-{nth}.key"));
    let free = names.find(|name| !old.with_file_name(name).exists());
    free.ok_or_else(|| CommandError::System("no free name for the new key".to_owned()))
}

/// The new key: made and synced where it is not there yet, and opened either way.
fn new_key(
    path: &Path,
    passphrase: &Zeroizing<String>,
) -> Result<(StoredKey, SecretKey), CommandError> {
    if !path.exists() {
        let seed = random_seed()?;
        let key = SecretKey::from_seed(&seed);
        Keystore::create(path, &key, passphrase, clock::now().to_string())?;
    }
    let stored = Keystore::read(path)?;
    let secret = stored.open(passphrase)?;
    Ok((stored, secret))
}

fn send(
    node: &Node,
    old: &Key,
    (secret, new): (&SecretKey, &SecretKey),
) -> Result<String, CommandError> {
    let chain_id = chain_keys::network(node)?;
    let payload = Payload::RotateKey(RotateKey {
        key: new.public_key(),
        pop: new.prove_possession(&chain_id),
    });
    chain_keys::hand_in(node, (old.account, secret), chain_id, payload)
}

fn retire(old: &StoredKey, new: &StoredKey, height: u64) -> Result<(), CommandError> {
    let retired = Retired {
        height,
        replaced_by: Some(new.file.id.clone()),
        noted: clock::now().to_string(),
    };
    Ok(retired.note(&old.path)?)
}

fn show(output: &Output, rotated: &Rotated) -> Result<Exit, CommandError> {
    if output.json {
        output.json(rotated)?;
        return Ok(Exit::Ok);
    }
    let (account, height) = (rotated.account.to_string(), rotated.from_height.to_string());
    let rows = [
        (("account", "账户"), &account),
        (("role", "用途"), &rotated.role),
        (("new key", "新密钥"), &rotated.new.id),
        (("file", "文件"), &rotated.new.file),
        (("from block", "自区块"), &height),
        (("retired", "已停用"), &rotated.old.id),
    ];
    for ((en, zh), value) in rows {
        let label = output.pick(en, zh);
        let line = Line::new().column(Tone::Faint, label, 12);
        output.data(&line.add(Tone::Plain, value))?;
    }
    if rotated.role == "issue" {
        output.talk(&Line::of(output.pick(
            "proofs show the seller's name again once the authority has vouched for it under the new key",
            "主管方以新密钥为名称重新签名之前，证明中不显示销售方名称",
        )));
    }
    output.talk(&Line::of(output.pick(
        "keep a copy of the new file: nobody can restore it",
        "请备份新文件：丢失后无人能恢复",
    )));
    Ok(Exit::Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_name_has_the_next_number_that_is_free() {
        let dir = tempfile::tempdir().unwrap();
        let next = |name: &str| free_name(&dir.path().join(name)).unwrap();
        assert_eq!(next("till.key"), "till-2.key");
        assert_eq!(next("till-2.key"), "till-3.key");
        assert_eq!(next("till-x.key"), "till-x-2.key");
        std::fs::write(dir.path().join("till-2.key"), "").unwrap();
        assert_eq!(next("till.key"), "till-3.key");
    }
}
