//! Opening a merchant's account (SPEC 4.2.0).
//!
//! Guards: one account per identity, one binding per key. The first key may issue; the authority
//! adds an admin key with [`super::AddKey`].

use serde::{Deserialize, Serialize};

use super::payload::{Applied, Context, Refusal};
use super::{TransactionBody, TransactionError};
use crate::codec;
use crate::digest::{ChainId, Digest, InvoiceId};
use crate::failure::FailureCode;
use crate::signature::{KeyId, PublicKey, Purpose, SecretKey, Signature};
use crate::state::{Account, AccountStatus, KeyLeaf, KeyRole, StateView, Working};
use crate::tax::{Taxpayer, uscc::Uscc};

/// Who an account belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Identity {
    /// A unified social credit code, in the clear.
    Clear(Uscc),
    /// A commitment to any other id: sole traders' ids embed a resident id.
    Sealed(Digest),
}

/// The name that goes with an account: shown beside proofs, never on chain. The authority signs
/// it, and only the signature is registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SellerCard {
    /// The identity the name belongs to.
    pub identity: Identity,
    /// The registered name.
    pub name: String,
    /// The key registered with it, which ties the card to the account the key is bound to.
    pub key: KeyId,
    /// Keeps the name from being guessed from the signature on chain.
    pub salt: [u8; 16],
}

impl SellerCard {
    /// Signs the card with an authority key.
    #[must_use]
    pub fn sign(&self, authority: &SecretKey, chain_id: &ChainId) -> Signature {
        authority.sign(Purpose::Card, chain_id, &codec::encode(self))
    }

    /// Checks a card's signature.
    #[must_use]
    pub fn verify(&self, authority: &PublicKey, chain_id: &ChainId, signature: &Signature) -> bool {
        authority.verify(Purpose::Card, chain_id, &codec::encode(self), signature)
    }
}

/// Opens an account and binds its first key, of role issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterMerchant {
    /// Who it belongs to.
    pub identity: Identity,
    /// General or small-scale taxpayer.
    pub taxpayer: Taxpayer,
    /// Region digits of its invoice numbers, 0–99.
    pub region: u8,
    /// What it may invoice in a calendar month, net of tax, in fen; at least 0.
    pub month_quota_fen: i64,
    /// Its first key.
    pub key: PublicKey,
    /// Proof that the registrant holds the key's secret.
    pub pop: Signature,
    /// An authority key's signature over the [`SellerCard`].
    pub card_sig: Signature,
}

impl RegisterMerchant {
    /// # Errors
    /// [`FailureCode::AuthorityRequired`], [`FailureCode::KeyProofInvalid`],
    /// [`FailureCode::TransactionMalformed`] for figures out of range.
    pub(super) fn check(&self, body: &TransactionBody) -> Result<(), TransactionError> {
        if body.account != 0 {
            return Err(FailureCode::AuthorityRequired.into());
        }
        check_possession(&self.key, &self.pop, &body.chain_id)?;
        if self.region > 99 || self.month_quota_fen < 0 {
            return Err(FailureCode::TransactionMalformed.into());
        }
        Ok(())
    }

    /// Refuses, in this order: [`FailureCode::TaxpayerAlreadyRegistered`],
    /// [`FailureCode::KeyAlreadyBound`].
    pub(super) fn apply<V: StateView + ?Sized>(
        &self,
        context: &Context<'_>,
        state: &mut Working<'_, V>,
    ) -> Result<Applied, Refusal> {
        if let Some(number) = state.account_of(&self.identity)? {
            let evidence = [i64::from(number)];
            return Err(Refusal::failed(
                FailureCode::TaxpayerAlreadyRegistered,
                &evidence,
            ));
        }
        if state.key(&self.key.id())?.is_some() {
            return Err(Refusal::failed(FailureCode::KeyAlreadyBound, &[]));
        }
        let mut totals = state.totals()?;
        let number = totals.accounts.saturating_add(1);
        let key_index = totals.keys;
        totals.accounts = number;
        totals.keys = key_index.saturating_add(1);
        let account = Account {
            status: AccountStatus::Active,
            taxpayer: self.taxpayer,
            region: self.region,
            fee_balance_fen: 0,
            month_quota_fen: self.month_quota_fen,
            quota_month: 0,
            quota_used_fen: 0,
            counter: 0,
            last_invoice_id: InvoiceId::NONE,
            failures_day: 0,
            failures: 0,
        };
        let leaf = KeyLeaf {
            account: number,
            role: KeyRole::Issue,
            from_height: context.height.saturating_add(1),
            revoked_height: None,
            disputed_since: None,
        };
        state.add_account(number, self.identity.clone(), account);
        state.add_key(key_index, self.key, leaf);
        state.set_totals(totals);
        Ok(Applied::default())
    }
}

/// The key is acceptable and its registrant holds the secret.
pub(super) fn check_possession(
    key: &PublicKey,
    pop: &Signature,
    chain_id: &ChainId,
) -> Result<(), TransactionError> {
    let held = key.verify(Purpose::KeyPossession, chain_id, key.as_bytes(), pop);
    if held && key.check_torsion_free().is_ok() {
        Ok(())
    } else {
        Err(FailureCode::KeyProofInvalid.into())
    }
}
