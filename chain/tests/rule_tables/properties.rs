//! What must hold for every invoice, not only for chosen ones.

use piao_chain::amount::Fen;
use piao_chain::invoice::{BuyerIdentity, Draft, DraftLine, preflight, sample};
use piao_chain::rate::RatePpm;
use piao_chain::tax::{Buyer, TaxFacts, Taxpayer, split_gross, tax_on};
use piao_chain::time::{BlockTime, IssueDate};
use proptest::prelude::*;

use super::facts::sample_facts;
use super::random;

/// Rates of the law, today and before, and who of which day shows them on a line of gross.
const RATES: [(&str, Taxpayer, &str); 7] = [
    ("0.01", Taxpayer::SmallScale, "2026-11-21"),
    ("0.015", Taxpayer::SmallScale, "2026-11-21"),
    ("0.03", Taxpayer::General, "2026-11-21"),
    ("0.05", Taxpayer::General, "2025-12-31"),
    ("0.06", Taxpayer::General, "2026-11-21"),
    ("0.09", Taxpayer::General, "2026-11-21"),
    ("0.13", Taxpayer::General, "2026-11-21"),
];

/// 2 000.00, in fen.
const GROSS_FEN_MAX: i64 = 200_000;

/// So many amounts of each rate go through the whole check at the desk; all go through the rules
/// of a block.
const WHOLE_CHECKS: i64 = 1_500;

#[test]
fn every_gross_amount_splits_into_parts_within_a_cent_of_the_exact_tax() {
    for (text, _, day) in RATES {
        let rate: RatePpm = text.parse().unwrap();
        let mut facts = sample_facts();
        facts.issued_on = IssueDate::parse(day).unwrap();
        facts.lines[0].rate = rate;
        facts.lines[0].class_code = random::goods(text).0.parse().unwrap();
        for gross in 1..=GROSS_FEN_MAX {
            let split = split_gross(Fen::new(gross), rate).unwrap();
            assert_eq!(split.net.fen() + split.tax.fen(), gross);
            let exact = tax_on(split.net.wide(), rate);
            assert!(exact.abs_diff(split.tax.wide()) <= 1, "{gross} at {rate}");
            (facts.lines[0].amount, facts.lines[0].tax) = (split.net, split.tax);
            (facts.totals.amount, facts.totals.tax) = (split.net, split.tax);
            facts.totals.gross = Fen::new(gross);
            assert_eq!(facts.check(), Ok(()), "{gross} at {rate}");
        }
    }
}

#[test]
fn a_line_of_gross_passes_the_whole_check() {
    let mut random = random::Random::new(3);
    for (rate, taxpayer, day) in RATES {
        let mut desk = random::desk(taxpayer);
        let day = IssueDate::parse(day).unwrap();
        desk.now = BlockTime::from_ms(u64::from(day.days()) * 86_400_000 + 4 * 3_600_000);
        let mut draft = sample::draft();
        draft.waive_1pct_reason = Some("1".to_owned());
        let ends = [1, 2, 3, GROSS_FEN_MAX - 1, GROSS_FEN_MAX];
        let sample = (0..WHOLE_CHECKS).map(|_| random.fen(1, GROSS_FEN_MAX));
        for gross in sample.chain(ends) {
            draft.lines = vec![DraftLine {
                gross: Some(Fen::new(gross).to_string()),
                ..random::goods_line(rate)
            }];
            let verdict = preflight(&draft, &desk);
            assert_eq!(verdict.faults, [], "{gross} at {rate}");
            assert_eq!(verdict.totals.unwrap().gross.fen(), gross);
        }
    }
}

/// What the desk would put on chain.
fn facts(draft: &Draft) -> Option<TaxFacts> {
    let prepared = preflight(draft, &sample::desk()).prepared?;
    let buyer = match prepared.buyer_identity() {
        BuyerIdentity::Clear(uscc) => Buyer::Clear { uscc: *uscc },
        BuyerIdentity::Private { class, .. } => Buyer::Sealed {
            commitment: [0; 32],
            class: class.number(),
        },
    };
    Some(prepared.facts(buyer))
}

/// Amount in fen, rate, and whether the amount includes tax.
type LineSeed = (i64, &'static str, bool);

/// A line by amount or by gross, at an open rate, with nothing computed yet.
fn line((fen, rate, gross): LineSeed) -> DraftLine {
    let money = Some(Fen::new(fen).to_string());
    let (amount, gross) = if gross { (None, money) } else { (money, None) };
    DraftLine {
        quantity: None,
        unit_price: None,
        amount,
        gross,
        rate: Some(rate.to_owned()),
        ..sample::line()
    }
}

fn line_seed() -> impl Strategy<Value = LineSeed> {
    let rates = prop::sample::select(vec!["0.13", "0.09", "0.06", "0.03"]);
    (1..=99_999_999_i64, rates, any::<bool>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_desk_prepares_every_validator_accepts(
        seeds in prop::collection::vec(line_seed(), 1..40),
    ) {
        let lines = seeds.into_iter().map(line).collect();
        let draft = Draft { lines, ..sample::draft() };
        // Rounding of tiny lines may drift too far; then the desk says so, and nothing is prepared.
        if let Some(facts) = facts(&draft) {
            prop_assert_eq!(facts.check(), Ok(()));
            prop_assert_eq!(facts.check_taxpayer(Taxpayer::General), Ok(()));
            let sum = facts.totals.amount.fen() + facts.totals.tax.fen();
            prop_assert_eq!(sum, facts.totals.gross.fen());
        }
    }

    #[test]
    fn no_change_of_one_figure_goes_unnoticed(index in 0..6_usize, by in 1..1_000_i64) {
        let mut facts = sample_facts();
        let line = &mut facts.lines[0];
        // Tax may move by six fen only together with the totals, which are not moved here.
        let figure = match index {
            0 => &mut line.amount,
            1 => &mut line.tax,
            2 => &mut line.deduction,
            3 => &mut facts.totals.amount,
            4 => &mut facts.totals.tax,
            _ => &mut facts.totals.gross,
        };
        *figure = Fen::new(figure.fen() + by);
        let moved_deduction = index == 2;
        // A deduction of a few fen keeps the tax within its tolerance, and is lawful.
        prop_assert!(facts.check().is_err() || (moved_deduction && by <= 108));
    }

    #[test]
    fn drafts_of_any_text_are_judged_without_panic(
        text in "\\PC{0,40}",
        number in "[-+0-9.,eE ]{0,30}",
    ) {
        let mut draft = sample::draft();
        draft.kind = Some(text.clone());
        draft.issued_at = Some(number.clone());
        draft.lines = vec![DraftLine {
            name: Some(text.clone()),
            quantity: Some(number.clone()),
            unit_price: Some(number.clone()),
            amount: Some(number.clone()),
            gross: Some(number.clone()),
            tax: Some(number.clone()),
            rate: Some(number.clone()),
            deduction: Some(number),
            zero_rate_kind: Some(text.clone()),
            preference: Some(text.clone()),
            class_code: Some(text.clone()),
            ..DraftLine::default()
        }];
        let buyer = draft.buyer.as_mut().unwrap();
        buyer.tax_id = Some(text.clone());
        buyer.id_number = Some(text);
        let verdict = preflight(&draft, &sample::desk());
        prop_assert!(verdict.prepared.is_none());
    }
}
