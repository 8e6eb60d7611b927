//! Goal: a value comes from the strongest source that gives it, and `piaod` says which; whatever is
//! wrong is one line and an exit code. Method: the real program, with an environment of its own.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests fails the test by panicking"
)]

use std::path::Path;
use std::process::{Command, Output};

const FILE: &str = "
listen = '127.0.0.1:1001'
log = 'warn'
heartbeat_ms = 5000
";

fn piaod(environment: &[(&str, &str)], arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_piaod"))
        .args(arguments)
        .env_clear()
        .envs(environment.iter().copied())
        .output()
        .unwrap()
}

fn write(dir: &Path, text: &str) -> String {
    let path = dir.join("piao.toml");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The one line a refused start says.
fn refusal(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(!output.status.success(), "{text}");
    assert!(output.stdout.is_empty(), "{output:?}");
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

#[test]
fn a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default() {
    let dir = tempfile::tempdir().unwrap();
    let file = write(dir.path(), FILE);
    let environment = [("PIAO_LISTEN", "127.0.0.1:1002"), ("PIAO_LOG", "error")];
    let arguments = [
        "config", "show", "--json", "--config", &file, "--log", "debug",
    ];
    let output = piaod(&environment, &arguments);
    assert!(output.status.success(), "{output:?}");
    let shown: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let find = |key: &str| {
        let entry = shown.as_array().unwrap().iter().find(|e| e["key"] == key);
        let entry = entry.unwrap_or_else(|| panic!("{key} is shown"));
        (
            entry["value"].as_str().unwrap().to_owned(),
            entry["origin"].as_str().unwrap().to_owned(),
        )
    };
    let pair = |value: &str, origin: &str| (value.to_owned(), origin.to_owned());
    assert_eq!(find("log"), pair("\"debug\"", "flag"));
    assert_eq!(
        find("listen"),
        pair("\"127.0.0.1:1002\"", "env PIAO_LISTEN")
    );
    assert_eq!(find("heartbeat_ms"), pair("5000", &format!("file {file}")));
    assert_eq!(find("block_interval_ms").1, "default");
}

#[test]
fn a_clock_may_be_set_back_by_a_flag() {
    let output = piaod(&[], &["config", "show", "--clock-offset", "-2m"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("clock_offset_ms = -120000  # flag"), "{text}");
}

#[test]
fn an_unknown_key_is_refused_with_what_was_meant() {
    let dir = tempfile::tempdir().unwrap();
    let file = write(dir.path(), "lisen = '127.0.0.1:1'");
    let line = refusal(&piaod(&[], &["config", "check", "--config", &file]));
    assert!(line.contains("did you mean listen?"), "{line}");
    assert!(line.contains(&file), "{line}");
}

#[test]
fn a_missing_file_a_broken_one_and_a_wrong_value_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let broken = write(dir.path(), "listen = ");
    for (environment, file) in [
        (&[][..], "/nowhere/piao.toml"),
        (&[][..], &broken),
        (&[("PIAO_HEARTBEAT_MS", "soon")][..], "/dev/null"),
    ] {
        refusal(&piaod(environment, &["config", "check", "--config", file]));
    }
}

#[test]
fn an_unknown_variable_is_told_and_does_no_harm() {
    let environment = [("PIAO_LISEN", "x"), ("PIAO_NODE", "http://127.0.0.1:1")];
    let output = piaod(&environment, &["config", "check"]);
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(told.contains("did you mean PIAO_LISTEN?"), "{told}");
}

#[test]
fn a_verb_or_flag_that_is_none_is_a_usage_error() {
    for arguments in [
        &["fly"][..],
        &["dev", "--sped", "1"],
        &["version", "--clock-offset", "1s"],
    ] {
        assert_eq!(
            piaod(&[], arguments).status.code(),
            Some(2),
            "{arguments:?}"
        );
    }
}
