//! The records as they are stored: version byte, key slot, and the canonical encoding.

use piao_chain::codec;
use serde::{Deserialize, Serialize};

use super::record::{
    Accepted, DeskHeaderBody, DeskRecord, Downloaded, Kept, Notice, Private, RequestId, Resolved,
    Step, TopUp,
};

/// Version of the encoding, the first byte of each record.
const RECORD_VERSION: u8 = 1;

/// Bytes of version and key slot, before the encoded record.
const PREFIX_BYTES: usize = 1 + 4;

/// In place of a key slot where nothing is private.
pub(super) const NO_SLOT: u32 = u32::MAX;

/// [`DeskRecord`] with its private parts sealed into one string.
#[derive(Serialize, Deserialize)]
pub(super) enum Stored {
    Accepted {
        accepted: Accepted,
        #[serde(with = "serde_bytes")]
        transaction: Vec<u8>,
        /// Draft and document, sealed with the key in the record's slot.
        #[serde(with = "serde_bytes")]
        sealed: Vec<u8>,
    },
    Resolved(Resolved),
    TopUp {
        top_up: TopUp,
        #[serde(with = "serde_bytes")]
        transaction: Vec<u8>,
    },
    Card {
        account: u32,
        #[serde(with = "serde_bytes")]
        card: Vec<u8>,
    },
    Downloaded(Downloaded),
    Kept {
        kept: Kept,
        /// The draft, sealed with the key in the record's slot.
        #[serde(with = "serde_bytes")]
        sealed: Vec<u8>,
    },
    Step(Step),
    Notice(Notice),
}

impl Stored {
    /// A record, and its private parts sealed; of kinds without any these are not looked at.
    pub(super) fn new(record: DeskRecord, sealed: Vec<u8>) -> Self {
        match record {
            DeskRecord::Accepted {
                accepted,
                transaction,
                ..
            } => Self::Accepted {
                accepted,
                transaction,
                sealed,
            },
            DeskRecord::Resolved(resolved) => Self::Resolved(resolved),
            DeskRecord::TopUp {
                top_up,
                transaction,
            } => Self::TopUp {
                top_up,
                transaction,
            },
            DeskRecord::Card { account, card } => Self::Card { account, card },
            DeskRecord::Downloaded(downloaded) => Self::Downloaded(downloaded),
            DeskRecord::Kept { kept, .. } => Self::Kept { kept, sealed },
            DeskRecord::Step(step) => Self::Step(step),
            DeskRecord::Notice(notice) => Self::Notice(notice),
        }
    }

    /// The record, with its private parts as they were opened.
    pub(super) fn into_record(self, draft: Private, document: Private) -> DeskRecord {
        match self {
            Self::Accepted {
                accepted,
                transaction,
                ..
            } => DeskRecord::Accepted {
                accepted,
                transaction,
                draft,
                document,
            },
            Self::Resolved(resolved) => DeskRecord::Resolved(resolved),
            Self::TopUp {
                top_up,
                transaction,
            } => DeskRecord::TopUp {
                top_up,
                transaction,
            },
            Self::Card { account, card } => DeskRecord::Card { account, card },
            Self::Downloaded(downloaded) => DeskRecord::Downloaded(downloaded),
            Self::Kept { kept, .. } => DeskRecord::Kept { kept, draft },
            Self::Step(step) => DeskRecord::Step(step),
            Self::Notice(notice) => DeskRecord::Notice(notice),
        }
    }

    /// The small and public part.
    pub(super) fn into_header_body(self) -> DeskHeaderBody {
        match self {
            Self::Accepted { accepted, .. } => DeskHeaderBody::Accepted(accepted),
            Self::Resolved(resolved) => DeskHeaderBody::Resolved(resolved),
            Self::TopUp { top_up, .. } => DeskHeaderBody::TopUp(top_up),
            Self::Card { account, .. } => DeskHeaderBody::Card { account },
            Self::Downloaded(downloaded) => DeskHeaderBody::Downloaded(downloaded),
            Self::Kept { kept, .. } => DeskHeaderBody::Kept(kept),
            Self::Step(step) => DeskHeaderBody::Step(step),
            Self::Notice(notice) => DeskHeaderBody::Notice(notice),
        }
    }

    /// The sealed part, with the request and attempt it belongs to.
    pub(super) fn sealed(&self) -> Option<(&RequestId, u32, &[u8])> {
        match self {
            Self::Accepted {
                accepted, sealed, ..
            } => Some((&accepted.request_id, accepted.attempt, sealed)),
            Self::Kept { kept, sealed } => Some((&kept.request_id, kept.attempt, sealed)),
            _ => None,
        }
    }

    /// The kind byte of a frame.
    pub(super) const fn kind(&self) -> u8 {
        match self {
            Self::Accepted { .. } => 1,
            Self::Resolved(_) => 2,
            Self::TopUp { .. } => 3,
            Self::Card { .. } => 4,
            Self::Downloaded(_) => 5,
            Self::Kept { .. } => 6,
            Self::Step(_) => 7,
            Self::Notice(_) => 8,
        }
    }
}

/// What a frame holds.
pub(super) struct Payload(pub(super) Vec<u8>);

impl Payload {
    /// Encodes a record whose key slot is not known yet.
    pub(super) fn encode(stored: &Stored) -> Self {
        let mut bytes = vec![RECORD_VERSION];
        bytes.extend_from_slice(&NO_SLOT.to_be_bytes());
        bytes.extend_from_slice(&codec::encode(stored));
        Self(bytes)
    }

    /// Says in which slot the key of the sealed part lies.
    pub(super) fn set_slot(&mut self, slot: u32) {
        if let Some(place) = self.0.get_mut(1..PREFIX_BYTES) {
            place.copy_from_slice(&slot.to_be_bytes());
        }
    }

    /// Decodes bytes whose check held. `None` when this version does not know them.
    pub(super) fn decode(kind: u8, bytes: &[u8]) -> Option<(u32, Stored)> {
        let (&version, rest) = bytes.split_first()?;
        let (slot, encoded) = rest.split_first_chunk::<4>()?;
        if version != RECORD_VERSION {
            return None;
        }
        let stored: Stored = codec::decode(encoded).ok()?;
        (stored.kind() == kind).then_some((u32::from_be_bytes(*slot), stored))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::store::record::{NoticeKind, Resolution, StepKind};

    #[test]
    fn the_encoding_on_disk_stays_as_it_is() {
        let mut payload = Payload::encode(&Stored::Resolved(Resolved {
            request_id: [7; 16],
            resolution: Resolution::Failed { code: 0x0102 },
            at_ms: 9,
        }));
        payload.set_slot(3);
        let expected = [
            &[1, 0, 0, 0, 3, 0, 0, 0, 1][..],
            &[7; 16],
            &[0, 0, 0, 1, 1, 2, 0, 0, 0, 0, 0, 0, 0, 9],
        ]
        .concat();
        assert_eq!(payload.0, expected);
    }

    #[test]
    fn a_step_of_a_request_stays_as_it_is_on_disk() {
        let payload = Payload::encode(&Stored::Step(Step {
            request_id: [7; 16],
            kind: StepKind::Failed {
                codes: vec![0x0102],
            },
            at_ms: 9,
        }));
        let expected = [
            &[1, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 6][..],
            &[7; 16],
            &[0, 0, 0, 1],
            &[0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 0, 0, 0, 0, 0, 0, 0, 9],
        ]
        .concat();
        assert_eq!(payload.0, expected);
    }

    #[test]
    fn a_notice_stays_as_it_is_on_disk() {
        let payload = Payload::encode(&Stored::Notice(Notice {
            account: 1,
            kind: NoticeKind::Ended { announcement: 5 },
            at_ms: 9,
        }));
        let expected = [
            &[1, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 7][..],
            &[0, 0, 0, 1],
            &[0, 0, 0, 3, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 9],
        ]
        .concat();
        assert_eq!(payload.0, expected);
    }

    #[test]
    fn another_version_or_kind_is_not_read() {
        let payload = Payload::encode(&Stored::Card {
            account: 1,
            card: vec![1],
        });
        assert!(Payload::decode(4, &payload.0).is_some());
        assert!(Payload::decode(3, &payload.0).is_none());
        let mut later = payload.0;
        later[0] = 2;
        assert!(Payload::decode(4, &later).is_none());
        assert!(Payload::decode(4, &[]).is_none());
    }
}
