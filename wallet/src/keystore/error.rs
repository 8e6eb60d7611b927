//! Why a key cannot be had.

use std::io;
use std::path::PathBuf;

use crate::language::Text;

/// Why a key cannot be made, read or opened. Never holds a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum KeystoreError {
    /// There is a file already.
    #[error("{} exists and is not overwritten", .0.display())]
    Exists(PathBuf),
    /// No such key.
    #[error("no key {0}")]
    NotFound(String),
    /// Several keys answer to the name.
    #[error("several keys begin with {0}; give more of the id")]
    Ambiguous(String),
    /// Not a key file, or one with figures out of bounds.
    #[error("{} is not a key file: {why}", .path.display())]
    NotAKey {
        /// Which.
        path: PathBuf,
        /// Why.
        why: &'static str,
    },
    /// A version this program does not know.
    #[error("{} is a key file of version {version}, unknown to this program", .path.display())]
    UnknownVersion {
        /// Which.
        path: PathBuf,
        /// Its version.
        version: u8,
    },
    /// Others may read it.
    #[error("{} can be read by others (mode {mode:o})", .path.display())]
    Exposed {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The passphrase is wrong or the file was changed; authenticated encryption cannot tell.
    #[error("wrong passphrase, or the key file was changed")]
    WrongPassphrase,
    /// The machine cannot spare the memory the key derivation needs, or has no random numbers.
    #[error("cannot derive the encryption key: {0}")]
    Derivation(String),
    /// The disk.
    #[error("{}: {source}", .path.display())]
    Io {
        /// What was touched.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl KeystoreError {
    /// The same for people, in both languages.
    #[must_use]
    pub(crate) fn text(&self) -> Text {
        let zh = match self {
            Self::Exists(path) => format!("{} 已存在，不会覆盖", path.display()),
            Self::NotFound(name) => format!("没有密钥 {name}"),
            Self::Ambiguous(name) => format!("有多个密钥以 {name} 开头，请多写几位"),
            Self::NotAKey { path, .. } => format!("{} 不是密钥文件", path.display()),
            Self::UnknownVersion { path, version } => {
                format!("{} 的版本 {version} 本程序不认识", path.display())
            }
            Self::Exposed { path, mode } => {
                format!("{} 可被他人读取（权限 {mode:o}）", path.display())
            }
            Self::WrongPassphrase => "口令错误，或密钥文件已被改动".to_owned(),
            Self::Derivation(why) => format!("无法推导加密密钥：{why}"),
            Self::Io { path, source } => format!("{}：{source}", path.display()),
        };
        Text::new(self.to_string(), zh)
    }

    /// What to do about it, in both languages.
    #[must_use]
    pub(crate) fn advice(&self) -> Option<Text> {
        match self {
            Self::Exists(_) => Some(Text::new(
                "choose another name with --name, or another file with --key",
                "请用 --name 换个名字，或用 --key 指定其他文件",
            )),
            Self::NotFound(_) => Some(Text::new("see `piao key list`", "请查看 piao key list")),
            Self::Exposed { path, .. } => Some(Text::new(
                format!("run: chmod 600 {}", path.display()),
                format!("请运行：chmod 600 {}", path.display()),
            )),
            Self::UnknownVersion { .. } => Some(Text::new("upgrade piao", "请升级 piao")),
            _ => None,
        }
    }
}
