//! A document, field by field.

use piao_chain::codec;
use piao_chain::document::{Document, Field, ViewSecret, buyer_commitment};
use piao_chain::transaction::{idem_of, order_key, order_key_without_ref};
use serde_json::{Value, json};

use crate::golden::hexed;
use crate::oracle;

const SEED: [u8; 32] = [3; 32];
const SECRET: [u8; 32] = [9; 32];

fn fields(count: u16) -> Vec<Field> {
    let field = |id, line, text: &str| Field {
        id,
        line,
        value: text.into(),
    };
    let mut fields = vec![
        field(1, 0, "2026-11-21T10:00:00+08:00"),
        field(6, 0, "开票人"),
        field(20, 0, "上海样例餐饮有限公司"),
    ];
    fields.extend((1..).take(usize::from(count - 3)).map(|line| {
        let name = format!("*生产生活服务*餐费 {line}");
        field(100, line, &name)
    }));
    fields
}

fn one(count: u16) -> Value {
    let fields = fields(count);
    let (leaves, root) = oracle::document(&SEED, &fields);
    let document = Document::new(SEED, fields.clone()).unwrap();
    assert_eq!(document.root(), root);
    let rows: Vec<Value> = fields
        .iter()
        .map(|field| {
            let shown = document.disclose(field.id, field.line).unwrap();
            assert!(shown.is_under(&root, document.field_count()));
            json!({
                "id": field.id,
                "line": field.line,
                "value": hexed(&field.value),
                "salt": hexed(shown.salt),
                "disclosed": hexed(codec::encode(&shown)),
            })
        })
        .collect();
    json!({
        "seed": hexed(SEED),
        "field_count": document.field_count(),
        "fields": rows,
        "leaves_with_decoys": leaves.iter().map(hexed).collect::<Vec<_>>(),
        "root": hexed(root),
    })
}

fn buyers() -> Vec<Value> {
    [
        (0_u8, ""),
        (1, "11010519491231002X01"),
        (201, "110105194912310021"),
    ]
    .into_iter()
    .map(|(id_type, id)| {
        let salt = oracle::h("buyer-salt", &[&SEED]);
        let length = u32::try_from(id.len()).unwrap().to_be_bytes();
        let expected = oracle::h("buyer", &[&salt[..16], &[id_type], &length, id.as_bytes()]);
        assert_eq!(buyer_commitment(&SEED, id_type, id.as_bytes()), expected);
        json!({
            "seed": hexed(SEED),
            "id_type": id_type,
            "id": id,
            "commitment": hexed(expected),
        })
    })
    .collect()
}

/// SPEC 8.6.
fn links() -> Vec<Value> {
    ["26427000000000000001", "26427000000000000002"]
        .into_iter()
        .map(|number| {
            let expected = oracle::h("view-secret", &[&SEED, number.as_bytes()]);
            let secret = ViewSecret::of(&SEED, &number.parse().unwrap());
            let digest = oracle::h("view", &[&expected[..16]]);
            assert_eq!(secret.digest(), digest);
            json!({
                "seed": hexed(SEED),
                "number": number,
                "secret": secret.text(),
                "digest": hexed(digest),
            })
        })
        .collect()
}

/// SPEC 8, and the private names of SPEC 4.2.4.
pub(crate) fn documents() -> Value {
    let idem = idem_of(&SECRET, "POS-7-000123", 0);
    json!({
        "documents": [one(3), one(8), one(11)],
        "sealed_buyers": buyers(),
        "links": links(),
        "names": {
            "merchant_secret": hexed(SECRET),
            "idem_of_POS-7-000123_attempt_0": hexed(idem),
            "order_key_of_order_POS-7-000123": hexed(order_key(&SECRET, "POS-7-000123", "")),
            "order_key_of_part_2": hexed(order_key(&SECRET, "POS-7-000123", "2")),
            "order_key_without_order": hexed(order_key_without_ref(&SECRET, &idem)),
        },
    })
}
