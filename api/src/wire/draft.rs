//! The draft a merchant sends, read strictly.
//!
//! Guards: the whole body is understood or refused: a typing error in a member's name never loses
//! a tax fact in silence. All faults of reading are found in one pass; see `crate::members` for
//! what each wrong type is called.

use piao_chain::fault::{Fault, sort_catalogue_order};
use piao_chain::invoice::{
    Draft, DraftBusiness, DraftBuyer, DraftDelivery, DraftLine, DraftSeller, DraftSpecial,
    DraftTotals, ElementValue,
};

use crate::limits::FAULTS_MAX;
use crate::members::Members;
use crate::strict_json::{self, Json};

#[cfg(feature = "server")]
pub use super::draft_schema::InvoiceDraft;

/// Reads a body into a draft, with the faults found on the way: unknown members and wrong types.
///
/// # Errors
/// [`piao_chain::failure::FailureCode::BodyMalformed`] if the body is no object at all.
pub fn read(body: Json) -> Result<(Draft, Vec<Fault>), Box<Fault>> {
    let mut faults = Vec::new();
    let mut members = Members::open(body, &mut faults)?;
    let draft = draft(&mut members);
    members.finish();
    Ok((draft, faults))
}

/// Reads the bytes of a body; see [`read`].
///
/// # Errors
/// [`piao_chain::failure::FailureCode::BodyMalformed`], also for broken JSON.
pub fn read_bytes(body: &[u8]) -> Result<(Draft, Vec<Fault>), Box<Fault>> {
    read(strict_json::read(body)?)
}

/// Joins the faults of reading with those of the rules, in catalogue order.
///
/// A member that could not be read counts as absent for the rules: what they say of it, or of what
/// stands below it, would only repeat that.
pub fn join_faults(reading: Vec<Fault>, rules: &mut Vec<Fault>) {
    let unreadable = |pointer: &str| {
        reading
            .iter()
            .filter_map(|fault| fault.pointer.as_deref())
            .any(|read| {
                pointer
                    .strip_prefix(read)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
    };
    rules.retain(|fault| !fault.pointer.as_deref().is_some_and(unreadable));
    rules.extend(reading);
    sort_catalogue_order(rules);
    rules.truncate(FAULTS_MAX);
}

fn draft(members: &mut Members<'_>) -> Draft {
    Draft {
        kind: members.text("kind"),
        order_ref: members.text("order_ref"),
        issued_at: members.text("issued_at"),
        seller: members.object("seller", seller),
        buyer: members.object("buyer", buyer),
        lines: members.objects("lines", line),
        totals: members.object("totals", totals),
        payment_refs: members.texts("payment_refs"),
        order_part: members.text("order_part"),
        client_ref: members.text("client_ref"),
        remark: members.text("remark"),
        issuer: members.text("issuer"),
        delivery: members.object("delivery", delivery),
        currency: members.text("currency"),
        waive_1pct_reason: members.text("waive_1pct_reason"),
        bank: members.text("bank"),
        bank_account: members.text("bank_account"),
        drawer: members.text("drawer"),
        payee: members.text("payee"),
        reviewer: members.text("reviewer"),
        tags: members.texts("tags"),
        special: members.text_or_object("special", DraftSpecial::Text, |members| {
            DraftSpecial::Business(business(members))
        }),
    }
}

fn business(members: &mut Members<'_>) -> DraftBusiness {
    DraftBusiness {
        business: members.text("business"),
        elements: members
            .object("elements", |members| {
                members.texts_and_flags(ElementValue::Text, ElementValue::Flag)
            })
            .unwrap_or_default(),
    }
}

fn seller(members: &mut Members<'_>) -> DraftSeller {
    DraftSeller {
        tax_id: members.text("tax_id"),
        name: members.text("name"),
        id_scheme: members.text("id_scheme"),
    }
}

fn buyer(members: &mut Members<'_>) -> DraftBuyer {
    DraftBuyer {
        buyer_type: members.text("type"),
        name: members.text("name"),
        tax_id: members.text("tax_id"),
        id_scheme: members.text("id_scheme"),
        phone: members.text("phone"),
        email: members.text("email"),
        address: members.text("address"),
        bank: members.text("bank"),
        bank_account: members.text("bank_account"),
        id_type: members.text("id_type"),
        id_number: members.text("id_number"),
    }
}

fn line(members: &mut Members<'_>) -> DraftLine {
    DraftLine {
        name: members.text("name"),
        class_code: members.text("class_code"),
        spec: members.text("spec"),
        unit: members.text("unit"),
        quantity: members.text("quantity"),
        unit_price: members.text("unit_price"),
        amount: members.money("amount"),
        gross: members.money("gross"),
        rate: members.text("rate"),
        tax: members.money("tax"),
        deduction: members.money("deduction"),
        zero_rate_kind: members.text("zero_rate_kind"),
        preference: members.text("preference"),
        discount: members.flag("discount"),
    }
}

fn totals(members: &mut Members<'_>) -> DraftTotals {
    DraftTotals {
        amount: members.money("amount"),
        tax: members.money("tax"),
        gross: members.money("gross"),
        gross_capital: members.text("gross_capital"),
    }
}

fn delivery(members: &mut Members<'_>) -> DraftDelivery {
    DraftDelivery {
        email: members.text("email"),
        phone: members.text("phone"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A draft with every member there is, so that none is forgotten on either side.
    const FULL: &str = include_str!("../../tests/full_draft.json");

    #[test]
    fn every_member_is_read_and_none_is_lost() {
        let (draft, faults) = read_bytes(FULL.as_bytes()).unwrap();
        assert_eq!(faults, []);
        let written = serde_json::to_value(&draft).unwrap();
        let given: serde_json::Value = serde_json::from_str(FULL).unwrap();
        assert_eq!(written, given);
    }

    #[test]
    fn a_special_business_is_read_with_its_elements() {
        let body = br#"{"special":{"business":"construction","elements":
            {"place":"x","cross_city":true,"project":null}}}"#;
        let (draft, faults) = read_bytes(body).unwrap();
        assert_eq!(faults, []);
        let Some(DraftSpecial::Business(given)) = draft.special else {
            panic!("no business")
        };
        assert_eq!(given.business.as_deref(), Some("construction"));
        let elements: Vec<_> = given.elements.into_iter().collect();
        let expected = [
            ("cross_city".to_owned(), ElementValue::Flag(true)),
            ("place".to_owned(), ElementValue::Text("x".to_owned())),
        ];
        assert!(elements == expected);
    }

    #[test]
    fn a_special_business_of_other_types_is_refused_member_by_member() {
        let body = br#"{"special":{"busines":"oil","elements":{"place":1,"to":["x"]}}}"#;
        let (_, faults) = read_bytes(body).unwrap();
        let found: Vec<_> = faults
            .iter()
            .map(|fault| {
                (
                    fault.code.code(),
                    fault.pointer.as_deref().unwrap_or_default(),
                )
            })
            .collect();
        let expected = [
            ("E1111", "/special/elements/place"),
            ("E1111", "/special/elements/to"),
            ("E1104", "/special/busines"),
        ];
        assert_eq!(found, expected);
        let (draft, faults) = read_bytes(br#"{"special":7}"#).unwrap();
        assert!(draft.special.is_none());
        assert_eq!(faults[0].pointer.as_deref(), Some("/special"));
        let (draft, faults) = read_bytes(br#"{"special":null}"#).unwrap();
        assert!(draft.special.is_none() && faults.is_empty());
    }

    #[test]
    fn absent_and_null_members_are_the_same() {
        let (absent, _) = read_bytes(b"{}").unwrap();
        let (null, faults) = read_bytes(br#"{"kind":null,"lines":null,"seller":null}"#).unwrap();
        assert_eq!(faults, []);
        assert_eq!(absent, null);
        assert_eq!(absent, Draft::default());
    }

    #[test]
    fn unknown_members_and_wrong_types_are_all_reported() {
        let body = br#"{"kindd":"general","kind":1,"buyer":{"nam":"x"},
            "lines":[{"amount":100,"rate":0.06,"discount":"no"},"x"],"totals":{"gross":1e2}}"#;
        let (_, faults) = read_bytes(body).unwrap();
        let found: Vec<_> = faults
            .iter()
            .map(|fault| {
                let pointer = fault.pointer.as_deref().unwrap_or_default();
                (fault.code.code(), pointer, fault.suggested.as_deref())
            })
            .collect();
        let expected = [
            ("E1111", "/kind", Some("1")),
            ("E1104", "/buyer/nam", None),
            ("E1201", "/lines/0/amount", Some("100.00")),
            ("E1111", "/lines/0/rate", Some("0.06")),
            ("E1111", "/lines/0/discount", None),
            ("E1111", "/lines/1", None),
            ("E1201", "/totals/gross", None),
            ("E1104", "/kindd", None),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_body_that_is_no_object_is_refused() {
        assert!(read_bytes(b"[]").is_err());
        assert!(read_bytes(b"null").is_err());
        assert!(read_bytes(br#"{"kind":"a","kind":"b"}"#).is_err());
    }
}
