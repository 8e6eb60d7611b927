//! `piaod service --print`: a systemd unit for this node.
//!
//! The unit gives the node what it needs and nothing else: its own user, its data directory, the
//! network. SIGTERM ends it in order within ten seconds. A node that refuses to start says why in
//! one line, and trying again at once would say the same: the pause keeps the log readable.

use std::path::{Path, PathBuf};

use super::{VerbError, loaded, say};
use crate::cli::Common;

pub(super) fn print(common: &Common, user: &str) -> Result<(), VerbError> {
    let settings = loaded(common)?.settings;
    let program = std::env::current_exe()?;
    let data = absolute(&settings.data)?;
    let config = common.config.as_deref().map(absolute).transpose()?;
    Ok(say(&unit(&program, &data, config.as_deref(), user))?)
}

fn absolute(path: &Path) -> std::io::Result<PathBuf> {
    std::path::absolute(path)
}

fn unit(program: &Path, data: &Path, config: Option<&Path>, user: &str) -> String {
    let config = config.map_or_else(String::new, |file| format!(" --config {}", quoted(file)));
    let (program, data) = (quoted(program), quoted(data));
    format!(
        "[Unit]
Description=Piao invoice node
Wants=network-online.target
After=network-online.target time-sync.target

[Service]
Type=exec
User={user}
ExecStart={program} run --data {data}{config}
KillSignal=SIGTERM
TimeoutStopSec=20
Restart=on-failure
RestartSec=10
LimitNOFILE=65536
UMask=0077
NoNewPrivileges=yes
PrivateTmp=yes
ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths={data}
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
LockPersonality=yes
RestrictSUIDSGID=yes

[Install]
WantedBy=multi-user.target"
    )
}

/// A path as systemd reads it: quoted, with `%` doubled because it starts a specifier.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string().replace('%', "%%");
    let plain = |one: char| one.is_ascii_alphanumeric() || "/._-%+:@".contains(one);
    if text.chars().all(plain) {
        return text;
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_names_the_program_and_the_only_place_it_may_write_to() {
        let unit = unit(
            Path::new("/usr/bin/piaod"),
            Path::new("/srv/my node"),
            Some(Path::new("/etc/piao.toml")),
            "piao",
        );
        for line in [
            "ExecStart=/usr/bin/piaod run --data \"/srv/my node\" --config /etc/piao.toml",
            "ReadWritePaths=\"/srv/my node\"",
            "User=piao",
            "KillSignal=SIGTERM",
        ] {
            assert!(
                unit.lines().any(|one| one == line),
                "{line} is not in {unit}"
            );
        }
    }

    #[test]
    fn paths_are_quoted_as_systemd_reads_them() {
        assert_eq!(quoted(Path::new("/a/b-c.d")), "/a/b-c.d");
        assert_eq!(quoted(Path::new("/a%b")), "/a%%b");
        assert_eq!(quoted(Path::new("/a \"b\"")), "\"/a \\\"b\\\"\"");
    }
}
