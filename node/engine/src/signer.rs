//! Signing and checking for the engine, by the rules of `piao-chain`.
//!
//! The engine adds neither chain id nor purpose to what it signs, so both come from here: every
//! signed byte string is `u8(len(tag)) || tag || chain_id || body` (`piao_chain::signature`). The
//! proof that binds a validator's key to its network key is one of them. Vote extensions are off
//! in this network, so signing one is an error and none verifies.

use arc_malachitebft_app_channel::app::types::core::{
    SignedMessage, ValidatorProof, VoteExtensionScope,
};
use arc_malachitebft_signing::{Error, Signer, VerificationResult, Verifier};
use async_trait::async_trait;
use piao_chain::digest::ChainId;
use piao_chain::signature::{PublicKey, Purpose, SecretKey, Signature};

use crate::context::{Ctx, Proposal, Vote};
use crate::signed::SignedPrecommits;

/// Why the engine's wish to sign was refused. None of these happens in a correct engine.
#[derive(Debug, thiserror::Error)]
enum Refused {
    /// A vote or proposal that belongs to no round.
    #[error("message without a round")]
    NoRound,
    /// Vote extensions are not part of this protocol.
    #[error("vote extensions are not used")]
    Extension,
}

/// Signs with the validator's key.
pub(crate) struct ChainSigner {
    key: SecretKey,
    chain_id: ChainId,
    signed: SignedPrecommits,
}

impl ChainSigner {
    pub(crate) fn new(key: SecretKey, chain_id: ChainId, signed: SignedPrecommits) -> Self {
        Self {
            key,
            chain_id,
            signed,
        }
    }
}

#[async_trait]
impl Signer<Ctx> for ChainSigner {
    async fn sign_vote(&self, vote: Vote) -> Result<SignedMessage<Ctx, Vote>, Error> {
        let body = vote
            .to_chain()
            .ok_or_else(|| Error::from_source(Refused::NoRound))?;
        self.signed.note(&body);
        let signature = body.sign(&self.key, &self.chain_id);
        Ok(SignedMessage::new(vote, signature))
    }

    async fn sign_proposal(
        &self,
        proposal: Proposal,
    ) -> Result<SignedMessage<Ctx, Proposal>, Error> {
        let body = proposal
            .to_chain()
            .ok_or_else(|| Error::from_source(Refused::NoRound))?;
        let signature = body.sign(&self.key, &self.chain_id);
        Ok(SignedMessage::new(proposal, signature))
    }

    async fn sign_vote_extension(
        &self,
        _scope: VoteExtensionScope<Ctx>,
        _extension: (),
    ) -> Result<SignedMessage<Ctx, ()>, Error> {
        Err(Error::from_source(Refused::Extension))
    }

    async fn sign_validator_proof(
        &self,
        public_key: Vec<u8>,
        peer_id: Vec<u8>,
    ) -> Result<ValidatorProof<Ctx>, Error> {
        let body = ValidatorProof::<Ctx>::signing_bytes(&public_key, &peer_id);
        let signature = self.key.sign(Purpose::Peer, &self.chain_id, &body);
        Ok(ValidatorProof::new(public_key, peer_id, signature))
    }
}

/// Checks signatures of one network.
#[derive(Clone, Copy)]
pub(crate) struct ChainVerifier {
    chain_id: ChainId,
}

impl ChainVerifier {
    pub(crate) fn new(chain_id: ChainId) -> Self {
        Self { chain_id }
    }

    pub(crate) fn vote(&self, vote: &Vote, signature: &Signature, key: &PublicKey) -> bool {
        vote.to_chain()
            .is_some_and(|vote| vote.verify(key, &self.chain_id, signature))
    }

    pub(crate) fn proposal(
        &self,
        proposal: &Proposal,
        signature: &Signature,
        key: &PublicKey,
    ) -> bool {
        proposal
            .to_chain()
            .is_some_and(|proposal| proposal.verify(key, &self.chain_id, signature))
    }
}

#[async_trait]
impl Verifier<Ctx> for ChainVerifier {
    async fn verify_signed_vote(
        &self,
        vote: &Vote,
        signature: &Signature,
        public_key: &PublicKey,
    ) -> Result<VerificationResult, Error> {
        Ok(VerificationResult::from_bool(
            self.vote(vote, signature, public_key),
        ))
    }

    async fn verify_signed_proposal(
        &self,
        proposal: &Proposal,
        signature: &Signature,
        public_key: &PublicKey,
    ) -> Result<VerificationResult, Error> {
        Ok(VerificationResult::from_bool(
            self.proposal(proposal, signature, public_key),
        ))
    }

    async fn verify_signed_vote_extension(
        &self,
        _scope: &VoteExtensionScope<Ctx>,
        _extension: &(),
        _signature: &Signature,
        _public_key: &PublicKey,
    ) -> Result<VerificationResult, Error> {
        Ok(VerificationResult::Invalid)
    }

    async fn verify_validator_proof(
        &self,
        proof: &ValidatorProof<Ctx>,
    ) -> Result<VerificationResult, Error> {
        let valid = proof.decoded_public_key().is_ok_and(|key| {
            key.verify(
                Purpose::Peer,
                &self.chain_id,
                &proof.preimage(),
                &proof.signature,
            )
        });
        Ok(VerificationResult::from_bool(valid))
    }
}
