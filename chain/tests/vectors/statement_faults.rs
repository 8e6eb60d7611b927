//! Statements that are wrong in one way each.

use piao_chain::digest::InvoiceId;
use piao_chain::proof::SlotProof;
use piao_chain::proof::statement::{
    AbsenceProof, Anchor, CompletenessProof, IssuedAnchor, ListedInvoice,
};
use piao_chain::state::{Slot, SlotKind, SlotTree};
use piao_chain::testing::TestNet;

use crate::statements::{Cases, FIRST, NEXT, NOW_MS, OF_ANOTHER_REGION, number};

/// Every one of them.
pub(crate) fn all(cases: &mut Cases) {
    wrong_absences(cases);
    wrong_places(cases);
    wrong_lists(cases);
    wrong_ends(cases);
    wrong_issued_ends(cases);
    files(cases);
    signers(cases);
}

fn wrong_absences(cases: &mut Cases) {
    cases.absent("an issued number", FIRST, "NUMBER_ISSUED", |_, _| ());
    cases.absent(
        "an issued number, unshown",
        FIRST,
        "ABSENCE_INVALID",
        |_, proof| {
            proof.instead = None;
        },
    );
    cases.absent(
        "a taken place, unshown",
        OF_ANOTHER_REGION,
        "ABSENCE_INVALID",
        |_, proof| {
            proof.instead = None;
        },
    );
    cases.absent(
        "shown beside the point",
        NEXT,
        "ABSENCE_INVALID",
        |net, proof| {
            proof.instead = net.absence(number(OF_ANOTHER_REGION)).unwrap().instead;
        },
    );
    cases.absent(
        "another place's invoice",
        FIRST,
        "ABSENCE_INVALID",
        |net, proof| {
            proof.instead = net.absence(number("26437000000000000003")).unwrap().instead;
        },
    );
    cases.absent("a lower count", FIRST, "ABSENCE_INVALID", |_, proof| {
        proof.totals.totals.issued_count = 0;
        proof.instead = None;
    });
    let other_slot = |kind, index: u64| {
        move |net: &TestNet, proof: &mut AbsenceProof| {
            let slot = Slot::new(kind, index).unwrap();
            proof.totals.path = SlotProof::of(&net.tree, slot);
            proof.instead = None;
        }
    };
    let (invoice, counter) = (SlotKind::Invoice, SlotKind::Counter);
    cases.absent(
        "another slot's empty proof",
        FIRST,
        "ABSENCE_INVALID",
        other_slot(invoice, 2),
    );
    cases.absent(
        "an account's count",
        NEXT,
        "ABSENCE_INVALID",
        other_slot(counter, 1),
    );
    cases.absent("a sibling too few", NEXT, "ABSENCE_INVALID", |_, proof| {
        proof.totals.path.siblings.pop();
    });
    cases.absent("an older state", NEXT, "ABSENCE_INVALID", |net, proof| {
        let tree = SlotTree::build(net.state.leaves().take(3));
        proof.totals.path = SlotProof::of(&tree, Slot::TOTALS);
    });
}

fn wrong_places(cases: &mut Cases) {
    cases.absent(
        "a path too long",
        OF_ANOTHER_REGION,
        "INCLUSION_INVALID",
        |_, proof| {
            proof.instead.as_mut().unwrap().place.path.push([1; 32]);
        },
    );
    cases.absent(
        "a history path too short",
        OF_ANOTHER_REGION,
        "HISTORY_INVALID",
        |_, proof| {
            let block = proof.instead.as_mut().unwrap().place.block.as_mut();
            block.unwrap().history_path.pop();
        },
    );
    cases.absent(
        "an outcome of another number",
        FIRST,
        "INCLUSION_INVALID",
        |_, proof| {
            let place = &mut proof.instead.as_mut().unwrap().place;
            place.outcome.effects[0].number = number(OF_ANOTHER_REGION);
        },
    );
    cases.absent(
        "a refusal instead",
        OF_ANOTHER_REGION,
        "INCLUSION_INVALID",
        |_, proof| {
            proof.instead.as_mut().unwrap().place.outcome.code = 1407;
        },
    );
    cases.absent(
        "a block of another network",
        OF_ANOTHER_REGION,
        "OTHER_CHAIN",
        |_, proof| {
            let block = proof.instead.as_mut().unwrap().place.block.as_mut();
            block.unwrap().header.chain_id.0[0] ^= 1;
        },
    );
}

fn wrong_lists(cases: &mut Cases) {
    let wrong = "LIST_INVALID";
    cases.complete("one missing", (1, None), wrong, |_, proof| {
        proof.listed.remove(2);
    });
    cases.complete("the first missing", (1, None), wrong, |_, proof| {
        proof.listed.remove(0);
        proof.from = 2;
    });
    cases.complete("the last missing", (1, None), wrong, |_, proof| {
        proof.listed.pop();
    });
    cases.complete("one more", (1, None), wrong, |_, proof| {
        let last = *proof.listed.last().unwrap();
        proof.listed.push(last);
    });
    cases.complete("two in another order", (1, None), wrong, |_, proof| {
        proof.listed.swap(0, 1);
    });
    cases.complete("another part", (1, None), wrong, |_, proof| {
        proof.listed[4].part = 0;
    });
    cases.complete("another number", (1, None), wrong, |_, proof| {
        proof.listed[1].number = number(NEXT);
    });
    cases.complete("a number beyond all slots", (1, None), wrong, |_, proof| {
        proof.listed[1].number = number("26427999999999999999");
    });
    cases.complete("another counter", (1, None), wrong, |_, proof| {
        proof.from = 2;
    });
    cases.complete("a beginning in the middle", (2, None), wrong, |_, proof| {
        (proof.from, proof.before, proof.first) = (1, InvoiceId::NONE, None);
    });
    cases.complete("a false beginning", (2, None), wrong, |_, proof| {
        proof.before = InvoiceId([7; 32]);
    });
    cases.complete("no beginning", (2, None), wrong, |_, proof| {
        proof.before = InvoiceId::NONE;
    });
    cases.complete(
        "a first one where all begins",
        (1, None),
        wrong,
        |net, proof| {
            proof.first = net.completeness(1, 2, None).unwrap().first;
        },
    );
    cases.complete("a first one of none", (6, None), wrong, |net, proof| {
        proof.first = net.completeness(1, 2, None).unwrap().first;
    });
    cases.complete(
        "the first one elsewhere",
        (2, None),
        "INCLUSION_INVALID",
        |net, proof| {
            proof.first = net.completeness(1, 3, None).unwrap().first;
        },
    );
}

fn wrong_ends(cases: &mut Cases) {
    cases.complete(
        "another account",
        (1, None),
        "ACCOUNT_INVALID",
        |_, proof| {
            proof.account = 2;
        },
    );
    cases.complete(
        "a lower counter",
        (1, Some(4)),
        "ACCOUNT_INVALID",
        |net, proof| {
            proof.anchor = net.completeness(1, 1, None).unwrap().anchor;
            if let Anchor::Account(account) = &mut proof.anchor {
                account.account.counter = 4;
            }
        },
    );
    cases.complete(
        "another account's end",
        (1, None),
        "ACCOUNT_INVALID",
        |net, proof| {
            proof.anchor = net.completeness(2, 1, None).unwrap().anchor;
        },
    );
    cases.complete(
        "an end too early",
        (1, None),
        "LIST_INVALID",
        |net, proof| {
            proof.anchor = net.completeness(1, 1, Some(4)).unwrap().anchor;
        },
    );
}

fn wrong_issued_ends(cases: &mut Cases) {
    let end = |change: fn(&mut IssuedAnchor)| {
        move |_: &TestNet, proof: &mut CompletenessProof| {
            if let Anchor::Issued(end) = &mut proof.anchor {
                change(end);
            }
        }
    };
    let range = (2, Some(4));
    cases.complete(
        "an end of another account",
        range,
        "ACCOUNT_INVALID",
        |_, proof| {
            proof.account = 2;
        },
    );
    let name = "an end whose sender is changed";
    cases.complete(
        name,
        range,
        "INCLUSION_INVALID",
        end(|end| end.body[37] ^= 3),
    );
    let name = "the other invoice of the end";
    cases.complete(name, range, "LIST_INVALID", end(|end| end.part = 1));
    let name = "no invoice of the end";
    cases.complete(name, range, "ACCOUNT_INVALID", end(|end| end.part = 2));
    let name = "an end with other signatures";
    cases.complete(
        name,
        range,
        "INCLUSION_INVALID",
        end(|end| {
            end.place.signatures_digest[0] ^= 1;
        }),
    );
    let name = "an end outside of the history";
    cases.complete(
        name,
        range,
        "HISTORY_INVALID",
        end(|end| {
            end.place.block.as_mut().unwrap().header.time_ms += 1;
        }),
    );
    let name = "an end that is no transaction";
    cases.complete(
        name,
        range,
        "MALFORMED_PROOF",
        end(|end| {
            end.body.pop();
        }),
    );
}

/// Frames, records and who signed.
fn files(cases: &mut Cases) {
    let broken = "MALFORMED_PROOF";
    cases.complete("a counter of nought", (1, None), broken, |_, proof| {
        proof.from = 0;
    });
    cases.complete("counters beyond all", (1, None), broken, |_, proof| {
        proof.from = u64::MAX;
    });
    let highest = |_: &TestNet, proof: &mut CompletenessProof| proof.from = u64::MAX;
    cases.complete("the highest counter", (2, Some(2)), "LIST_INVALID", highest);
    cases.complete("a list too long", (1, None), broken, |_, proof| {
        let one = ListedInvoice { ..proof.listed[0] };
        proof.listed = vec![one; piao_chain::limits::LISTED_MAX + 1];
    });
    let list = cases.net.completeness(1, 2, Some(4)).unwrap();
    let absence = cases.net.absence(number(NEXT)).unwrap();
    let (whole, short) = (list.encode(), absence.encode());
    let with = |bytes: &[u8], at: usize, value: u8| {
        let mut changed = bytes.to_vec();
        changed[at] = value;
        changed
    };
    let both = {
        let all = cases.net.completeness(1, 2, None).unwrap().encode();
        spliced(&whole, &all, 21)
    };
    cases.judged("two ends", &both, broken, NOW_MS);
    cases.judged("no end", &without(&whole, 22), broken, NOW_MS);
    cases.judged("no list", &without(&whole, 20), broken, NOW_MS);
    cases.judged("no count", &without(&short, 18), broken, NOW_MS);
    cases.judged(
        "a list called an absence",
        &with(&whole, 8, 2),
        "MALFORMED_PROOF",
        NOW_MS,
    );
    cases.judged(
        "an absence called a list",
        &with(&short, 8, 3),
        "UNKNOWN_RECORD",
        NOW_MS,
    );
    cases.judged(
        "of an unknown version",
        &with(&short, 8, 4),
        "UNKNOWN_VERSION",
        NOW_MS,
    );
    cases.judged(
        "of an unknown suite",
        &with(&short, 9, 2),
        "UNKNOWN_SUITE",
        NOW_MS,
    );
    cases.judged(
        "a record of a later version",
        &added(&short, 99),
        "UNKNOWN_RECORD",
        NOW_MS,
    );
    cases.judged("a tail", &[&short[..], &[0]].concat(), broken, NOW_MS);
}

/// Who signed, and for whom.
fn signers(cases: &mut Cases) {
    let absence = cases.net.absence(number(NEXT)).unwrap();
    let invoice = cases
        .net
        .prove(cases.net.tip().height - 1, 0)
        .unwrap()
        .encode();
    cases.judged(
        "the proof of an invoice",
        &invoice,
        "UNKNOWN_VERSION",
        NOW_MS,
    );
    let mut few = absence.clone();
    few.at.certificate.signatures.truncate(2);
    cases.judged(
        "half of the power",
        &few.encode(),
        "CERTIFICATE_INVALID",
        NOW_MS,
    );
    let mut fork = absence.clone();
    let forger = TestNet::new(3);
    fork.at.header.valset_hash = forger.genesis.validators.hash();
    fork.at.validators = forger.genesis.validators.clone();
    fork.at.certificate = forger.certify(&fork.at.header);
    let reason = "UNKNOWN_VALIDATOR_SET";
    cases.judged("a fork of other validators", &fork.encode(), reason, NOW_MS);
    let mut other = absence;
    other.at.header.chain_id.0[3] ^= 1;
    other.at.certificate = cases.net.certify(&other.at.header);
    cases.judged("another network", &other.encode(), "OTHER_CHAIN", NOW_MS);
}

type Record = (u16, Vec<u8>);

fn records(file: &[u8]) -> Vec<Record> {
    let mut rest = &file[14..];
    let mut found = Vec::new();
    while let Some((head, tail)) = rest.split_first_chunk::<6>() {
        let [a, b, length @ ..] = *head;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap();
        let (value, tail) = tail.split_at(length);
        found.push((u16::from_be_bytes([a, b]), value.to_vec()));
        rest = tail;
    }
    found
}

fn framed(file: &[u8], records: &[Record]) -> Vec<u8> {
    let mut body = Vec::new();
    for (kind, value) in records {
        body.extend_from_slice(&kind.to_be_bytes());
        body.extend_from_slice(&u32::try_from(value.len()).unwrap().to_be_bytes());
        body.extend_from_slice(value);
    }
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&file[..10], &length, &body].concat()
}

fn without(file: &[u8], kind: u16) -> Vec<u8> {
    let mut all = records(file);
    all.retain(|(known, _)| *known != kind);
    framed(file, &all)
}

fn added(file: &[u8], kind: u16) -> Vec<u8> {
    let mut all = records(file);
    all.push((kind, vec![0]));
    framed(file, &all)
}

/// The first file with a record of the second.
fn spliced(file: &[u8], other: &[u8], kind: u16) -> Vec<u8> {
    let mut all = records(file);
    all.extend(
        records(other)
            .into_iter()
            .filter(|(known, _)| *known == kind),
    );
    all.sort_by_key(|(known, _)| *known);
    framed(file, &all)
}
