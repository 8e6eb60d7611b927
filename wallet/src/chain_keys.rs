//! Keys as the chain knows them, and transactions that change them.
//!
//! Guards: what a node says of a key is only used to go on where an earlier call ended; the chain
//! judges every transaction by itself.

use piao_api::client::{ClientError, IssueOptions};
use piao_api::wire::{Key, OutcomeState};
use piao_chain::digest::ChainId;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::signature::SecretKey;
use piao_chain::transaction::{Payload, SUITE, SignedTransaction, TransactionBody, VERSION};

use crate::clock;
use crate::error::CommandError;
use crate::node::Node;

/// How long a transaction of this program stays valid, in ms: 10 minutes.
const VALID_FOR_MS: u64 = 10 * 60 * 1000;

/// What the chain says of a key; `None` for one that is bound to no account.
///
/// # Errors
/// [`CommandError::Node`].
pub(crate) fn look_up(node: &Node, id: &str) -> Result<Option<Key>, CommandError> {
    match node.wait(node.client.key(id)) {
        Ok(key) => Ok(Some(key)),
        Err(CommandError::Node(ClientError::Refused { status: 404, .. })) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The same of one that must be bound to an account.
///
/// # Errors
/// [`FailureCode::KeyUnknown`]; as [`look_up`].
pub(crate) fn bound(node: &Node, id: &str) -> Result<Key, CommandError> {
    let unknown = || {
        let fault = Fault::new(FailureCode::KeyUnknown).got(id.to_owned());
        CommandError::refused(&fault)
    };
    look_up(node, id)?.ok_or_else(unknown)
}

/// The network that the node is of.
///
/// # Errors
/// [`CommandError::Node`].
pub(crate) fn network(node: &Node) -> Result<ChainId, CommandError> {
    let status = node.wait(node.client.chain())?;
    let mut id = [0; 32];
    let read = hex::decode_to_slice(&status.chain_id, &mut id);
    read.map_err(|error| CommandError::Node(ClientError::BadReply(error.to_string())))?;
    Ok(ChainId(id))
}

/// Signs a payload of an account with one key, hands it in, and waits until it is final; its id.
///
/// # Errors
/// Why it was refused; [`FailureCode::ConfirmTimeout`] while that is not known.
pub(crate) fn hand_in(
    node: &Node,
    (account, signer): (u32, &SecretKey),
    chain_id: ChainId,
    payload: Payload,
) -> Result<String, CommandError> {
    let refused = |code| CommandError::refused(&Fault::new(code));
    let mut idem = [0; 16];
    getrandom::fill(&mut idem).map_err(|error| CommandError::System(error.to_string()))?;
    let body = TransactionBody {
        version: VERSION,
        suite: SUITE,
        chain_id,
        account,
        signers: vec![signer.public_key().id()],
        idem,
        valid_until_ms: clock::now().ms().saturating_add(VALID_FOR_MS),
        // Keys are changed free of charge.
        fee_max_fen: 0,
        flags: 0,
        payload,
    };
    let transaction =
        SignedTransaction::sign(body, &[signer]).map_err(|error| refused(error.code))?;
    let options = IssueOptions::default();
    let outcome = node.wait(node.client.submit(transaction.encode(), &options))?;
    let code = outcome.code.as_deref();
    match (outcome.state, code.and_then(FailureCode::from_code)) {
        (OutcomeState::Final, None) if code.is_none() => Ok(outcome.txid),
        (OutcomeState::Final | OutcomeState::Refused, code) => {
            Err(refused(code.unwrap_or(FailureCode::Internal)))
        }
        (OutcomeState::Unknown, _) => Err(refused(FailureCode::ConfirmTimeout)),
    }
}
