//! Secrets and genesis that are missing, damaged, of another node or open to others: one line each
//! with the way out, and nothing is made in their place. Method: the real program on damaged copies.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::damage_oracle::{copy, hashes};
use crate::process::{Node, piaod, run};

/// A start that must be refused; its one line. It must leave everything as it is.
fn refused(data: &Path, verb: &str) -> String {
    let before = hashes(data);
    let mut command = piaod(verb, data);
    command.args(["--log", "error", "--listen", "127.0.0.1:0"]);
    let output = run(command);
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert_eq!(hashes(data), before, "{text}");
    text
}

/// The first line of the doctor about a data directory it finds something in.
fn found(data: &Path) -> String {
    let mut command = piaod("doctor", data);
    command.args(["--lang", "en"]);
    let output = run(command);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    text.lines().next().unwrap().to_owned()
}

fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn a_missing_damaged_foreign_or_exposed_secret_is_one_line_with_the_way_out() {
    let mut node = Node::fresh();
    assert!(node.terminate().success());
    let other = tempfile::tempdir().unwrap();
    let stranger = other.path().join("unlock");
    std::fs::write(&stranger, "ab".repeat(32)).unwrap();
    mode(&stranger, 0o600);
    /// What is done to a copy, and what the start and the doctor say.
    type Trouble<'a> = (&'a str, Box<dyn Fn(&Path)>, &'a str, &'a str);
    let remove = |name: &'static str| -> Box<dyn Fn(&Path)> {
        Box::new(move |data| std::fs::remove_file(data.join(name)).unwrap())
    };
    let open = |name: &'static str| -> Box<dyn Fn(&Path)> {
        Box::new(move |data| mode(&data.join(name), 0o644))
    };
    let troubles: Vec<Trouble<'_>> = vec![
        (
            "no key",
            remove("keys/validator.key"),
            "put back a copy of",
            "the key is missing",
        ),
        (
            "no merchant",
            remove("keys/merchant-2.key"),
            "put back a copy of",
            "the key is missing",
        ),
        (
            "no unlock",
            remove("unlock"),
            "put back a copy of it",
            "is missing",
        ),
        (
            "no genesis",
            remove("genesis"),
            "put back a copy of it",
            "put back a copy of",
        ),
        (
            "open key",
            open("keys/authority.key"),
            "chmod 600",
            "chmod 600",
        ),
        ("open unlock", open("unlock"), "chmod 600", "chmod 600"),
        (
            "no keys",
            Box::new(|data| std::fs::remove_dir_all(data.join("keys")).unwrap()),
            "put back a copy of it",
            "put back a copy of",
        ),
        (
            "damaged key",
            Box::new(|data| {
                let path = data.join("keys/desk-master.key");
                let text = std::fs::read_to_string(&path).unwrap();
                let at = text.find("sealed").unwrap() + 12;
                let other = if text.as_bytes()[at] == b'0' {
                    "1"
                } else {
                    "0"
                };
                let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
                std::fs::write(&path, changed).unwrap();
            }),
            "put back a copy of that file",
            "the key does not open",
        ),
        (
            "another secret",
            Box::new(move |data| {
                std::fs::copy(&stranger, data.join("unlock")).unwrap();
            }),
            "--unlock-file",
            "no key opens with this secret",
        ),
    ];
    for (what, spoil, start_says, doctor_says) in &troubles {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        copy(&node.data, &data);
        spoil(&data);
        for verb in ["run", "dev"] {
            let line = refused(&data, verb);
            assert!(line.contains(start_says), "{what}: {line}");
        }
        let line = found(&data);
        assert!(line.contains(doctor_says), "{what}: {line}");
    }
}

#[tokio::test]
async fn the_unlock_secret_may_lie_elsewhere() {
    let mut node = Node::fresh();
    assert!(node.terminate().success());
    let safe = tempfile::tempdir().unwrap();
    let unlock = safe.path().join("secret");
    std::fs::rename(node.data.join("unlock"), &unlock).unwrap();
    let node = Node::with(&node.data, &["--unlock-file", unlock.to_str().unwrap()]);
    assert!(node.client.chain().await.unwrap().height > 0);
    assert!(
        !node.data.join("unlock").exists(),
        "none was made in its place"
    );
}
