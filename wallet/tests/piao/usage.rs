//! The command line itself: help, mistakes, languages, completions.

use crate::process::{Home, Run};

#[test]
fn mistakes_on_the_command_line_exit_with_2_and_say_so_in_json() {
    let home = Home::new();
    let wrong: [&[&str]; 9] = [
        &[],
        &["frobnicate"],
        &["verify"],
        &["invoice", "show", "123"],
        &["invoice", "issue", "a.json", "--timeout", "31"],
        &[
            "invoice",
            "issue",
            "a.json",
            "--idempotency-key",
            "two words",
        ],
        &["invoice", "list", "--from", "yesterday"],
        &["top-up", "1e3", "--ref", "r"],
        &["--node", "ftp://x", "balance"],
    ];
    for args in wrong {
        home.run(args).expect(2);
    }
    let json = home
        .run(&["--json", "invoice", "show", "123"])
        .expect(2)
        .json();
    assert_eq!(
        (&json["code"], &json["exit_code"]),
        (&"USAGE".into(), &2.into())
    );
    let json = home
        .run(&["--json", "--node", "ftp://x", "balance"])
        .expect(2)
        .json();
    assert_eq!(json["code"], "NODE_ADDRESS_UNUSABLE");
}

#[test]
fn a_typo_in_a_command_is_answered_with_the_command_that_was_meant() {
    let run = Home::new().run(&["verfy", "a.proof"]).expect(2);
    assert!(run.stderr.contains("verify"), "{}", run.stderr);
}

#[test]
fn help_tells_the_exit_codes() {
    let run = Home::new().run(&["--help"]).expect(0);
    for words in [
        "5 verification FALSE",
        "9 genuine but NOT IN FORCE",
        "130 interrupted",
    ] {
        assert!(run.stdout.contains(words), "{}", run.stdout);
    }
}

#[test]
fn completions_are_made_for_every_shell() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = home.run(&["completions", shell]).expect(0);
        assert!(run.stdout.contains("top-up"), "{shell}");
    }
    home.run(&["completions", "cmd"]).expect(2);
}

#[test]
fn the_language_follows_the_environment_and_the_option_wins() {
    let home = Home::new();
    let mut chinese = home.command(&["explain", "E1205"]);
    chinese.env("LANG", "zh_CN.UTF-8");
    assert!(Run::of(&mut chinese).expect(0).stdout.contains("税额"));
    let mut english = home.command(&["--lang", "en", "explain", "E1205"]);
    english.env("LANG", "zh_CN.UTF-8");
    assert!(!Run::of(&mut english).expect(0).stdout.contains("税额"));
}

#[test]
fn colour_is_off_in_a_pipe_and_on_when_forced() {
    let home = Home::new();
    assert!(!home.run(&["explain", "E1205"]).stdout.contains('\u{1b}'));
    let forced = home.run(&["--color", "always", "explain", "E1205"]);
    assert!(forced.stdout.contains('\u{1b}'));
}
