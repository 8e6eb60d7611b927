//! The verbs by which a node comes to issue for a merchant.

use super::{VerbError, loaded, say};
use crate::cli::{Common, MerchantVerb};
use crate::merchants::{Applicant, adopt, apply};
use crate::network::NetworkFiles;

pub(super) fn run(verb: MerchantVerb) -> Result<(), VerbError> {
    match verb {
        MerchantVerb::Init {
            common,
            name,
            tax_id,
            taxpayer,
            region,
        } => {
            let applicant = Applicant {
                name,
                tax_id,
                taxpayer,
                region,
            };
            let (settings, files) = opened(&common)?;
            let chain_id = files.genesis.chain_id();
            let file = apply(&settings.data, &files.keyring, &chain_id, &applicant)?;
            Ok(say(&format!(
                "{}; next: the authority runs `piaod authority register --merchant FILE` with it",
                file.display()
            ))?)
        }
        MerchantVerb::Adopt { common, merchant } => {
            let (settings, files) = opened(&common)?;
            let name = adopt(&settings.data, &files.genesis, &merchant)?;
            Ok(say(&format!(
                "this node issues for {name} from its first start after the registration is final"
            ))?)
        }
    }
}

fn opened(common: &Common) -> Result<(crate::config::Settings, NetworkFiles), VerbError> {
    let settings = loaded(common)?.settings;
    let files = NetworkFiles::open(&settings.data, &settings.unlock_path())?;
    Ok((settings, files))
}
