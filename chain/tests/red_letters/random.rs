//! What holds after any sequence of everything that can be asked about invoices.

use std::collections::BTreeMap;

use piao_chain::amount::Fen;
use piao_chain::proof::{Finding, VerifyOptions, verify};
use piao_chain::state::{Leaf, RedProposal, Slot, SlotKind, StateView as _};
use piao_chain::tax::{RedPart, ReversibleLine, TaxFacts};
use piao_chain::testing::{RedWish, TestNet, slot_number};
use piao_chain::transaction::{OrderKey, RedAnswer, SignedTransaction};
use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, RngSeed};

use crate::facts_of;

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(0x5245_4421),
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    }
}

/// What somebody asks for. Numbers are taken modulo what there is.
#[derive(Clone, Debug)]
enum Wish {
    Invoice {
        order: u8,
        lines: u8,
        odd: u8,
    },
    Red {
        of: u8,
        reason: u8,
        line: u8,
        share: u8,
        confirmed: bool,
    },
    Rest {
        of: u8,
        reason: u8,
    },
    Reissue {
        of: u8,
        order: u8,
    },
    Book {
        of: u8,
        booked_use: u8,
    },
    Propose {
        by: u8,
        of: u8,
        line: u8,
        share: u8,
    },
    Answer {
        by: u8,
        of: u8,
        answer: u8,
    },
    Later {
        hours: u8,
    },
}

fn wish() -> impl Strategy<Value = Wish> {
    let byte = any::<u8>;
    prop_oneof![
        3 => (0..5_u8, 1..4_u8, byte()).prop_map(|(order, lines, odd)| Wish::Invoice { order, lines, odd }),
        5 => (byte(), 1..5_u8, 0..4_u8, byte(), any::<bool>()).prop_map(
            |(of, reason, line, share, confirmed)| Wish::Red { of, reason, line, share, confirmed }),
        2 => (byte(), 1..5_u8).prop_map(|(of, reason)| Wish::Rest { of, reason }),
        2 => (byte(), 0..5_u8).prop_map(|(of, order)| Wish::Reissue { of, order }),
        1 => (byte(), 1..5_u8).prop_map(|(of, booked_use)| Wish::Book { of, booked_use }),
        2 => (1..3_u8, byte(), 0..4_u8, byte())
            .prop_map(|(by, of, line, share)| Wish::Propose { by, of, line, share }),
        2 => (1..3_u8, byte(), 0..3_u8).prop_map(|(by, of, answer)| Wish::Answer { by, of, answer }),
        1 => (1..40_u8).prop_map(|hours| Wish::Later { hours }),
    ]
}

/// An invoice that exists, chosen by a number.
fn chosen(net: &TestNet, number: u8) -> Option<u64> {
    let issued = issued_count(net);
    (issued > 0).then(|| 1 + u64::from(number) % issued)
}

fn issued_count(net: &TestNet) -> u64 {
    match net.state.leaf(Slot::TOTALS).unwrap() {
        Some(Leaf::Totals(totals)) => totals.issued_count,
        other => panic!("totals are there from genesis on, found {other:?}"),
    }
}

/// An invoice with a proposal, chosen by a number, and that proposal.
fn proposed(net: &TestNet, number: u8) -> Option<(u64, RedProposal)> {
    let all: Vec<(u64, RedProposal)> = net
        .state
        .leaves()
        .filter_map(|(slot, leaf)| match leaf {
            Leaf::RedProposal(_id, proposal) => Some((slot.index(), proposal.clone())),
            _ => None,
        })
        .collect();
    let at = usize::from(number).checked_rem(all.len())?;
    all.get(at).cloned()
}

/// A part of a line: up to a quarter more than is left of it.
fn part(net: &TestNet, of: u64, line: u8, share: u8) -> Option<Vec<RedPart>> {
    let original = net.issued(of);
    let lines = u16::try_from(original.facts().lines.len()).unwrap();
    let line = 1 + u16::from(line) % lines;
    let whole = ReversibleLine::of(original.facts(), line)?;
    let amount_fen = (whole.amount_fen * (1 + i64::from(share))).div_euclid(205);
    (amount_fen > 0).then(|| vec![RedPart { line, amount_fen }])
}

fn facts(lines: u8, odd: u8) -> TaxFacts {
    let lines: Vec<_> = (0..i64::from(lines))
        .map(|line| {
            let amount = 1_000 + i64::from(odd) * 37 + line * 911;
            let tax = (amount * 6 + 50).div_euclid(100) + i64::from(odd % 7) - 3;
            (amount, tax, 60_000)
        })
        .collect();
    facts_of(&lines)
}

fn transaction(net: &mut TestNet, wish: &Wish) -> Option<SignedTransaction> {
    Some(match *wish {
        Wish::Invoice { order, lines, odd } => {
            net.invoice_of(&order.to_string(), facts(lines, odd))
        }
        Wish::Red {
            of,
            confirmed: true,
            ..
        } => {
            let (of, proposal) = proposed(net, of)?;
            let wish = RedWish {
                reason: proposal.reason,
                parts: Some(proposal.parts),
                confirmation: Some(slot_number(SlotKind::RedLetterProposal, of)),
            };
            net.red(of, &wish)
        }
        Wish::Red {
            of,
            reason,
            line,
            share,
            ..
        } => {
            let of = chosen(net, of)?;
            let wish = RedWish {
                reason,
                parts: Some(part(net, of, line, share)?),
                confirmation: None,
            };
            net.red(of, &wish)
        }
        Wish::Rest { of, reason } => {
            let of = chosen(net, of)?;
            net.red(
                of,
                &RedWish {
                    reason,
                    ..RedWish::default()
                },
            )
        }
        Wish::Reissue { of, order } => {
            let of = chosen(net, of)?;
            net.reissue(of, &RedWish::error(), &order.to_string())
        }
        _ => return of_parties(net, wish),
    })
}

/// What the parties say to each other, and time.
fn of_parties(net: &mut TestNet, wish: &Wish) -> Option<SignedTransaction> {
    Some(match *wish {
        Wish::Book { of, booked_use } => {
            let of = chosen(net, of)?;
            net.book(of, booked_use, 202_611)
        }
        Wish::Propose {
            by,
            of,
            line,
            share,
        } => {
            let of = chosen(net, of)?;
            let parts = Some(part(net, of, line, share)?);
            net.propose(
                by.into(),
                of,
                &RedWish {
                    parts,
                    ..RedWish::default()
                },
            )
        }
        Wish::Answer { by, of, answer } => {
            let (of, _proposal) = proposed(net, of)?;
            let (answer, merchant) = match answer {
                0 => (RedAnswer::Accept, TestNet::buyer_admin()),
                1 => (RedAnswer::Refuse, TestNet::buyer_admin()),
                _ if by == 1 => (RedAnswer::Withdraw, net.merchant.clone()),
                _ => (RedAnswer::Withdraw, TestNet::buyer()),
            };
            let account = if merchant.public_key() == net.merchant.public_key() {
                1
            } else {
                2
            };
            net.answer((account, &merchant), of, answer)
        }
        Wish::Later { hours } => {
            let now = net.now().ms();
            net.set_clock_ms(now + u64::from(hours) * 3_600_000);
            return None;
        }
        _ => return None,
    })
}

/// Sums of the red letters against each invoice and line: amount, tax, deduction.
fn taken_back(net: &TestNet) -> BTreeMap<(u64, u16), [i64; 3]> {
    let mut sums: BTreeMap<(u64, u16), [i64; 3]> = BTreeMap::new();
    for index in 1..=issued_count(net) {
        let issued = net.issued(index);
        let Some(red) = issued.facts().red else {
            continue;
        };
        let of = Slot::from_u64(red.original_slot).unwrap().index();
        let payload = &issued.transaction().body().payload;
        let letter = match payload {
            piao_chain::transaction::Payload::IssueRedLetter(red) => &**red,
            piao_chain::transaction::Payload::ReissueInvoice(reissue) => &reissue.red,
            other => panic!("a red letter is not issued by {}", other.name()),
        };
        for (line, red) in letter.original_lines.iter().zip(&letter.facts.lines) {
            let sum = sums.entry((of, *line)).or_default();
            for (sum, fen) in sum.iter_mut().zip([red.amount, red.tax, red.deduction]) {
                *sum -= fen.fen();
            }
        }
    }
    sums
}

/// At most what the line holds, exactly that once all of the amount is back, and what the leaf says.
fn assert_lines(net: &TestNet) {
    for ((of, line), [amount, tax, deduction]) in taken_back(net) {
        let whole = ReversibleLine::of(net.issued(of).facts(), line).unwrap();
        assert!(amount <= whole.amount_fen, "{of}/{line}");
        assert!((0..=whole.tax_fen).contains(&tax), "{of}/{line}");
        assert!(
            (0..=whole.deduction_fen).contains(&deduction),
            "{of}/{line}"
        );
        if amount == whole.amount_fen {
            assert_eq!((tax, deduction), (whole.tax_fen, whole.deduction_fen));
        }
        let reversed = net.invoice_leaf(of).reversed_fen[usize::from(line) - 1];
        assert_eq!(reversed, amount, "{of}/{line}");
    }
}

/// At most one invoice in force for an order.
fn assert_orders(net: &TestNet) {
    let mut standing: BTreeMap<OrderKey, u64> = BTreeMap::new();
    for index in 1..=issued_count(net) {
        let issued = net.issued(index);
        let Some(order) = issued.order_key() else {
            continue;
        };
        if net.invoice_leaf(index).is_in_force(issued.facts()) {
            assert_eq!(standing.insert(*order, index), None, "order of {index}");
        }
    }
}

/// No fee appears or disappears; counters have no gaps.
fn assert_books(net: &TestNet) {
    let (mut balances, mut counters) = (0, 0);
    for (_slot, leaf) in net.state.leaves() {
        if let Leaf::Account(_identity, account) = leaf {
            assert!(account.fee_balance_fen >= 0 && account.quota_used_fen >= 0);
            balances += account.fee_balance_fen;
            counters += account.counter;
        }
    }
    let Some(Leaf::Totals(totals)) = net.state.leaf(Slot::TOTALS).unwrap() else {
        panic!("totals are there from genesis on")
    };
    assert_eq!(totals.minted_fen, balances + totals.collected_fen);
    assert_eq!(totals.issued_count, counters);
}

/// Every invoice has a proof that verifies, and says what the leaf says.
fn assert_proofs(net: &TestNet) {
    let root = net.trust_root();
    let options = VerifyOptions {
        now: net.now(),
        max_age_ms: None,
    };
    for decided in &net.blocks {
        for (at, outcome) in decided.outcomes.iter().enumerate() {
            for (part, effect) in (0..).zip(&outcome.effects) {
                let height = decided.block.header.height;
                let proof = net.prove_part(height, at, part).unwrap();
                let verdict = verify(&proof.encode(), Some(&root), &options);
                let index = Slot::from_u64(effect.slot).unwrap().index();
                let stands = net
                    .invoice_leaf(index)
                    .is_in_force(net.issued(index).facts());
                let expected = if stands {
                    Finding::InForce
                } else {
                    Finding::NotInForce
                };
                assert_eq!(verdict.verdict, expected, "{:?}", verdict.checks.last());
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn nothing_is_taken_back_twice_and_no_order_stands_twice_whatever_is_asked(
        wishes in prop::collection::vec(wish(), 1..60),
        sizes in prop::collection::vec(1..5_usize, 60),
    ) {
        let mut net = TestNet::with_buyer(1);
        let mut rest = wishes.as_slice();
        for size in sizes {
            let (batch, later) = rest.split_at(size.min(rest.len()));
            rest = later;
            let batch = batch.iter().filter_map(|wish| transaction(&mut net, wish)).collect();
            net.commit(batch);
            assert_lines(&net);
            assert_orders(&net);
            assert_books(&net);
        }
        assert_proofs(&net);
    }

    #[test]
    fn a_line_taken_back_in_any_parts_comes_back_whole(
        amount in 1..50_000_i64,
        rate in prop::sample::select(vec![(130_000, 13), (60_000, 6), (30_000, 3)]),
        cuts in prop::collection::vec(any::<u16>(), 0..6),
    ) {
        let (ppm, percent) = rate;
        let tax = (amount * percent + 50).div_euclid(100);
        let mut net = TestNet::with_buyer(1);
        let facts = facts_of(&[(amount, tax, ppm)]);
        prop_assume!(facts.totals.gross > Fen::ZERO);
        let invoice = net.invoice_of("a", facts);
        crate::applied(&mut net, invoice);
        for cut in cuts {
            let left = amount - net.invoice_leaf(1).reversed_total_fen();
            if left < 2 { break; }
            let part = 1 + i64::from(cut) % (left - 1);
            let red = net.red(1, &RedWish::part(part));
            crate::applied(&mut net, red);
        }
        let rest = net.red(1, &RedWish::error());
        crate::applied(&mut net, rest);
        assert_lines(&net);
        prop_assert!(net.invoice_leaf(1).is_reversed(net.issued(1).facts()));
    }
}
