//! Why a block that others put forward can't be followed, in one line.

use piao_chain::execute::BlockError;
use piao_chain::failure::FailureCode;

/// Why a decided block can't be followed, with the way out where it is known.
pub(super) fn refused(error: &BlockError) -> String {
    let upgrade = match error {
        BlockError::Inadmissible { error, .. } => matches!(
            error.code,
            FailureCode::RulesetUnknown
                | FailureCode::ProtocolUnsupported
                | FailureCode::TransactionMalformed
        ),
        _ => false,
    };
    let way_out = if upgrade {
        "; others decided by rules that this version does not know: upgrade it"
    } else {
        ""
    };
    format!("it does not follow from its parent: {error}{way_out}")
}
