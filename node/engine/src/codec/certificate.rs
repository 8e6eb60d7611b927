//! Mirrors of certificates, and the commit certificate in both worlds.

use arc_malachitebft_app_channel::app::types::core::{
    CommitCertificate, CommitSignature, ExtendedCommitCertificate, PolkaCertificate,
    PolkaSignature, Round, RoundCertificate, RoundCertificateType, RoundSignature, VoteExtensions,
};
use piao_chain::certificate;
use piao_chain::digest::BlockId;
use piao_chain::limits::VALIDATORS_MAX;
use piao_chain::signature::{KeyId, Signature};
use serde::{Deserialize, Serialize};

use super::message::{WireKind, nil_or_block};
use super::{Mirrored, WireError, round_number};
use crate::context::{Address, Ctx, Height, block_or_nil};

/// One entry of 80 bytes for each validator, and the head.
const POLKA_BYTES_MAX: usize = VALIDATORS_MAX * 80 + 256;

/// The engine's certificate as `piao-chain` checks it: signers ascending.
///
/// # Errors
/// [`WireError::NoRound`]: a decision always has a round.
pub(crate) fn to_chain_certificate(
    engine: &CommitCertificate<Ctx>,
) -> Result<certificate::CommitCertificate, WireError> {
    let mut signatures: Vec<_> = engine
        .commit_signatures
        .iter()
        .map(|commit| (commit.address.0, commit.signature))
        .collect();
    signatures.sort_unstable_by_key(|(signer, _)| *signer);
    Ok(certificate::CommitCertificate {
        height: engine.height.0,
        round: round_number(engine.round)?,
        block_id: engine.value_id,
        signatures,
    })
}

/// A certificate of `piao-chain` as value sync sends it: without vote extensions.
pub(crate) fn to_engine_certificate(
    chain: &certificate::CommitCertificate,
) -> ExtendedCommitCertificate<Ctx> {
    let commit = CommitCertificate {
        height: Height(chain.height),
        round: Round::Some(chain.round),
        value_id: chain.block_id,
        commit_signatures: chain
            .signatures
            .iter()
            .map(|(signer, signature)| CommitSignature::new(Address(*signer), *signature))
            .collect(),
    };
    ExtendedCommitCertificate::from_commit_certificate_and_extensions(
        commit,
        VoteExtensions::default(),
    )
}

#[derive(Serialize, Deserialize)]
pub(crate) struct WirePolka {
    height: u64,
    round: u32,
    block_id: BlockId,
    signatures: Vec<(KeyId, Signature)>,
}

impl Mirrored for PolkaCertificate<Ctx> {
    type Wire = WirePolka;
    const BYTES_MAX: usize = POLKA_BYTES_MAX;

    fn to_wire(&self) -> Result<WirePolka, WireError> {
        Ok(WirePolka {
            height: self.height.0,
            round: round_number(self.round)?,
            block_id: self.value_id,
            signatures: self
                .polka_signatures
                .iter()
                .map(|polka| (polka.address.0, polka.signature))
                .collect(),
        })
    }

    fn from_wire(wire: WirePolka) -> Result<Self, WireError> {
        Ok(Self {
            height: Height(wire.height),
            round: Round::Some(wire.round),
            value_id: wire.block_id,
            polka_signatures: wire
                .signatures
                .into_iter()
                .map(|(voter, signature)| PolkaSignature::new(Address(voter), signature))
                .collect(),
        })
    }
}

#[derive(Serialize, Deserialize)]
struct WireRoundSignature {
    kind: WireKind,
    block_id: Option<BlockId>,
    voter: KeyId,
    signature: Signature,
}

/// Why a round may be left: votes for any value, or precommits.
#[derive(Serialize, Deserialize)]
enum WireReason {
    Skip,
    Precommit,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct WireRoundCertificate {
    height: u64,
    round: u32,
    reason: WireReason,
    signatures: Vec<WireRoundSignature>,
}

impl WireRoundCertificate {
    pub(super) fn of(certificate: &RoundCertificate<Ctx>) -> Result<Self, WireError> {
        Ok(Self {
            height: certificate.height.0,
            round: round_number(certificate.round)?,
            reason: match certificate.cert_type {
                RoundCertificateType::Skip => WireReason::Skip,
                RoundCertificateType::Precommit => WireReason::Precommit,
            },
            signatures: certificate
                .round_signatures
                .iter()
                .map(|signed| WireRoundSignature {
                    kind: signed.vote_type.into(),
                    block_id: block_or_nil(&signed.value_id),
                    voter: signed.address.0,
                    signature: signed.signature,
                })
                .collect(),
        })
    }

    pub(super) fn into_certificate(self) -> RoundCertificate<Ctx> {
        RoundCertificate {
            height: Height(self.height),
            round: Round::Some(self.round),
            cert_type: match self.reason {
                WireReason::Skip => RoundCertificateType::Skip,
                WireReason::Precommit => RoundCertificateType::Precommit,
            },
            round_signatures: self
                .signatures
                .into_iter()
                .map(|signed| {
                    RoundSignature::new(
                        signed.kind.into(),
                        nil_or_block(signed.block_id),
                        Address(signed.voter),
                        signed.signature,
                    )
                })
                .collect(),
        }
    }
}
