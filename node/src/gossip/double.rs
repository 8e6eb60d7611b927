//! Whether somebody else answers under this node's key where the members look for it.
//!
//! A node that listens elsewhere than it told the members (behind a router, or on a copy of another
//! machine's data) calls that address before it speaks to anybody. If its own key answers and it was
//! not called itself meanwhile, another process runs with its keys.

use std::time::Duration;

use libp2p::futures::StreamExt as _;
use libp2p::swarm::dial_opts::DialOpts;
use libp2p::swarm::{DialError, ListenError, SwarmEvent};
use libp2p::{Multiaddr, Swarm};

use super::behaviour::Behaviour;

/// How long the call may take: a router that does not lead back answers nothing.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);
/// How long after an answer the own door may take to say that it was called.
const ECHO_WITHIN: Duration = Duration::from_millis(500);

/// Calls an address; whether another process with this node's key answers there. To be asked before
/// any member may connect.
pub(super) async fn is_elsewhere(swarm: &mut Swarm<Behaviour>, told: &Multiaddr) -> bool {
    let call = DialOpts::unknown_peer_id().address(told.clone()).build();
    if swarm.dial(call).is_err() {
        return false;
    }
    let mut was_called = false;
    let answered = async {
        loop {
            match swarm.select_next_some().await {
                SwarmEvent::IncomingConnectionError {
                    error: ListenError::LocalPeerId { .. },
                    ..
                } => was_called = true,
                SwarmEvent::OutgoingConnectionError { error, .. } => {
                    return matches!(error, DialError::LocalPeerId { .. });
                }
                _ => {}
            }
        }
    };
    let answered = tokio::time::timeout(ANSWER_WITHIN, answered).await;
    if was_called || !answered.unwrap_or(false) {
        return false;
    }
    let echo = async {
        loop {
            if let SwarmEvent::IncomingConnectionError {
                error: ListenError::LocalPeerId { .. },
                ..
            } = swarm.select_next_some().await
            {
                return;
            }
        }
    };
    tokio::time::timeout(ECHO_WITHIN, echo).await.is_err()
}
