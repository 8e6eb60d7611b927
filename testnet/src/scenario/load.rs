//! What merchants ask for while the network is broken: drafts at a rate, some of them twice.
//!
//! A call that finds no free client is left out: the rate is an aim, the clients are the bound.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use piao_api::client::Client;
use serde_json::Value;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use super::format::LoadSpec;
use crate::crash::{Call, Dice, PRICE_MAX, Price, Promises, SELLERS, draft, lock, send};

/// How long a call waits for its invoice.
const FINAL_WITHIN: Duration = Duration::from_secs(5);
/// Keys of other calls that a duplicate is chosen from.
const RECENT_KEYS: usize = 64;

/// Where calls go, and where what was said of them is kept.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) client: Client,
    pub(crate) promises: Arc<Mutex<Promises>>,
    /// What stands in names and texts, to be looked for elsewhere.
    pub(crate) canary: Option<String>,
}

impl Desk {
    /// One call, noted before it is made and when it is answered; whether the invoice is final.
    pub(crate) async fn issue(&self, account: u32, key: &str, price: Price) -> bool {
        self.said(account, key, price)
            .await
            .is_ok_and(|said| matches!(said, piao_api::client::Issued::Final { .. }))
    }

    /// The same, with what was said.
    pub(crate) async fn said(
        &self,
        account: u32,
        key: &str,
        price: Price,
    ) -> Result<piao_api::client::Issued, piao_api::client::ClientError> {
        let call = Call {
            account,
            key,
            price,
            wait: FINAL_WITHIN,
        };
        let body = self.draft(account, key, price);
        send(&self.client, &self.promises, &call, body).await
    }

    /// The draft of a call, with strings of its own where people are named and texts stand.
    fn draft(&self, account: u32, key: &str, price: Price) -> Bytes {
        let plain = draft(account, key, price);
        let Some(canary) = &self.canary else {
            return plain;
        };
        let Ok(mut draft) = serde_json::from_slice::<Value>(&plain) else {
            return plain;
        };
        let text = |what: &str| Value::from(format!("{canary}{what}{key}"));
        draft["buyer"]["name"] = text("name");
        draft["buyer"]["address"] = text("address");
        draft["buyer"]["email"] = Value::from(format!("{canary}@{key}.example"));
        draft["remark"] = text("remark");
        draft["lines"][0]["name"] = Value::from(format!("*餐饮服务*{canary}{key}"));
        Bytes::from(draft.to_string())
    }
}

/// What a load did.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Offered {
    /// Calls made.
    pub(crate) calls: u64,
    /// Calls left out, because every client was waiting.
    pub(crate) left_out: u64,
}

/// Issues until told to stop, then waits for what is under way.
pub(crate) async fn run(
    desk: Desk,
    spec: LoadSpec,
    seed: u64,
    mut stop: watch::Receiver<bool>,
) -> Offered {
    let mut chooser = Chooser {
        dice: Dice::new(seed, u64::MAX),
        recent: Vec::new(),
        fresh: 0,
        dup_ratio: spec.dup_ratio,
    };
    let free = Arc::new(Semaphore::new(spec.clients));
    let mut ticks = interval(Duration::from_secs(1) / spec.rate.max(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut calls = JoinSet::new();
    let mut offered = Offered::default();
    loop {
        tokio::select! {
            _now = ticks.tick() => {}
            _told = stop.wait_for(|stop| *stop) => break,
        }
        while calls.try_join_next().is_some() {}
        let Ok(place) = Arc::clone(&free).try_acquire_owned() else {
            offered.left_out += 1;
            continue;
        };
        let (account, key, price) = chooser.choose();
        let desk = desk.clone();
        offered.calls += 1;
        calls.spawn(async move {
            desk.issue(account, &key, price).await;
            drop(place);
        });
    }
    while calls.join_next().await.is_some() {}
    offered
}

/// What the next call is; follows from the seed.
struct Chooser {
    dice: Dice,
    recent: Vec<(u32, String, Price)>,
    fresh: u64,
    dup_ratio: f64,
}

impl Chooser {
    /// A new key, or one of another call with the same draft, or with another.
    fn choose(&mut self) -> (u32, String, Price) {
        let one_in_million = f64::from(u32::try_from(self.dice.below(1_000_000)).unwrap_or(0));
        let is_again = one_in_million / 1_000_000.0 < self.dup_ratio;
        if is_again
            && let Some((account, key, price)) =
                self.recent.get(self.dice.at(self.recent.len())).cloned()
        {
            let other = u64::from(self.dice.below(4) == 0);
            return (account, key, price.saturating_add(other));
        }
        self.fresh += 1;
        let account = SELLERS[usize::from(self.dice.below(4) == 0)];
        let price = self.dice.below(PRICE_MAX).saturating_add(1);
        let chosen = (account, format!("call-{}", self.fresh), price);
        if self.recent.len() < RECENT_KEYS {
            self.recent.push(chosen.clone());
        } else {
            let at = self.dice.at(RECENT_KEYS);
            self.recent[at] = chosen.clone();
        }
        chosen
    }
}

/// How many keys were sent, invoices promised, and refusals said, by code.
pub(crate) fn figures(
    promises: &Mutex<Promises>,
) -> (usize, usize, std::collections::BTreeMap<String, usize>) {
    let promises = lock(promises);
    (
        promises.entries().count(),
        promises.promised_count(),
        promises.refusals.clone(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(seed: u64, dup_ratio: f64) -> Vec<(u32, String, Price)> {
        let mut chooser = Chooser {
            dice: Dice::new(seed, 1),
            recent: Vec::new(),
            fresh: 0,
            dup_ratio,
        };
        (0..200).map(|_call| chooser.choose()).collect()
    }

    #[test]
    fn calls_follow_from_the_seed_and_some_use_a_key_again() {
        assert_eq!(chosen(1, 0.2), chosen(1, 0.2));
        assert_ne!(chosen(1, 0.2), chosen(2, 0.2));
        let keys = |calls: &[(u32, String, Price)]| {
            let all = calls.iter().map(|(_account, key, _price)| key.clone());
            all.collect::<std::collections::BTreeSet<_>>().len()
        };
        assert_eq!(keys(&chosen(1, 0.0)), 200);
        let some = keys(&chosen(1, 0.2));
        assert!((120..190).contains(&some), "{some}");
    }

    #[test]
    fn a_draft_carries_the_canary_in_every_private_text() {
        let desk = Desk {
            client: Client::new("http://127.0.0.1:1", None).unwrap(),
            promises: Arc::default(),
            canary: Some("qwertz".to_owned()),
        };
        let draft = desk.draft(1, "call-1", 100);
        let draft: Value = serde_json::from_slice(&draft).unwrap();
        for text in [
            &draft["buyer"]["name"],
            &draft["buyer"]["address"],
            &draft["buyer"]["email"],
            &draft["remark"],
            &draft["lines"][0]["name"],
        ] {
            assert!(text.as_str().unwrap().contains("qwertz"), "{text}");
        }
        assert_eq!(draft["order_ref"], "call-1");
    }
}
