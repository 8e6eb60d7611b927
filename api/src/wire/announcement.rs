//! Announced maintenance.

use serde::{Deserialize, Serialize};

/// A span of time in which nothing is issued, announced on chain by the authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Announcement {
    /// Its number, from 1; what a refusal for maintenance (E2201) names.
    pub id: u32,
    /// `other`, `upgrade`, `rules`, `repair`, `security` or `drill`.
    pub reason: String,
    /// The reason in Chinese.
    pub zh: String,
    /// The reason in English.
    pub en: String,
    /// When it begins.
    pub from: String,
    /// When it is over, unless it is ended before.
    pub until: String,
    /// Time of the block that announced it.
    pub announced_at: String,
    /// Time of the block that ended it early or called it off.
    pub ended_at: Option<String>,
    /// Where it stands.
    pub state: AnnouncementState,
}

/// Where an announcement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AnnouncementState {
    /// It is to begin.
    Announced,
    /// It lasts: what is to be issued waits.
    Lasting,
    /// It is over, or was called off.
    Over,
}
