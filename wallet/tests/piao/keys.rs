//! Keys: made, listed, opened, refused.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use piao_chain::digest::ChainId;
use piao_chain::signature::{PublicKey, Purpose, Signature};

use crate::process::Home;

const CHAIN: &str = "0707070707070707070707070707070707070707070707070707070707070707";

fn bytes<const N: usize>(value: &serde_json::Value) -> [u8; N] {
    let mut bytes = [0; N];
    hex::decode_to_slice(value.as_str().unwrap(), &mut bytes).unwrap();
    bytes
}

#[test]
fn a_key_is_made_listed_without_its_passphrase_and_opened_with_it() {
    let home = Home::new();
    home.write("pass", "correct horse\n");
    home.write("wrong", "correct hors\n");
    let made = home
        .run(&[
            "--json",
            "key",
            "new",
            "--name",
            "till-1",
            "--passphrase-file",
            "pass",
        ])
        .expect(0)
        .json();
    let file = home.path(".local/share/piao/keys/till-1.key");
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let dir = fs::metadata(file.parent().unwrap()).unwrap();
    assert_eq!(dir.permissions().mode() & 0o777, 0o700);

    let list = home.run(&["--json", "key", "list"]).expect(0).json();
    assert_eq!(list["data"][0]["id"], made["id"]);
    let id = made["id"].as_str().unwrap();
    let shown = home
        .run(&["--json", "key", "show", &id[..6]])
        .expect(0)
        .json();
    assert_eq!(shown["public_key"], made["public_key"]);
    assert_eq!(home.run(&["--json", "key", "show"]).expect(0).json(), shown);

    let opened = [
        "--json",
        "key",
        "show",
        "till-1",
        "--possession",
        CHAIN,
        "--passphrase-file",
    ];
    let json = home
        .run(&[&opened[..], &["pass"]].concat())
        .expect(0)
        .json();
    let key = PublicKey::from_bytes(&bytes(&json["public_key"])).unwrap();
    let signature = Signature(bytes(&json["possession"]));
    let body = key.as_bytes();
    assert!(key.verify(Purpose::KeyPossession, &ChainId([7; 32]), body, &signature));
    let run = home.run(&[&opened[..], &["wrong"]].concat()).expect(3);
    assert_eq!(run.json()["code"], "WRONG_PASSPHRASE");
}

#[test]
fn a_key_is_never_overwritten_and_an_exposed_one_never_opened() {
    let home = Home::new();
    home.write("pass", "correct horse");
    let new = ["--key", "k.key", "key", "new", "--passphrase-file", "pass"];
    home.run(&new).expect(0);
    let before = fs::read(home.path("k.key")).unwrap();
    let run = home.run(&new).expect(3);
    assert!(run.stderr.contains("not overwritten"), "{}", run.stderr);
    assert_eq!(fs::read(home.path("k.key")).unwrap(), before);

    fs::set_permissions(home.path("k.key"), fs::Permissions::from_mode(0o644)).unwrap();
    let open = [
        "--key",
        "k.key",
        "key",
        "show",
        "--possession",
        CHAIN,
        "--passphrase-file=pass",
    ];
    let run = home.run(&open).expect(3);
    assert!(run.stderr.contains("chmod 600"), "{}", run.stderr);
    // Its public half stays readable.
    home.run(&["--key", "k.key", "key", "show"]).expect(0);
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    let home = Home::new();
    let run = home.run(&["key", "new"]).expect(2);
    assert!(run.stderr.contains("--passphrase-file"), "{}", run.stderr);
    let mut from_variable = home.command(&["key", "new"]);
    home.write("pass", "correct horse");
    from_variable.env("PIAO_PASSPHRASE_FILE", "pass");
    crate::process::Run::of(&mut from_variable).expect(0);
    let mut piped = home.command(&["key", "new", "--passphrase-file", "/dev/stdin"]);
    piped.stdin(fs::File::open(home.path("pass")).unwrap());
    crate::process::Run::of(&mut piped).expect(0);
}

#[test]
fn a_short_passphrase_and_a_foreign_file_are_refused() {
    let home = Home::new();
    home.write("short", "1234567");
    home.run(&["key", "new", "--passphrase-file", "short"])
        .expect(3);
    assert_eq!(
        home.run(&["--json", "key", "list"]).expect(0).json()["data"],
        serde_json::json!([])
    );
    home.write("x.key", "{}");
    home.run(&["--key", "x.key", "key", "show"]).expect(3);
    home.run(&["--key", "none.key", "key", "show"]).expect(4);
    home.run(&["key", "show", "nobody"]).expect(4);
}

#[test]
fn no_secret_is_taken_from_the_command_line() {
    let home = Home::new();
    for option in [
        "--passphrase",
        "--password",
        "--api-key",
        "--secret",
        "--seed",
    ] {
        home.run(&["key", "new", option, "correct horse"]).expect(2);
    }
}
