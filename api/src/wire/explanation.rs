//! Everything there is to know of one failure code, as JSON.
//!
//! Guards: what is shown as the answer to an example is what the rules answer, never typed in.

use piao_chain::failure::examples::{Change, Guide, Occasion, Text};
use piao_chain::failure::{FailureCode, Support};
use piao_chain::tax::law_of;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{CatalogueEntry, Failure};
use crate::examples;

/// Related codes that are named at most.
const RELATED_MAX: usize = 6;

/// Reply of `GET /v1/failures/{code}`: the catalogue's line and how to get out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Explanation {
    /// The catalogue's line.
    #[serde(flatten)]
    pub entry: CatalogueEntry,
    /// Provision the rule rests on.
    pub law: Option<String>,
    /// What to do about it; null for codes this version does not raise.
    pub advice: Option<Words>,
    /// When it happens, for a code that no draft alone provokes.
    pub occasion: Option<Words>,
    /// A draft that provokes it and one that passes.
    pub example: Option<ExamplePair>,
    /// Codes about the same member or its neighbours.
    pub related: Vec<String>,
}

/// One text in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Words {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

/// Two drafts, each a few changes of the same one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ExamplePair {
    /// The time both are judged at.
    pub judged_at: String,
    /// What the seller is registered as: `general` or `small_scale`.
    pub taxpayer: String,
    /// The draft both change; it passes as it stands.
    #[cfg_attr(feature = "server", schema(value_type = Object))]
    pub draft: Value,
    /// What provokes the code.
    pub refused: ExampleDraft,
    /// What passes.
    pub accepted: ExampleDraft,
}

/// A changed draft and the answer to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ExampleDraft {
    /// What changes; nothing if it is the draft itself.
    pub changes: Vec<ExampleChange>,
    /// What a check answers.
    pub failures: Vec<Failure>,
}

/// One changed member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ExampleChange {
    /// Its JSON pointer.
    pub pointer: String,
    /// Its value; null if it is left out.
    #[cfg_attr(feature = "server", schema(value_type = Object, nullable))]
    pub value: Option<Value>,
    /// Given, `value` is repeated so often: characters of a text, or items of a list.
    pub times: Option<u16>,
}

impl Explanation {
    /// All about one code.
    #[must_use]
    pub fn of(code: FailureCode) -> Self {
        let raised = code.support() == Support::Implemented;
        let guide = Guide::of(code).filter(|_| raised);
        let occasion = guide.and_then(|guide| match &guide.occasion {
            Occasion::Elsewhere(text) => Some(text.into()),
            Occasion::Draft(_) => None,
        });
        Self {
            entry: code.into(),
            law: law_of(code).map(str::to_owned),
            advice: guide.map(|guide| (&guide.advice).into()),
            occasion,
            example: examples::of(code).cloned(),
            related: related(code)
                .into_iter()
                .map(|other| other.code().to_owned())
                .collect(),
        }
    }
}

/// Codes this version raises about the same member: first of the very same pointer, then of the
/// same name in the same group.
#[must_use]
pub fn related(code: FailureCode) -> Vec<FailureCode> {
    let name_of = |pointer: &'static str| pointer.rsplit('/').next().unwrap_or_default();
    let pointer = code.pointer();
    if !pointer.starts_with('/') {
        return Vec::new();
    }
    let group_of = |code: FailureCode| code.number().div_euclid(100);
    let others = || {
        let raised = |other: &FailureCode| other.support() == Support::Implemented;
        let all = FailureCode::ALL.iter().copied().filter(raised);
        all.filter(move |other| *other != code && group_of(*other) == group_of(code))
    };
    let same = others().filter(|other| other.pointer() == pointer);
    let near = others()
        .filter(|other| other.pointer() != pointer && name_of(other.pointer()) == name_of(pointer));
    same.chain(near).take(RELATED_MAX).collect()
}

impl From<&Text> for Words {
    fn from(text: &Text) -> Self {
        Self {
            en: text.en.to_owned(),
            zh: text.zh.to_owned(),
        }
    }
}

impl From<&Change> for ExampleChange {
    fn from(change: &Change) -> Self {
        let json = |text: &str| serde_json::from_str(text).ok();
        let (value, times) = match *change {
            Change::Set(_, value) => (json(value), None),
            Change::Remove(_) => (None, None),
            Change::Text(_, character, times) => {
                (Some(Value::String(character.to_string())), Some(times))
            }
            Change::Copies(_, value, times) => (json(value), Some(times)),
        };
        Self {
            pointer: change.pointer().to_owned(),
            value,
            times,
        }
    }
}
