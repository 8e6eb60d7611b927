//! What a request asks for, as it is recorded beside its documents.
//!
//! Guards: a key is bound to what was asked; an invoice is recorded as its draft alone, a correction
//! so that it is no draft, so neither passes for the other.

use piao_api::backend::RedLine;
use piao_chain::failure::FailureCode;
use piao_chain::invoice::Draft;
use piao_chain::tax::RED_ERROR;
use serde::{Deserialize, Serialize};

/// Before the JSON of a correction; no JSON begins so.
const CORRECTION_MARK: &[u8] = b"correction\n";
/// Before the JSON of a draft whose refusal is to be kept in a block.
const ANCHORED_MARK: &[u8] = b"anchored\n";

/// What a request asks for.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Ask {
    /// An invoice.
    Invoice(Box<Draft>),
    /// An invoice, whose refusal is to be kept in a block.
    Anchored(Box<Draft>),
    /// Something about an invoice that was issued.
    Correction(Correction),
}

/// What is to be put right.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Correction {
    /// A red letter.
    RedLetter(RedLetterAsk),
    /// The whole invoice taken back and another one in its place.
    Reissue {
        /// Number of the original, 20 digits.
        number: String,
        /// What takes its place.
        draft: Box<Draft>,
    },
}

/// A red letter that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RedLetterAsk {
    /// Number of the original, 20 digits.
    pub(super) number: String,
    /// 1 error, 2 return, 3 service ended, 4 allowance.
    pub(super) reason: u8,
    /// What is taken back; `None` for all that is left when it is made.
    pub(super) lines: Option<Vec<TakenLine>>,
}

/// A line of the original that is to be taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TakenLine {
    /// Its number in the original, from 1.
    pub(super) line: u16,
    /// How much of it, net of tax, in fen; positive.
    pub(super) amount_fen: i64,
    /// How many of it, a decimal.
    pub(super) quantity: Option<String>,
}

impl TakenLine {
    /// From a caller's line.
    pub(super) fn of(line: RedLine) -> Self {
        Self {
            line: line.line,
            amount_fen: line.amount.fen(),
            quantity: line.quantity,
        }
    }
}

impl Ask {
    /// As it is recorded.
    pub(super) fn encode(&self) -> Result<Vec<u8>, FailureCode> {
        let internal = |_source| FailureCode::Internal;
        match self {
            Self::Invoice(draft) => serde_json::to_vec(draft).map_err(internal),
            Self::Anchored(draft) => {
                let mut bytes = ANCHORED_MARK.to_vec();
                serde_json::to_writer(&mut bytes, draft).map_err(internal)?;
                Ok(bytes)
            }
            Self::Correction(correction) => {
                let mut bytes = CORRECTION_MARK.to_vec();
                serde_json::to_writer(&mut bytes, correction).map_err(internal)?;
                Ok(bytes)
            }
        }
    }

    /// Reads it back; `None` for what [`Ask::encode`] does not write.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        if let Some(json) = bytes.strip_prefix(ANCHORED_MARK) {
            return serde_json::from_slice(json).ok().map(Self::Anchored);
        }
        match bytes.strip_prefix(CORRECTION_MARK) {
            Some(json) => serde_json::from_slice(json).ok().map(Self::Correction),
            None => serde_json::from_slice(bytes).ok().map(Self::Invoice),
        }
    }

    /// The draft of the invoice it asks for, if it asks for one.
    pub(super) fn draft(&self) -> Option<&Draft> {
        match self {
            Self::Invoice(draft)
            | Self::Anchored(draft)
            | Self::Correction(Correction::Reissue { draft, .. }) => Some(draft),
            Self::Correction(Correction::RedLetter(_)) => None,
        }
    }

    /// The same with another draft; `None` where it asks for no invoice.
    pub(super) fn with_draft(&self, draft: Draft) -> Option<Self> {
        let draft = Box::new(draft);
        match self {
            Self::Invoice(_) => Some(Self::Invoice(draft)),
            Self::Anchored(_) => Some(Self::Anchored(draft)),
            Self::Correction(Correction::Reissue { number, .. }) => {
                let number = number.clone();
                Some(Self::Correction(Correction::Reissue { number, draft }))
            }
            Self::Correction(Correction::RedLetter(_)) => None,
        }
    }

    /// How often it is made anew while its caller waits, when [`Ask::is_overtaken_by`] says so.
    pub(super) const fn anew_max(&self) -> u32 {
        match self {
            Self::Invoice(_) | Self::Anchored(_) => 1,
            // Other corrections of the same invoice may come in between, too.
            Self::Correction(_) => 4,
        }
    }

    /// Whether a refusal says only that something came in between preparing and the block: another
    /// rule set or another key, which never go back, or another correction of the same invoice.
    pub(super) fn is_overtaken_by(&self, codes: &[FailureCode]) -> bool {
        let is_passing = |code: &FailureCode| match self {
            // What a block holds of it is its end, whatever it was.
            Self::Anchored(_) => *code == FailureCode::KeyRevoked,
            Self::Invoice(_) => {
                matches!(code, FailureCode::RulesetUnknown | FailureCode::KeyRevoked)
            }
            Self::Correction(_) => matches!(
                code,
                FailureCode::RulesetUnknown
                    | FailureCode::KeyRevoked
                    | FailureCode::LineTaxMismatch
            ),
        };
        codes.iter().all(is_passing)
    }
}

impl Correction {
    /// Number of the invoice that is to be put right, 20 digits.
    pub(super) fn number(&self) -> &str {
        match self {
            Self::RedLetter(ask) => &ask.number,
            Self::Reissue { number, .. } => number,
        }
    }

    /// The red letter it takes: a reissue takes back all that is left, as issued in error.
    pub(super) fn taken(&self) -> RedLetterAsk {
        match self {
            Self::RedLetter(ask) => ask.clone(),
            Self::Reissue { number, .. } => RedLetterAsk {
                number: number.clone(),
                reason: RED_ERROR,
                lines: None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_read_back_and_none_passes_for_another() {
        let draft = || Box::new(Draft::default());
        let number = "26500000000000000017".to_owned();
        let lines = Some(vec![TakenLine {
            line: 1,
            amount_fen: 100,
            quantity: Some("2".to_owned()),
        }]);
        let red_letter = |lines| {
            Ask::Correction(Correction::RedLetter(RedLetterAsk {
                number: number.clone(),
                reason: 1,
                lines,
            }))
        };
        let reissue = Correction::Reissue {
            number: number.clone(),
            draft: draft(),
        };
        let all = [
            Ask::Invoice(draft()),
            Ask::Anchored(draft()),
            red_letter(lines),
            red_letter(None),
            Ask::Correction(reissue),
        ];
        for (at, one) in all.iter().enumerate() {
            let read = Ask::decode(&one.encode().unwrap()).unwrap();
            for (other_at, other) in all.iter().enumerate() {
                assert_eq!(read == *other, at == other_at, "{at} against {other_at}");
            }
        }
        assert!(Ask::decode(b"correction\n{}").is_none());
    }
}
