//! Drafts as they come over HTTP: strict JSON, the draft, the desk's verdict.

use piao_api::limits::FAULTS_MAX;
use piao_api::strict_json;
use piao_api::wire::draft::read_bytes;
use piao_chain::document::{Document, Field, buyer_commitment};
use piao_chain::fault::{Fault, sort_catalogue_order};
use piao_chain::invoice::{
    BuyerIdentity, Draft, DraftTotals, Preflight, Prepared, SUGGESTION_ROUNDS_MAX,
    apply_suggestions, preflight, sample,
};
use piao_chain::signature::SecretKey;
use piao_chain::tax::Buyer;
use piao_chain::testing::{key, sample_invoice};
use piao_chain::transaction::{
    IssueInvoice, Payload, SUITE, SignedTransaction, TransactionBody, VERSION,
};

use crate::net::TIP;
use crate::{Seeds, Target};

pub(crate) const TARGET: Target = Target {
    name: "draft",
    run,
    seeds,
    bytes_max: 8192,
};

/// Every member there is.
const FULL: &str = include_str!("../../../api/tests/full_draft.json");

fn run(bytes: &[u8]) {
    let strict = strict_json::read(bytes);
    if strict.is_ok() {
        let lenient: Result<serde::de::IgnoredAny, _> = serde_json::from_slice(bytes);
        assert!(lenient.is_ok(), "accepted what is no JSON");
    }
    let Ok((draft, faults)) = read_bytes(bytes) else {
        return;
    };
    assert!(strict.is_ok(), "a draft of what is no strict JSON");
    assert!(faults.len() <= FAULTS_MAX);
    reads_back(&draft);
    let verdict = judged(&draft);
    let bound = VERDICT_BYTES + VERDICT_BYTES_PER_BYTE * bytes.len();
    let held = held(&verdict);
    assert!(held <= bound, "{held} bytes about {} bytes", bytes.len());
    mended(draft, verdict.faults);
}

/// What a verdict may hold, in bytes: so much on any draft, because of a few faults on each of 200
/// lines, and so much for each byte of the draft.
const VERDICT_BYTES: usize = 1 << 20;
const VERDICT_BYTES_PER_BYTE: usize = 16;

/// Bytes that a verdict keeps: its faults, and the invoice if there is one.
fn held(verdict: &Preflight) -> usize {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::capacity);
    let of_fault = |fault: &Fault| {
        let texts = [
            &fault.pointer,
            &fault.got,
            &fault.expected,
            &fault.tolerance,
            &fault.suggested,
        ];
        size_of::<Fault>() + texts.into_iter().map(text).sum::<usize>()
    };
    let faults: usize = verdict.faults.iter().map(of_fault).sum();
    let fields = verdict.prepared.as_ref().map(Prepared::fields);
    let fields = fields.unwrap_or_default();
    let fields: usize = fields.iter().map(|(_, _, value)| value.capacity()).sum();
    faults + fields
}

/// Taking suggestions ends: after a few rounds nothing changes any more, or a fault is left. No
/// line comes or goes, and of a tax id only the form changes.
fn mended(mut draft: Draft, mut faults: Vec<Fault>) {
    let desk = sample::desk();
    let (lines, id) = (draft.lines.len(), essence(&draft));
    for _ in 0..SUGGESTION_ROUNDS_MAX {
        draft = apply_suggestions(&draft, &faults);
        faults = preflight(&draft, &desk).faults;
    }
    assert_eq!(draft.lines.len(), lines, "a suggestion changed the lines");
    assert_eq!(essence(&draft), id, "a suggestion changed an id");
}

/// The letters and digits of the buyer's tax id, in capitals and half width.
fn essence(draft: &Draft) -> String {
    let id = draft
        .buyer
        .as_ref()
        .and_then(|buyer| buyer.tax_id.as_deref());
    let narrow = |c: char| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    };
    let plain = id.unwrap_or_default().chars().map(narrow);
    let plain = plain.filter(char::is_ascii_alphanumeric);
    plain.map(|c| c.to_ascii_uppercase()).collect()
}

/// What was understood, written down again, is understood in the same way and without a fault.
fn reads_back(draft: &Draft) {
    let written = serde_json::to_vec(draft).expect("a draft is texts and flags");
    let (read, faults) = read_bytes(&written).expect("what was written can be read");
    assert_eq!(faults, [], "a written draft has faults of reading");
    assert!(read == *draft, "a draft changed on the way");
}

fn judged(draft: &Draft) -> Preflight {
    let desk = sample::desk();
    let verdict = preflight(draft, &desk);
    assert_eq!(verdict.prepared.is_some(), verdict.faults.is_empty());
    let mut sorted = verdict.faults.clone();
    sort_catalogue_order(&mut sorted);
    assert_eq!(sorted, verdict.faults, "faults out of order");
    assert!(
        preflight(draft, &desk) == verdict,
        "another verdict on the same draft"
    );
    if let Some(prepared) = &verdict.prepared {
        composed(prepared);
    }
    verdict
}

/// Whatever passes the desk becomes a document and a transaction that every validator admits.
fn composed(prepared: &Prepared) {
    let fields = prepared.fields().into_iter();
    let fields = fields.map(|(id, line, value)| Field { id, line, value });
    let document =
        Document::new([3; 32], fields.collect()).expect("what passed the desk is a document");
    let buyer = match prepared.buyer_identity() {
        BuyerIdentity::Clear(uscc) => Buyer::Clear { uscc: *uscc },
        BuyerIdentity::Private { class, id_type, id } => Buyer::Sealed {
            commitment: buyer_commitment(&[3; 32], *id_type, id),
            class: class.number(),
        },
    };
    let invoice = IssueInvoice {
        facts: prepared.facts(buyer),
        doc_root: document.root(),
        field_count: document.field_count(),
        ..sample_invoice("draft")
    };
    let merchant = key("merchant 1");
    let transaction = signed(invoice, &merchant);
    let chain_id = TIP.genesis.chain_id();
    assert_eq!(
        transaction.check(&chain_id),
        Ok(()),
        "the desk passed what no block may hold"
    );
    let bytes = transaction.encode();
    if bytes.len() <= piao_chain::limits::TX_BYTES_MAX {
        assert_eq!(SignedTransaction::decode(&bytes).as_ref(), Ok(&transaction));
    }
}

fn signed(invoice: IssueInvoice, merchant: &SecretKey) -> SignedTransaction {
    let body = TransactionBody {
        version: VERSION,
        suite: SUITE,
        chain_id: TIP.genesis.chain_id(),
        account: 1,
        signers: vec![merchant.public_key().id()],
        idem: [7; 16],
        valid_until_ms: sample::NOW_MS + 600_000,
        fee_max_fen: 100,
        flags: 0,
        payload: Payload::IssueInvoice(Box::new(invoice)),
    };
    SignedTransaction::sign(body, &[merchant]).expect("the body names this signer")
}

fn seeds() -> Seeds {
    let written = |draft: &Draft| serde_json::to_vec(draft).expect("a draft is texts and flags");
    let plain = sample::draft();
    let mut discounted = plain.clone();
    discounted.lines.push(sample::discount_line());
    let mut person = plain.clone();
    if let Some(buyer) = &mut person.buyer {
        buyer.buyer_type = Some("individual".to_owned());
        buyer.tax_id = None;
    }
    let mut damaged = discounted.clone();
    damaged.lines[0].amount = Some("￥1,00.0".to_owned());
    damaged.lines[0].rate = Some("６%".to_owned());
    damaged.lines[0].preference = Some("03".to_owned());
    damaged.lines[1].unit = Some("次".to_owned());
    damaged.totals = Some(DraftTotals {
        tax: Some("9999999999999999999999999999999999999999".to_owned()),
        gross: Some("1e2".to_owned()),
        gross_capital: Some("NaN".to_owned()),
        ..DraftTotals::default()
    });
    let wrong = br#"{"kind":1,"kindd":"x","lines":[{"amount":100,"rate":0.06,"discount":"no"},"x"],"totals":{"gross":1e2},"tags":[1,null,"\ud83d\ude00"]}"#;
    vec![
        ("plain", written(&plain)),
        ("discounted", written(&discounted)),
        ("person", written(&person)),
        ("damaged", written(&damaged)),
        ("full", FULL.as_bytes().to_vec()),
        ("every-type-wrong", wrong.to_vec()),
        ("nested", b"{\"lines\":[[[[{\"a\":[[[[]]]]}]]]]}".to_vec()),
    ]
}
