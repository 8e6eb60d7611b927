//! What the authority's verbs about maintenance ask for.

use piao_chain::state::MaintenanceReason;
use piao_chain::time::BlockTime;
use piao_chain::transaction::{Announce, EndMaintenance, Payload};

use crate::network::NetworkError;

/// What announces maintenance, from times and a reason as they were typed.
pub(super) fn announce(from: &str, until: &str, reason: &str) -> Result<Payload, NetworkError> {
    let (from, until) = (time("--from", from)?, time("--until", until)?);
    if until <= from {
        let what = "--until is not after --from".to_owned();
        return Err(NetworkError::Members(what));
    }
    let reason = MaintenanceReason::from_word(reason).ok_or_else(|| {
        let words = MaintenanceReason::ALL.map(MaintenanceReason::as_str);
        NetworkError::Members(format!("--reason {reason}: one of {}", words.join(", ")))
    })?;
    Ok(Payload::Announce(Announce {
        reason,
        from_ms: from.ms(),
        until_ms: until.ms(),
    }))
}

/// What ends it.
pub(super) fn end(announcement: u32) -> Payload {
    Payload::EndMaintenance(EndMaintenance { announcement })
}

fn time(flag: &str, text: &str) -> Result<BlockTime, NetworkError> {
    let time = BlockTime::parse_rfc3339(text);
    time.map_err(|error| NetworkError::Members(format!("{flag} {text}: {error}")))
}
