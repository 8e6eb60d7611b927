//! Configuration: flags > `PIAO_*` > TOML file > default. Unknown keys are refused, and
//! `config show` tells where each value came from.

mod environment;
mod settings;
mod sources;
mod spelling;

pub use settings::{LogFormat, Settings};
pub use sources::{Flags, Loaded, Origin, SettingsError, load};
