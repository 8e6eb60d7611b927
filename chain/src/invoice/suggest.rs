//! Taking what the desk suggests.
//!
//! Guards: a suggestion stands at a JSON pointer of the draft and nothing else is touched. What has
//! no suggestion stays for the merchant: check characters, unknown codes, missing texts.

use super::draft::{Draft, DraftLine};
use crate::fault::Fault;

/// How often a draft has to be checked and repaired again at most: a line must be right before
/// sums over lines can be, and a sum before its capitals.
pub const SUGGESTION_ROUNDS_MAX: usize = 6;

/// The draft with every suggestion at its place. An empty suggestion leaves a member out.
/// Suggestions for anything that is not a text of the draft are passed over.
#[must_use]
pub fn apply_suggestions(draft: &Draft, faults: &[Fault]) -> Draft {
    let mut repaired = draft.clone();
    for fault in faults {
        let (Some(pointer), Some(suggested)) = (&fault.pointer, &fault.suggested) else {
            continue;
        };
        if let Some(member) = member(&mut repaired, pointer) {
            *member = Some(suggested.clone()).filter(|text| !text.is_empty());
        }
    }
    repaired
}

/// The text at a pointer; objects above it are made.
fn member<'a>(draft: &'a mut Draft, pointer: &str) -> Option<&'a mut Option<String>> {
    let mut names = pointer.strip_prefix('/')?.split('/');
    let (first, second, third) = (names.next()?, names.next(), names.next());
    if names.next().is_some() {
        return None;
    }
    match (first, second, third) {
        ("lines", Some(index), Some(name)) => {
            let index: usize = index.parse().ok()?;
            of_line(draft.lines.get_mut(index)?, name)
        }
        (_, _, Some(_)) => None,
        (object, Some(name), None) => of_object(draft, object, name),
        (name, None, None) => of_head(draft, name),
    }
}

/// A text of the head.
fn of_head<'a>(draft: &'a mut Draft, name: &str) -> Option<&'a mut Option<String>> {
    Some(match name {
        "kind" => &mut draft.kind,
        "order_ref" => &mut draft.order_ref,
        "issued_at" => &mut draft.issued_at,
        "order_part" => &mut draft.order_part,
        "client_ref" => &mut draft.client_ref,
        "remark" => &mut draft.remark,
        "issuer" => &mut draft.issuer,
        "currency" => &mut draft.currency,
        "waive_1pct_reason" => &mut draft.waive_1pct_reason,
        "bank" => &mut draft.bank,
        "bank_account" => &mut draft.bank_account,
        "drawer" => &mut draft.drawer,
        "payee" => &mut draft.payee,
        "reviewer" => &mut draft.reviewer,
        _ => return None,
    })
}

/// A text of the seller, the buyer, the totals or the delivery.
fn of_object<'a>(draft: &'a mut Draft, object: &str, name: &str) -> Option<&'a mut Option<String>> {
    match object {
        "seller" => {
            let seller = draft.seller.get_or_insert_default();
            Some(match name {
                "tax_id" => &mut seller.tax_id,
                "name" => &mut seller.name,
                "id_scheme" => &mut seller.id_scheme,
                _ => return None,
            })
        }
        "buyer" => of_buyer(draft, name),
        "totals" => {
            let totals = draft.totals.get_or_insert_default();
            Some(match name {
                "amount" => &mut totals.amount,
                "tax" => &mut totals.tax,
                "gross" => &mut totals.gross,
                "gross_capital" => &mut totals.gross_capital,
                _ => return None,
            })
        }
        "delivery" => {
            let delivery = draft.delivery.get_or_insert_default();
            Some(match name {
                "email" => &mut delivery.email,
                "phone" => &mut delivery.phone,
                _ => return None,
            })
        }
        _ => None,
    }
}

/// A text of the buyer.
fn of_buyer<'a>(draft: &'a mut Draft, name: &str) -> Option<&'a mut Option<String>> {
    let buyer = draft.buyer.get_or_insert_default();
    Some(match name {
        "type" => &mut buyer.buyer_type,
        "name" => &mut buyer.name,
        "tax_id" => &mut buyer.tax_id,
        "id_scheme" => &mut buyer.id_scheme,
        "phone" => &mut buyer.phone,
        "email" => &mut buyer.email,
        "address" => &mut buyer.address,
        "bank" => &mut buyer.bank,
        "bank_account" => &mut buyer.bank_account,
        "id_type" => &mut buyer.id_type,
        "id_number" => &mut buyer.id_number,
        _ => return None,
    })
}

/// A text of a line.
fn of_line<'a>(line: &'a mut DraftLine, name: &str) -> Option<&'a mut Option<String>> {
    Some(match name {
        "name" => &mut line.name,
        "class_code" => &mut line.class_code,
        "spec" => &mut line.spec,
        "unit" => &mut line.unit,
        "quantity" => &mut line.quantity,
        "unit_price" => &mut line.unit_price,
        "amount" => &mut line.amount,
        "gross" => &mut line.gross,
        "rate" => &mut line.rate,
        "tax" => &mut line.tax,
        "deduction" => &mut line.deduction,
        "zero_rate_kind" => &mut line.zero_rate_kind,
        "preference" => &mut line.preference,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::FailureCode;

    fn fault(pointer: &str, suggested: &str) -> Fault {
        Fault::at(FailureCode::AmountScale, pointer).suggested(suggested)
    }

    #[test]
    fn a_suggestion_goes_to_its_pointer_and_an_empty_one_takes_a_member_away() {
        let draft = Draft {
            lines: vec![DraftLine {
                preference: Some("19".to_owned()),
                ..DraftLine::default()
            }],
            ..Draft::default()
        };
        let faults = [
            fault("/totals/tax", "6.00"),
            fault("/lines/0/preference", ""),
            fault("/lines/0/tax", "6.00"),
            fault("/buyer/tax_id", "91420100MAXH4XGP0H"),
            fault("/kind", "general"),
        ];
        let repaired = apply_suggestions(&draft, &faults);
        assert_eq!(repaired.totals.unwrap().tax.as_deref(), Some("6.00"));
        assert_eq!(repaired.lines[0].preference, None);
        assert_eq!(repaired.lines[0].tax.as_deref(), Some("6.00"));
        let buyer = repaired.buyer.unwrap();
        assert_eq!(buyer.tax_id.as_deref(), Some("91420100MAXH4XGP0H"));
        assert_eq!(repaired.kind.as_deref(), Some("general"));
    }

    #[test]
    fn what_is_no_member_of_the_draft_changes_nothing() {
        let draft = Draft::default();
        for pointer in [
            "",
            "/",
            "kind",
            "/lines",
            "/lines/0",
            "/lines/0/tax",
            "/lines/x/tax",
            "/totals",
            "/buyer/tax_id/x",
            "/kindd",
        ] {
            let same = apply_suggestions(&draft, &[fault(pointer, "x")]);
            assert!(same == draft, "{pointer}");
        }
    }
}
