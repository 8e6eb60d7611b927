//! Goal: no request is lost or stuck, no order and no key has two invoices, no red letter takes back
//! what another one took, fees are conserved.
//! Method: seeded sequences of everything that can happen, with crashes in the middle; then the
//! network heals and every request must be at its end.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use piao_api::backend::{IssueReply, Refusal, RequestAct, Wait};
use piao_api::wire::{Chance, ConfirmationState, RequestState};
use piao_chain::failure::FailureCode;
use piao_chain::invoice::{Draft, InvoiceNumber};
use piao_chain::proof::Finding;
use piao_chain::testing::{TestNet, buyer_uscc};
use piao_chain::time::IssueDate;
use piao_chain::transaction::RedAnswer;

use super::world::{World, draft};

/// Sequences, and what happens in each. In every other one the invoices go to a buyer that books them
/// and is asked before they are taken back.
const SEEDS: u64 = 12;
const STEPS: usize = 60;
/// Answers of a buyer before everything has to come to its end.
const ANSWERS: usize = 6;

struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }
}

/// What is to become of an issued invoice.
#[derive(Clone)]
enum Correction {
    /// So much of its first line is taken back, in fen, or all that is left.
    TakeBack(String, Option<i64>),
    /// Another one takes its place.
    Replace(String, Box<Draft>),
}

impl Correction {
    fn number(&self) -> &str {
        match self {
            Self::TakeBack(number, _) | Self::Replace(number, _) => number,
        }
    }

    async fn ask(&self, world: &World, key: &str, wait: Wait) -> Result<IssueReply, Refusal> {
        match self {
            Self::TakeBack(number, fen) => world.take_back(key, (number, *fen), wait).await,
            Self::Replace(number, draft) => world.replace(key, (number, draft), wait).await,
        }
    }
}

/// What was asked of the node.
#[derive(Default)]
struct Asked {
    /// The buyer is a merchant of this network.
    has_buyer: bool,
    /// The draft each key was last sent with.
    drafts: BTreeMap<String, Draft>,
    /// Corrections of issued invoices by key.
    corrections: BTreeMap<String, Correction>,
    /// Keys whose acceptance was told.
    told: BTreeSet<String>,
}

impl Asked {
    /// A draft for an order, or for none, to this sequence's buyer.
    fn draft(&self, order: Option<&str>, remark: &str) -> Draft {
        let mut draft = draft(order, remark);
        if let (true, Some(buyer)) = (self.has_buyer, draft.buyer.as_mut()) {
            buyer.tax_id = Some(buyer_uscc().to_string());
        }
        draft
    }

    fn any(&self, dice: &mut Dice) -> Option<(String, Draft)> {
        let at = dice.below(self.drafts.len());
        let (key, draft) = self.drafts.iter().nth(at)?;
        Some((key.clone(), draft.clone()))
    }
}

async fn ask(world: &mut World, asked: &mut Asked, dice: &mut Dice) {
    let again = asked.any(dice).filter(|_| dice.below(4) == 0);
    let (key, draft) = again.unwrap_or_else(|| {
        let number = asked.drafts.len();
        // Every third request has no order of its own; some share one with an earlier request.
        let order = match dice.below(6) {
            0 | 1 => None,
            2 => Some(format!("order {}", dice.below(number))),
            _ => Some(format!("order {number}")),
        };
        (format!("key-{number}"), asked.draft(order.as_deref(), ""))
    });
    asked.drafts.insert(key.clone(), draft.clone());
    let reply = match dice.below(3) {
        0 => world.issue(&key, &draft).await,
        1 => world.accept(&key, &draft).await,
        _ => {
            // The process dies somewhere on the way.
            let within = Duration::from_micros(u64::try_from(dice.below(3_000)).unwrap());
            let cut = tokio::time::timeout(within, world.accept(&key, &draft)).await;
            if let Ok(Ok(_told)) = cut {
                asked.told.insert(key);
            }
            world.restart().await;
            return;
        }
    };
    match reply {
        Ok(IssueReply::Final { .. } | IssueReply::Pending(_)) => {
            asked.told.insert(key);
        }
        Err(_refusal) => {}
    }
}

async fn correct(world: &mut World, asked: &mut Asked, dice: &mut Dice) {
    let again = asked.corrections.iter().nth(dice.below(8));
    let again = again.map(|(key, correction)| (key.clone(), correction.clone()));
    let again = again.filter(|_| dice.below(4) == 0);
    let made = again.or_else(|| {
        let issued = world.issued();
        let number = issued.get(dice.below(issued.len()))?.number.clone();
        let count = asked.corrections.len();
        let part = |dice: &mut Dice| i64::try_from(1 + dice.below(6_000)).unwrap();
        let correction = match dice.below(4) {
            0 | 1 => Correction::TakeBack(number, Some(part(dice))),
            2 => Correction::TakeBack(number, None),
            _ => {
                // Under the order of another one now and then.
                let order = format!("order {}", dice.below(2 * asked.drafts.len()));
                Correction::Replace(number, Box::new(asked.draft(Some(&order), "in its place")))
            }
        };
        Some((format!("correction-{count}"), correction))
    });
    let Some((key, correction)) = made else {
        return;
    };
    asked.corrections.insert(key.clone(), correction.clone());
    let reply = match dice.below(3) {
        0 => {
            let wait = Wait::Final(Duration::from_millis(1));
            correction.ask(world, &key, wait).await
        }
        1 => correction.ask(world, &key, Wait::Accepted).await,
        _ => {
            // The process dies somewhere on the way.
            let within = Duration::from_micros(u64::try_from(dice.below(5_000)).unwrap());
            let asking = correction.ask(world, &key, Wait::Accepted);
            let cut = tokio::time::timeout(within, asking).await;
            if let Ok(Ok(_told)) = cut {
                asked.told.insert(key);
            }
            world.restart().await;
            return;
        }
    };
    if reply.is_ok() {
        asked.told.insert(key);
    }
}

/// The buyer answers what is proposed to it, or books one of the invoices, rightly or not: what the
/// chain refuses stays without effect.
async fn buyer_does(world: &mut World, asked: &Asked, dice: &mut Dice) {
    let proposed = asked.corrections.iter().filter_map(|(key, correction)| {
        let confirmation = world.view(key)?.confirmation?;
        (confirmation.state == ConfirmationState::Open).then(|| correction.number().to_owned())
    });
    let proposed: Vec<String> = proposed.collect();
    let issued = world.issued();
    let index = |number: &str| number.parse::<InvoiceNumber>().unwrap().sequence();
    let done =
        if let (Some(number), 1..) = (proposed.get(dice.below(proposed.len())), dice.below(4)) {
            let answer = [RedAnswer::Accept, RedAnswer::Accept, RedAnswer::Refuse][dice.below(3)];
            let signer = (2, &TestNet::buyer_admin());
            world.net.answer(signer, index(number), answer)
        } else if let Some(one) = issued.get(dice.below(issued.len())) {
            let (year, month, _day) = IssueDate::of(world.net.now()).calendar().unwrap();
            let period = u32::from(year) * 100 + u32::from(month);
            world.net.book(index(&one.number), 2, period)
        } else {
            return;
        };
    world.block(vec![done]).await;
}

async fn act(world: &World, asked: &mut Asked, dice: &mut Dice) {
    let Some((key, mut draft)) = asked.any(dice) else {
        return;
    };
    if world.view(&key).is_none() {
        return;
    }
    let act = match dice.below(3) {
        0 => RequestAct::Retry,
        1 => RequestAct::Cancel,
        _ => {
            draft.remark = Some(format!("corrected {}", dice.below(1_000)));
            RequestAct::Reissue(Box::new(draft.clone()))
        }
    };
    let is_reissue = matches!(act, RequestAct::Reissue(_));
    if world.desk().act((1, key.clone()), act).await.is_ok() && is_reissue {
        asked.drafts.insert(key, draft);
    }
}

fn lose(world: &mut World, dice: &mut Dice) {
    world.gather();
    let at = dice.below(world.out.len());
    let Some(transaction) = world.out.get(at).cloned() else {
        return;
    };
    let codes = [
        FailureCode::FeeBalanceInsufficient,
        FailureCode::DuplicateOrder,
        FailureCode::DailyCountLimit,
    ];
    world.drop_from_pool(&transaction, codes[dice.below(codes.len())]);
    if dice.below(2) == 0 {
        // Other validators have lost it as well.
        world.out.remove(at);
    }
}

async fn step(world: &mut World, asked: &mut Asked, dice: &mut Dice) {
    if asked.has_buyer && dice.below(4) == 0 {
        match dice.below(12) {
            0 => world.until_lapsed().await,
            _ => buyer_does(world, asked, dice).await,
        }
        return;
    }
    match dice.below(20) {
        0..=4 => ask(world, asked, dice).await,
        5..=7 => {
            world.gather();
            let some = world.out.iter().filter(|_| dice.below(2) == 0);
            let some = some.cloned().collect();
            world.block(some).await;
        }
        8 => world.late_block().await,
        9 => lose(world, dice),
        10 => {
            let fen = i64::try_from(5 + dice.below(30)).unwrap();
            world.top_up(fen).await;
        }
        11 => world.restart().await,
        12..=13 => world.desk().pass().await,
        16..=18 => correct(world, asked, dice).await,
        15 => match dice.below(3) {
            0 => {
                let lasts_ms = u64::try_from(1 + dice.below(900_000)).unwrap();
                world.announce(lasts_ms).await;
            }
            _ => world.end_maintenance().await,
        },
        14 => {
            // A pass dies somewhere on the way.
            let within = Duration::from_micros(u64::try_from(dice.below(3_000)).unwrap());
            let desk = std::sync::Arc::clone(world.desk());
            drop(tokio::time::timeout(within, desk.pass()).await);
            drop(desk);
            world.restart().await;
        }
        _ => act(world, asked, dice).await,
    }
}

fn check_end(world: &World, asked: &Asked, seed: u64) {
    let issued = world.issued();
    let mut orders = BTreeSet::new();
    for one in &issued {
        assert!(one.taken_fen <= one.amount_fen, "seed {seed}: {one:?}");
        let is_effective = one.taken_fen < one.amount_fen;
        assert!(
            !is_effective || orders.insert(one.order_key),
            "seed {seed}: an order has two"
        );
    }
    for one in &issued {
        // What is left of it makes the verdict; a part of it still stands.
        let expected = match one.taken_fen {
            0 => Some(Finding::InForce),
            taken if taken == one.amount_fen => Some(Finding::NotInForce),
            _ => None,
        };
        let found = world.judge(&one.number);
        assert!(
            expected.is_none_or(|expected| found == expected) && found != Finding::False,
            "seed {seed}: {found:?} of {one:?}"
        );
    }
    let mut finals = BTreeSet::new();
    for key in asked.drafts.keys().chain(asked.corrections.keys()) {
        let Some(view) = world.view(key) else {
            assert!(!asked.told.contains(key), "seed {seed}: {key} is lost");
            continue;
        };
        match view.state {
            RequestState::Final => {
                let number = view.number.clone().unwrap();
                assert_ne!(world.judge(&number), Finding::False, "seed {seed}: {key}");
                assert!(finals.insert(number), "{key}");
            }
            RequestState::Cancelled => {}
            RequestState::Failed => {
                let code = view.failures.first().map(|failure| failure.code.as_str());
                let codes = match asked.corrections.get(key) {
                    None => &["E1407"][..],
                    // Nothing, or not so much, is left; the buyer said no, or nothing.
                    Some(_) => &["E1407", "E1704", "E1709", "E1710", "E1711"],
                };
                assert!(codes.contains(&code.unwrap()), "seed {seed}: {view:?}");
                assert_eq!(view.chance, Chance::NotIssued, "seed {seed}: {view:?}");
            }
            _ => panic!("seed {seed}: {key} is stuck: {view:?}"),
        }
    }
    let guards = world.guards();
    let keys: BTreeSet<_> = guards.iter().collect();
    assert_eq!(
        (finals.len(), keys.len()),
        (guards.len(), guards.len()),
        "seed {seed}: a key has two"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_comes_between_every_request_ends_once_and_fees_are_conserved() {
    let (mut issued, mut corrected, mut confirmed) = (0, 0, 0);
    for seed in 0..SEEDS {
        let mut dice = Dice(seed);
        let has_buyer = seed % 2 == 1;
        let mut world = match has_buyer {
            true => World::with_buyer().await,
            false => World::with_fen(35).await,
        };
        let mut asked = Asked {
            has_buyer,
            ..Asked::default()
        };
        for _step in 0..STEPS {
            step(&mut world, &mut asked, &mut dice).await;
            world.check_fees();
        }
        if has_buyer {
            // It finds the time to answer some of what it was asked.
            for _round in 0..ANSWERS {
                world.desk().pass().await;
                world.block_of_all().await;
                buyer_does(&mut world, &asked, &mut dice).await;
            }
        }
        world.until_settled().await;
        world.check_fees();
        if has_buyer {
            // A proposal whose request has ended, because nothing is left to take back, may wait in
            // the pool for as long as its window.
            world.late_block().await;
        }
        let left = world.admission().pool().candidates(usize::MAX);
        assert_eq!(left, [], "seed {seed}");
        check_end(&world, &asked, seed);
        // And a start finds the same again.
        world.restart().await;
        world.desk().pass().await;
        check_end(&world, &asked, seed);
        issued += world.issued().len();
        corrected += world
            .issued()
            .iter()
            .filter(|one| one.taken_fen > 0)
            .count();
        confirmed += asked
            .corrections
            .keys()
            .filter_map(|key| world.view(key)?.confirmation)
            .filter(|one| one.state == ConfirmationState::Used)
            .count();
    }
    assert!(
        issued > 40 && corrected > 6 && confirmed > 0,
        "they did something: {issued}, {corrected}, {confirmed}"
    );
}
