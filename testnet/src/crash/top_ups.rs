//! Top-ups: each reference is credited once, whatever died meanwhile.

use piao_api::client::{Client, ClientError};
use piao_api::idempotency::IdempotencyKey;

use super::draft::fen;
use super::{CrashError, other};

/// A top-up that was asked for.
#[derive(Clone, Debug)]
struct TopUp {
    account: u32,
    amount_fen: i64,
    reference: String,
    /// Whether the node said it was credited.
    is_told: bool,
}

/// Every top-up of a run.
#[derive(Debug, Default)]
pub(crate) struct TopUps(Vec<TopUp>);

impl TopUps {
    /// Asks for one more; an answer that does not come leaves it open.
    pub(crate) async fn ask(
        &mut self,
        client: &Client,
        account: u32,
        amount: &str,
    ) -> Result<(), CrashError> {
        let mut top_up = TopUp {
            account,
            amount_fen: fen(amount).ok_or_else(|| other("no amount"))?,
            reference: format!("payment-{}", self.0.len()),
            is_told: false,
        };
        let said = send(client, &top_up).await;
        top_up.is_told = said.is_ok();
        self.0.push(top_up);
        match said {
            Ok(()) | Err(ClientError::Unreachable(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Asks again for all: those that were told must be told again, the others get their credit.
    pub(crate) async fn settle(&mut self, client: &Client, open_only: bool) -> Result<(), String> {
        for top_up in &mut self.0 {
            if open_only && top_up.is_told {
                continue;
            }
            let said = send(client, top_up).await;
            said.map_err(|error| format!("top-up {}: {error}", top_up.reference))?;
            top_up.is_told = true;
        }
        Ok(())
    }

    /// What an account was credited in all, in fen.
    pub(crate) fn credited_fen(&self, account: u32) -> i64 {
        let of_account = self.0.iter().filter(|top_up| top_up.account == account);
        of_account.map(|top_up| top_up.amount_fen).sum()
    }
}

async fn send(client: &Client, top_up: &TopUp) -> Result<(), ClientError> {
    let unusable = |_fault| ClientError::Unusable("no idempotency key".to_owned());
    let key = IdempotencyKey::parse(&top_up.reference).map_err(unusable)?;
    let amount = format!("{}.{:02}", top_up.amount_fen / 100, top_up.amount_fen % 100);
    let account = Some(top_up.account);
    let said = client
        .top_up(account, &amount, &top_up.reference, &key)
        .await?;
    if fen(&said.amount) == Some(top_up.amount_fen) && said.reference == top_up.reference {
        Ok(())
    } else {
        Err(ClientError::BadReply(format!("another top-up: {said:?}")))
    }
}
