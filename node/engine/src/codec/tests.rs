//! Round trips of every message, and refusal of everything else: each message is also cut short,
//! lengthened, and flipped bit by bit, and whatever still decodes must encode to the same bytes.

use std::fmt::Debug;

use arc_malachitebft_app_channel::app::consensus::LivenessMsg;
use arc_malachitebft_app_channel::app::streaming::{StreamContent, StreamId, StreamMessage};
use arc_malachitebft_app_channel::app::types::core::{
    NilOrVal, PolkaCertificate, PolkaSignature, RoundCertificate, RoundCertificateType,
    RoundSignature, SignedProposal, SignedVote, ValidatorProof, Validity, VoteType,
};
use arc_malachitebft_app_channel::app::types::sync::{RawDecidedValue, Request, Status};
use arc_malachitebft_app_channel::app::types::{ProposedValue, SignedConsensusMsg};
use arc_malachitebft_sync::{ValueRequest, ValueResponse};
use piao_chain::certificate::CommitCertificate;
use piao_chain::digest::BlockId;
use piao_chain::limits::VALIDATORS_MAX;
use piao_chain::signature::{KeyId, Signature};

use super::*;
use crate::context::{Address, BlockValue, Height, Proposal, Vote};
use crate::parts::{PART_BYTES, Part, PartHeader, STREAM_ID_BYTES_MAX, Seal};
use crate::testing::peer;

const BLOCK: BlockId = BlockId([0xb1; 32]);
const SIGNATURE: Signature = Signature([0x51; 64]);

fn voter(number: usize) -> Address {
    Address(KeyId([u8::try_from(number).unwrap(); 16]))
}

/// A round trip, for messages at their largest.
fn survives<T: Mirrored + PartialEq + Debug>(message: &T) {
    let bytes = WireCodec.encode(message).unwrap();
    let read: T = WireCodec.decode(bytes).unwrap();
    assert_eq!(read, *message);
}

/// A round trip, and no second spelling near it.
fn holds<T: Mirrored + PartialEq + Debug>(message: &T) {
    survives(message);
    let bytes = WireCodec.encode(message).unwrap();
    let decode =
        |bytes: &[u8]| -> Result<T, WireError> { WireCodec.decode(Bytes::copy_from_slice(bytes)) };
    for at in 0..bytes.len() {
        assert!(decode(&bytes[..at]).is_err(), "cut at {at}");
        for bit in 0..8 {
            let mut flipped = bytes.to_vec();
            flipped[at] ^= 1 << bit;
            if let Ok(other) = decode(&flipped) {
                assert_ne!(other, *message, "bit {bit} of byte {at} means nothing");
                let spelled = WireCodec.encode(&other).unwrap();
                assert_eq!(spelled, flipped, "bit {bit} of byte {at}");
            }
        }
    }
    let longer = [&bytes[..], &[0]].concat();
    assert!(decode(&longer).is_err());
}

fn vote(value: NilOrVal<BlockId>) -> SignedVote<Ctx> {
    let round = Round::Some(3);
    let (kind, height, address) = (VoteType::Precommit, Height(7), voter(1));
    SignedVote::new(
        Vote {
            kind,
            height,
            round,
            value,
            address,
        },
        SIGNATURE,
    )
}

fn proposal(pol_round: Round) -> SignedProposal<Ctx> {
    let (height, round, address) = (Height(7), Round::Some(3), voter(1));
    let value = BlockValue(BLOCK);
    SignedProposal::new(
        Proposal {
            height,
            round,
            value,
            pol_round,
            address,
        },
        SIGNATURE,
    )
}

fn polka(voters: usize) -> PolkaCertificate<Ctx> {
    PolkaCertificate {
        height: Height(7),
        round: Round::Some(3),
        value_id: BLOCK,
        polka_signatures: (0..voters)
            .map(|number| PolkaSignature::new(voter(number), SIGNATURE))
            .collect(),
    }
}

fn round_certificate(voters: usize, cert_type: RoundCertificateType) -> RoundCertificate<Ctx> {
    let signature = |number| {
        let value = if number % 2 == 0 {
            NilOrVal::Nil
        } else {
            NilOrVal::Val(BLOCK)
        };
        RoundSignature::new(VoteType::Prevote, value, voter(number), SIGNATURE)
    };
    RoundCertificate {
        height: Height(7),
        round: Round::Some(3),
        cert_type,
        round_signatures: (0..voters).map(signature).collect(),
    }
}

fn part(bytes: usize) -> Part {
    let proposer = KeyId([4; 16]);
    Part {
        header: PartHeader {
            height: 7,
            round: 3,
            valid_round: Some(1),
            proposer,
            count: 1,
        },
        index: 0,
        data: Bytes::from(vec![0xda; bytes]),
        seal: Some(Seal {
            block_id: BLOCK,
            signature: SIGNATURE,
        }),
    }
}

#[test]
fn votes_and_proposals_survive_the_wire() {
    holds(&SignedConsensusMsg::Vote(vote(NilOrVal::Nil)));
    holds(&SignedConsensusMsg::Vote(vote(NilOrVal::Val(BLOCK))));
    holds(&SignedConsensusMsg::Proposal(proposal(Round::Nil)));
    holds(&SignedConsensusMsg::Proposal(proposal(Round::Some(2))));
}

#[test]
fn liveness_messages_survive_the_wire() {
    holds(&LivenessMsg::Vote(vote(NilOrVal::Nil)));
    holds(&LivenessMsg::PolkaCertificate(polka(2)));
    holds(&polka(2));
    survives(&LivenessMsg::PolkaCertificate(polka(VALIDATORS_MAX)));
    survives(&polka(VALIDATORS_MAX));
    for reason in [RoundCertificateType::Skip, RoundCertificateType::Precommit] {
        holds(&LivenessMsg::SkipRoundCertificate(round_certificate(
            2,
            reason.clone(),
        )));
        survives(&LivenessMsg::SkipRoundCertificate(round_certificate(
            VALIDATORS_MAX,
            reason,
        )));
    }
}

#[test]
fn parts_survive_the_wire() {
    holds(&part(10));
    survives(&part(PART_BYTES));
    let id = StreamId::new(vec![1; STREAM_ID_BYTES_MAX].into());
    holds(&StreamMessage::new(
        id.clone(),
        5,
        StreamContent::Data(part(10)),
    ));
    survives(&StreamMessage::new(
        id.clone(),
        5,
        StreamContent::Data(part(PART_BYTES)),
    ));
    holds(&StreamMessage::<Part>::new(id, 6, StreamContent::Fin));
}

#[test]
fn refuses_to_send_or_read_a_part_above_its_bound() {
    let long = part(PART_BYTES + 1024);
    assert!(matches!(WireCodec.encode(&long), Err(WireError::Codec(_))));
    let bytes = codec::encode(&long.to_wire().unwrap());
    let read: Result<Part, _> = WireCodec.decode(bytes.into());
    assert!(matches!(
        read,
        Err(WireError::Codec(codec::CodecError::TooLong { .. }))
    ));
}

#[test]
fn log_entries_and_validator_proofs_survive_the_wire() {
    holds(&ProposedValue::<Ctx> {
        height: Height(7),
        round: Round::Some(0),
        valid_round: Round::Nil,
        proposer: voter(1),
        value: BlockValue(BLOCK),
        validity: Validity::Invalid,
    });
    holds(&ValidatorProof::<Ctx>::new(
        vec![1; 32],
        vec![2; 38],
        SIGNATURE,
    ));
}

#[test]
fn value_sync_survives_the_wire() {
    holds(&Status::<Ctx> {
        peer_id: peer(1),
        tip_height: Height(9),
        history_min_height: Height(1),
    });
    holds(&Request::<Ctx>::ValueRequest(ValueRequest::new(
        Height(1)..=Height(16),
    )));
    let response = response(b"body", 2);
    assert_eq!(
        WireCodec.encoded_len(&response).unwrap(),
        WireCodec.encode(&response).unwrap().len()
    );
    holds(&response);
}

#[test]
fn the_largest_block_fits_a_sync_response() {
    survives(&response(
        &vec![0; piao_chain::limits::BLOCK_BYTES_CEILING],
        VALIDATORS_MAX,
    ));
}

#[test]
fn a_commit_certificate_keeps_its_meaning_in_both_worlds() {
    let proof = proof(4);
    let mut engine = to_engine_certificate(&proof).trim_vote_extensions();
    engine.commit_signatures.reverse();
    assert_eq!(to_chain_certificate(&engine).unwrap(), proof);
}

fn proof(signers: usize) -> CommitCertificate {
    let signatures = (0..signers)
        .map(|number| (voter(number).0, SIGNATURE))
        .collect();
    CommitCertificate {
        height: 7,
        round: 3,
        block_id: BLOCK,
        signatures,
    }
}

fn response(body: &[u8], signers: usize) -> Response<Ctx> {
    let certificate = to_engine_certificate(&proof(signers));
    let value = RawDecidedValue::new(Bytes::copy_from_slice(body), certificate);
    Response::ValueResponse(ValueResponse::new(Height(7), vec![value]))
}

#[test]
fn refuses_rounds_that_do_not_exist() {
    for round in [-2, i64::MIN, i64::from(u32::MAX) + 1] {
        assert!(matches!(round_or_nil(round), Err(WireError::Round(_))));
    }
    assert_eq!(round_or_nil(-1).unwrap(), Round::Nil);
    assert_eq!(
        round_or_nil(i64::from(u32::MAX)).unwrap(),
        Round::Some(u32::MAX)
    );
    let mut no_round = vote(NilOrVal::Nil);
    no_round.message.round = Round::Nil;
    let sent = WireCodec.encode(&SignedConsensusMsg::Vote(no_round));
    assert!(matches!(sent, Err(WireError::NoRound)));
}

#[test]
fn refuses_garbage_as_any_message() {
    fn refused<T: Mirrored>(bytes: &[u8]) {
        let read: Result<T, _> = WireCodec.decode(Bytes::copy_from_slice(bytes));
        assert!(read.is_err());
    }
    for bytes in [&[][..], &[0xff; 64], &[0x7f; 300], &[0xff; 5000]] {
        refused::<SignedConsensusMsg<Ctx>>(bytes);
        refused::<LivenessMsg<Ctx>>(bytes);
        refused::<StreamMessage<Part>>(bytes);
        refused::<Part>(bytes);
        refused::<ProposedValue<Ctx>>(bytes);
        refused::<PolkaCertificate<Ctx>>(bytes);
        refused::<ValidatorProof<Ctx>>(bytes);
        refused::<Status<Ctx>>(bytes);
        refused::<Request<Ctx>>(bytes);
        refused::<Response<Ctx>>(bytes);
    }
}
