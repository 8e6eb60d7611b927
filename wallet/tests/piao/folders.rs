//! Many files at once: every one is reported, the worst decides, and PDFs show what they carry.

use std::fs;

use serde_json::Value;

use crate::chain::{Chain, RED, number};
use crate::process::{Home, Run};

fn verify(home: &Home, more: &[&str]) -> Run {
    let mut args = vec!["verify", "--trust", "root.json"];
    args.extend(more);
    home.run(&args)
}

/// Subjects or files of NDJSON, with their verdict or code.
fn said(run: &Run) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let lines = run.lines();
    lines
        .iter()
        .map(|line| {
            let subject = text(&line["subject"]) + &text(&line["file"]);
            let verdict = text(&line["verdict"]) + &text(&line["code"]);
            (subject, verdict)
        })
        .collect()
}

fn pair(subject: &str, verdict: &str) -> (String, String) {
    (subject.to_owned(), verdict.to_owned())
}

#[test]
fn the_worst_of_a_directory_decides_in_the_order_5_9_6_0() {
    let mut chain = Chain::fresh();
    let home = Home::new();
    home.write("root.json", chain.trust_root());
    home.write("all/b/good.proof", chain.proof().encode());
    home.write("all/good.proof", chain.other_proof().encode());
    home.write("all/.hidden", "passed over");
    let json = || verify(&home, &["--json", "all"]);
    let expected = [
        pair("all/b/good.proof", "in_force"),
        pair("all/good.proof", "in_force"),
    ];
    assert_eq!(said(&json().expect(0)), expected);

    // A foreign file is reported, and is no reason to pay; nor is it false.
    home.write("all/notes.txt", "not a proof");
    home.write("all/settings.json", "{\"transaction\": 1}");
    let run = json().expect(6);
    assert_eq!(said(&run).len(), 4);
    assert!(said(&run).contains(&pair("all/notes.txt", "NO_PROOF_INSIDE")));
    assert!(said(&run).contains(&pair("all/settings.json", "NO_PROOF_INSIDE")));
    let mut unknown = chain.other_proof().encode();
    unknown[8] = 2;
    home.write("all/unknown.proof", unknown);
    json().expect(6);

    home.write("all/reversed.proof", chain.reverse(10_000).encode());
    json().expect(9);

    home.write("all/z.proof", b"not a proof");
    let human = verify(&home, &["all"]).expect(5);
    assert_eq!(human.stdout.lines().count(), 5, "{}", human.stdout);
    assert!(
        human.stderr.contains(
            "7 judged: 2 in force, 1 not in force, 1 false, 1 undecided, 2 without a verdict; \
             the worst: exit 5"
        ),
        "{}",
        human.stderr
    );
    assert!(human.stderr.contains("all/notes.txt"), "{}", human.stderr);
}

#[cfg(unix)]
#[test]
fn what_can_not_be_read_is_reported_in_its_place() {
    let chain = Chain::fresh();
    let home = Home::new();
    home.write("root.json", chain.trust_root());
    home.write("all/good.proof", chain.proof().encode());
    std::os::unix::fs::symlink("nowhere", home.path("all/lost.proof")).unwrap();
    let run = verify(&home, &["--json", "all"]).expect(6);
    let expected = [
        pair("all/good.proof", "in_force"),
        pair("all/lost.proof", "FILE_UNUSABLE"),
    ];
    assert_eq!(said(&run), expected);
    assert_eq!(run.lines()[1]["exit_code"], 6);
}

#[test]
fn many_files_come_in_order_and_each_once() {
    let chain = Chain::fresh();
    let home = Home::new();
    home.write("root.json", chain.trust_root());
    let files = [chain.proof().encode(), chain.other_proof().encode()];
    for n in 0..1_500 {
        let mut file = files[n % 2].clone();
        if n % 100 == 7 {
            let last = file.len() - 1;
            file[last] ^= 1;
        }
        home.write(&format!("all/{n:04}.proof"), file);
    }
    let lines = verify(&home, &["--json", "all"]).expect(5).lines();
    assert_eq!(lines.len(), 1_500);
    for (n, line) in lines.iter().enumerate() {
        assert_eq!(line["subject"], format!("all/{n:04}.proof"));
        let expected = if n % 100 == 7 { "false" } else { "in_force" };
        assert_eq!(line["verdict"], expected, "{n}");
    }
}

#[test]
fn a_report_has_a_row_for_every_file_in_each_format() {
    let mut chain = Chain::fresh();
    let home = Home::new();
    home.write("root.json", chain.trust_root());
    let first = number(&chain.proof());
    home.write("all/=1+1.proof", chain.proof().encode());
    home.write("all/notes.txt", "none");
    home.write("all/reversed.proof", chain.reverse(10_000).encode());

    // In the very directory, twice: the report of the first call is no subject of the second.
    for _ in 0..2 {
        verify(&home, &["--report", "all/r.csv", "all"]).expect(9);
    }
    let csv = fs::read_to_string(home.path("all/r.csv")).unwrap();
    let csv = csv.strip_prefix('\u{feff}').unwrap();
    let rows: Vec<&str> = csv.split_terminator("\r\n").collect();
    assert_eq!(rows.len(), 4, "{csv}");
    assert!(
        rows[0].starts_with("file,verdict,exit_code,reason,"),
        "{csv}"
    );
    assert!(
        rows[1].starts_with("all/=1+1.proof,in_force,0,GENUINE,"),
        "{csv}"
    );
    assert!(
        rows[1].contains(&format!(",{first},1,武汉市江岸区示例餐饮店,")),
        "{csv}"
    );
    assert!(rows[1].contains(",100.00,6.00,106.00,"), "{csv}");
    assert!(
        rows[2].starts_with("all/notes.txt,,6,NO_PROOF_INSIDE,"),
        "{csv}"
    );
    assert!(
        rows[3].contains(&format!(",{RED},2026-11-21T10:00:00+08:00,")),
        "{csv}"
    );
    fs::remove_file(home.path("all/r.csv")).unwrap();

    let run = verify(&home, &["--json", "--report", "r.json", "all"]).expect(9);
    let report: Value = serde_json::from_slice(&fs::read(home.path("r.json")).unwrap()).unwrap();
    assert_eq!(report, Value::Array(run.lines()));

    verify(&home, &["--lang=zh", "--report", "r.xlsx", "all"]).expect(9);
    assert!(
        fs::read(home.path("r.xlsx"))
            .unwrap()
            .starts_with(b"PK\x03\x04")
    );

    verify(&home, &["--report", "r.doc", "all"]).expect(2);
    let lost = verify(&home, &["--report", "nowhere/r.csv", "all"]);
    assert_eq!(lost.code, 1, "{lost:?}");
    // A name of a file that a spreadsheet would run.
    home.write("=1+1.proof", chain.proof().encode());
    home.run(&[
        "verify",
        "=1+1.proof",
        "--trust=root.json",
        "--report=q.csv",
    ])
    .expect(9);
    let csv = fs::read_to_string(home.path("q.csv")).unwrap();
    assert!(csv.contains("\r\n\"'=1+1.proof\","), "{csv}");
}

/// A PDF with these bytes as a stream of its own.
fn pdf(stream: &[u8]) -> Vec<u8> {
    let mut pdf = b"%PDF-1.7\n1 0 obj\n<< /Type /EmbeddedFile >>\nstream\n".to_vec();
    pdf.extend(stream);
    pdf.extend(b"\nendstream\nendobj\n%%EOF\n");
    pdf
}

#[test]
fn a_pdf_is_judged_by_the_proof_it_carries() {
    let mut chain = Chain::fresh();
    let home = Home::new();
    home.write("root.json", chain.trust_root());
    home.write("a.pdf", pdf(&chain.proof().encode()));
    let json = verify(&home, &["--json", "a.pdf"]).expect(0).json();
    assert_eq!(json["subject"], "a.pdf");
    assert_eq!(json["number"], number(&chain.proof()));
    home.run(&["proof", "inspect", "a.pdf"]).expect(0);

    home.write("b.pdf", pdf(&chain.reverse(10_000).encode()));
    verify(&home, &["b.pdf"]).expect(9);
    let mut forged = chain.proof().encode();
    let last = forged.len() - 1;
    forged[last] ^= 1;
    home.write("c.pdf", pdf(&forged));
    verify(&home, &["c.pdf"]).expect(5);

    home.write("none.pdf", pdf(b"BT (invoice) Tj ET"));
    let run = verify(&home, &["--json", "none.pdf"]).expect(6);
    assert_eq!(run.json()["code"], "NO_PROOF_INSIDE");
    assert!(
        run.stderr.contains("no proof in this file"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("ask the seller"), "{}", run.stderr);
    let mut two = pdf(&chain.proof().encode());
    two.extend(pdf(&chain.other_proof().encode()));
    home.write("two.pdf", two);
    let run = verify(&home, &["--json", "two.pdf"]).expect(6);
    assert_eq!(run.json()["code"], "SEVERAL_PROOFS");

    // In a directory each is found.
    fs::create_dir(home.path("all")).unwrap();
    for name in ["a.pdf", "b.pdf", "none.pdf"] {
        fs::rename(home.path(name), home.path(&format!("all/{name}"))).unwrap();
    }
    let expected = [
        pair("all/a.pdf", "in_force"),
        pair("all/b.pdf", "not_in_force"),
        pair("all/none.pdf", "NO_PROOF_INSIDE"),
    ];
    assert_eq!(said(&verify(&home, &["--json", "all"]).expect(9)), expected);
}
