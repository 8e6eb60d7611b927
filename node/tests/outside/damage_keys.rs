//! Secrets and genesis that are missing, damaged, of another node or open to others: one line each
//! with the way out, and nothing is made in their place. Method: the real program on damaged copies.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::damage_oracle::{copy, hashes};
use crate::process::{Node, piaod, run};

/// What is done to a copy, and what the start and the doctor say of it.
struct Trouble {
    spoil: Box<dyn Fn(&Path)>,
    start_says: &'static str,
    doctor_says: &'static str,
}

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

fn missing(name: &'static str, start_says: &'static str, doctor_says: &'static str) -> Trouble {
    Trouble {
        spoil: Box::new(move |data| {
            let path = data.join(name);
            if path.is_dir() {
                std::fs::remove_dir_all(path).unwrap();
            } else {
                std::fs::remove_file(path).unwrap();
            }
        }),
        start_says,
        doctor_says,
    }
}

fn exposed(name: &'static str) -> Trouble {
    Trouble {
        spoil: Box::new(move |data| mode(&data.join(name), 0o644)),
        start_says: "chmod 600",
        doctor_says: "chmod 600",
    }
}

/// Exchanges a digit of the sealed bytes.
fn change_seal(data: &Path) {
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
}

fn troubles() -> Vec<Trouble> {
    let put_back = "put back a copy of";
    vec![
        missing("keys/validator.key", put_back, "the key is missing"),
        missing("keys/merchant-2.key", put_back, "the key is missing"),
        missing("unlock", "put back a copy of it", "is missing"),
        missing("genesis", "put back a copy of it", put_back),
        missing("keys", "put back a copy of it", put_back),
        exposed("keys/authority.key"),
        exposed("unlock"),
        Trouble {
            spoil: Box::new(change_seal),
            start_says: "put back a copy of that file",
            doctor_says: "the key does not open",
        },
        Trouble {
            spoil: Box::new(|data| std::fs::write(data.join("unlock"), "ab".repeat(32)).unwrap()),
            start_says: "--unlock-file",
            doctor_says: "no key opens with this secret",
        },
    ]
}

#[tokio::test]
async fn a_missing_damaged_foreign_or_exposed_secret_is_one_line_with_the_way_out() {
    let mut node = Node::fresh();
    assert!(node.terminate().success());
    for (nth, trouble) in troubles().iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        copy(&node.data, &data);
        (trouble.spoil)(&data);
        for verb in ["run", "dev"] {
            let line = refused(&data, verb);
            assert!(line.contains(trouble.start_says), "{nth}: {line}");
        }
        let line = found(&data);
        assert!(line.contains(trouble.doctor_says), "{nth}: {line}");
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
