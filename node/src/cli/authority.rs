//! What the authority can be asked to do.

use std::path::PathBuf;

use clap::Subcommand;

use super::Common;

/// What the authority changes. Each key file is a JSON list of objects with `public_key`, `proof` (of
/// every new key) and `power`, as `piaod keys --json` prints them.
#[derive(Debug, Subcommand)]
pub enum AuthorityVerb {
    /// Name the next validator set.
    SetValidators {
        /// Common flags.
        #[command(flatten)]
        common: Common,
        /// The whole new set, a key file.
        #[arg(long, value_name = "FILE")]
        validators: PathBuf,
        /// First height it decides.
        #[arg(long, value_name = "HEIGHT")]
        from_height: u64,
        /// Key ids of the authority that sign; this node's own without it.
        #[arg(long = "signer", value_name = "KEY_ID")]
        signers: Vec<String>,
        /// File of the change, to be passed between key holders.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Name the next keys of the authority.
    SetAuthority {
        /// Common flags.
        #[command(flatten)]
        common: Common,
        /// The new keys, a key file.
        #[arg(long, value_name = "FILE")]
        keys: PathBuf,
        /// Signatures needed from then on.
        #[arg(long)]
        threshold: u8,
        /// Key ids of the present authority that sign; this node's own without it.
        #[arg(long = "signer", value_name = "KEY_ID")]
        signers: Vec<String>,
        /// File of the change, to be passed between key holders.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Open a merchant's account, and vouch for its name.
    Register {
        /// Common flags.
        #[command(flatten)]
        common: Common,
        /// What `piaod merchant init` wrote.
        #[arg(long, value_name = "FILE")]
        merchant: PathBuf,
        /// What it may invoice in a month, net of tax, in yuan.
        #[arg(long, value_name = "AMOUNT")]
        month_quota: String,
        /// Where to write the same file, vouched for, to be given back to the merchant.
        #[arg(long, value_name = "FILE")]
        vouched: PathBuf,
        /// Key ids of the authority that sign; this node's own without it.
        #[arg(long = "signer", value_name = "KEY_ID")]
        signers: Vec<String>,
        /// File of the change, to be passed between key holders.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Credit an account with fees that were paid.
    Credit {
        /// Common flags.
        #[command(flatten)]
        common: Common,
        /// The account.
        #[arg(long)]
        account: u32,
        /// How much, in yuan.
        #[arg(long)]
        amount: String,
        /// Reference of the payment; it counts once for an account.
        #[arg(long = "ref", value_name = "TEXT")]
        reference: String,
        /// Key ids of the authority that sign; this node's own without it.
        #[arg(long = "signer", value_name = "KEY_ID")]
        signers: Vec<String>,
        /// File of the change, to be passed between key holders.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Announce maintenance: nothing is issued from then until then.
    Announce {
        /// Common flags.
        #[command(flatten)]
        common: Common,
        /// When it begins, RFC 3339 with zone; may be past.
        #[arg(long, value_name = "TIME")]
        from: String,
        /// When it is over, at most seven days later.
        #[arg(long, value_name = "TIME")]
        until: String,
        /// Why: `other`, `upgrade`, `rules`, `repair`, `security` or `drill`.
        #[arg(long, value_name = "REASON", default_value = "other")]
        reason: String,
        /// Key ids of the authority that sign; this node's own without it.
        #[arg(long = "signer", value_name = "KEY_ID")]
        signers: Vec<String>,
        /// File of the change, to be passed between key holders.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// End announced maintenance now, or call it off.
    EndMaintenance {
        /// Common flags.
        #[command(flatten)]
        common: Common,
        /// Number of the announcement, as `piao announcements` lists it.
        #[arg(value_name = "ID")]
        announcement: u32,
        /// Key ids of the authority that sign; this node's own without it.
        #[arg(long = "signer", value_name = "KEY_ID")]
        signers: Vec<String>,
        /// File of the change, to be passed between key holders.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Bind the admin key of a merchant, which answers red letters.
    AddKey {
        /// Common flags.
        #[command(flatten)]
        common: Common,
        /// What `piaod merchant admin-key` wrote.
        #[arg(long, value_name = "FILE")]
        card: PathBuf,
        /// The merchant's account.
        #[arg(long)]
        account: u32,
        /// Key ids of the authority that sign; this node's own without it.
        #[arg(long = "signer", value_name = "KEY_ID")]
        signers: Vec<String>,
        /// File of the change, to be passed between key holders.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Revoke a key of any account from the next block on. What it signed stays issued.
    RevokeKey {
        /// Common flags.
        #[command(flatten)]
        common: Common,
        /// Id of the key.
        #[arg(long, value_name = "KEY_ID")]
        key: String,
        /// First height whose signatures every verdict shows as disputed; none without it.
        #[arg(long, value_name = "HEIGHT")]
        compromised_since_height: Option<u64>,
        /// Key ids of the authority that sign; this node's own without it.
        #[arg(long = "signer", value_name = "KEY_ID")]
        signers: Vec<String>,
        /// File of the change, to be passed between key holders.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Vouch for a merchant's name under another key; nothing is handed in.
    Vouch {
        /// Common flags.
        #[command(flatten)]
        common: Common,
        /// What `piaod merchant rotate-key` wrote.
        #[arg(long, value_name = "FILE")]
        merchant: PathBuf,
        /// Where to write the same file, vouched for, to be given back to the merchant.
        #[arg(long, value_name = "FILE")]
        vouched: PathBuf,
    },
    /// Sign a change with this node's key of the authority; the last signature makes the transaction.
    Sign {
        /// Common flags.
        #[command(flatten)]
        common: Common,
        /// File of the change.
        #[arg(value_name = "FILE")]
        change: PathBuf,
    },
}
