//! Money: what was minted is what accounts hold and what was collected, to the fen.

use std::collections::BTreeMap;
use std::sync::Mutex;

use piao_api::client::{Client, ClientError};

use super::draft::{SELLERS, fen};
use super::load::lock;
use super::promises::Promises;
use super::top_ups::TopUps;

/// Every account of a development network.
pub(crate) const ACCOUNTS: [u32; 3] = [1, 2, 3];

/// What the network held before the first invoice.
#[derive(Debug, Default)]
pub(crate) struct Opening {
    balances_fen: BTreeMap<u32, i64>,
}

/// The chain's own totals, from the node's counters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Totals {
    pub(crate) minted_fen: i64,
    pub(crate) collected_fen: i64,
    pub(crate) invoices: i64,
}

impl Opening {
    /// Reads the balances of a network that has issued nothing.
    pub(crate) async fn read(client: &Client) -> Result<Self, ClientError> {
        let balances_fen = balances(client).await?;
        Ok(Self { balances_fen })
    }

    /// Holds balances, reservations, counts and the chain's totals against what was promised.
    /// Nothing may be in flight. Each line is what must not be.
    pub(crate) async fn check(
        &self,
        client: &Client,
        promises: &Mutex<Promises>,
        top_ups: &TopUps,
    ) -> Result<(), ClientError> {
        let totals = totals(client).await?;
        let held = balances(client).await?;
        let mut fees_all = 0;
        for account in ACCOUNTS {
            let seen = client.account(Some(account)).await?;
            {
                let mut promises = lock(promises);
                if SELLERS.contains(&account) {
                    promises.check_counters(account, seen.issued_count);
                }
                let fees = fees_fen(&promises, account);
                fees_all += fees;
                let opening = self.balances_fen.get(&account).copied().unwrap_or(0);
                let expected = opening + top_ups.credited_fen(account) - fees;
                let balance = held.get(&account).copied().unwrap_or(0);
                if balance != expected || seen.reserved != "0.00" {
                    promises.breach(format!(
                        "account {account}: {balance} fen, {expected} expected; reserved {}",
                        seen.reserved
                    ));
                }
            }
        }
        let opening: i64 = self.balances_fen.values().sum();
        let credited: i64 = ACCOUNTS
            .map(|account| top_ups.credited_fen(account))
            .iter()
            .sum();
        let balances: i64 = held.values().sum();
        let mut promises = lock(promises);
        let issued = i64::try_from(promises.promised_count()).unwrap_or(i64::MAX);
        let holds = totals.minted_fen == balances + totals.collected_fen
            && totals.minted_fen == opening + credited
            && totals.collected_fen == fees_all
            && totals.invoices == issued;
        if !holds {
            promises.breach(format!(
                "minted {} fen, held {balances}, collected {}; credited {}, fees {fees_all}; \
                 {} invoices on the chain, {issued} promised",
                totals.minted_fen,
                totals.collected_fen,
                opening + credited,
                totals.invoices
            ));
        }
        Ok(())
    }
}

fn fees_fen(promises: &Promises, account: u32) -> i64 {
    let of_account = promises
        .entries()
        .filter(|(_key, entry)| entry.account == account);
    let fees = of_account.filter_map(|(_key, entry)| fen(&entry.promised.as_ref()?.fee));
    fees.sum()
}

async fn balances(client: &Client) -> Result<BTreeMap<u32, i64>, ClientError> {
    let mut balances = BTreeMap::new();
    for account in ACCOUNTS {
        let seen = client.account(Some(account)).await?;
        let bad = || ClientError::BadReply(format!("{} is no amount", seen.fee_balance));
        balances.insert(account, fen(&seen.fee_balance).ok_or_else(bad)?);
    }
    Ok(balances)
}

/// Reads the chain's own totals from a node's counters.
pub(crate) async fn totals(client: &Client) -> Result<Totals, ClientError> {
    let text = client.metrics().await?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let read = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let value = line.and_then(|rest| rest.trim().parse().ok());
        value.ok_or_else(|| ClientError::BadReply(format!("no counter {name}")))
    };
    Ok(Totals {
        minted_fen: read("piao_fees_minted_fen ")?,
        collected_fen: read("piao_fees_collected_fen ")?,
        invoices: read("piao_invoices_issued ")?,
    })
}
