//! The verbs by which a node comes to issue for a merchant.

use super::{VerbError, loaded, say};
use crate::cli::{Common, MerchantVerb};
use crate::merchants::{Applicant, admin_card, adopt, apply, next_key};
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
                "this node issues for {name} from its first start after the registration is final; \
                 with another key, once a later start has put it in the place of the one before"
            ))?)
        }
        MerchantVerb::AdminKey { common, tax_id } => {
            let (settings, files) = opened(&common)?;
            let chain_id = files.genesis.chain_id();
            let file = admin_card(&settings.data, &files.keyring, &chain_id, &tax_id)?;
            Ok(say(&format!(
                "{}; next: the authority runs `piaod authority add-key --card FILE --account N` \
                 with it; this node answers red letters from its next start",
                file.display()
            ))?)
        }
        MerchantVerb::RotateKey { common, tax_id } => {
            let (settings, files) = opened(&common)?;
            let chain_id = files.genesis.chain_id();
            let file = next_key(&settings.data, &files.keyring, &chain_id, &tax_id)?;
            Ok(say(&format!(
                "{}; next: the authority runs `piaod authority vouch --merchant FILE` with it, this \
                 node adopts what comes back, and its next start puts the new key in the place of \
                 the old one",
                file.display()
            ))?)
        }
    }
}

fn opened(common: &Common) -> Result<(crate::config::Settings, NetworkFiles), VerbError> {
    let settings = loaded(common)?.settings;
    let files = NetworkFiles::open(&settings.data, &settings.unlock_path())?;
    Ok((settings, files))
}
