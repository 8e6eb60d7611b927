//! The in-memory node behind the seam.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use piao_api::backend::{
    AnswerOrder, Backend, Cut, DraftVerdict, InvoiceFilter, IssueOrder, IssueReply, NodeFacts,
    ProofOrder, Refusal, RequestAct, StoredFile, TopUpOrder, Wait,
};
use piao_api::caller::Caller;
use piao_api::idempotency::IdempotencyKey;
use piao_api::wire::{
    Account, Block, BlockSummary, ChainStatus, Chance, Confirmation, ConfirmationState,
    Consistency, EventPage, Failure, Invoice, InvoiceDocument, LedgerEntry, Limits, Outcome,
    OutcomeState, Page, PublicInvoice, Readiness, ReadinessCheck, RequestLinks, RequestState,
    RequestView, TopUp, Validator, ValidatorSet, WaitingFor,
};
use piao_chain::amount::Fen;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::invoice::{Draft, preflight, sample};
use piao_chain::signature::SecretKey;
use piao_chain::tax::RuleSet;
use piao_chain::transparency::{BlockInclusion, consistency_path};

use crate::events::told;
use crate::memory::{
    FEE, KEY_BOTH, KEY_SECOND, Memory, Network, VIEW_DIGEST, VIEW_SECRET, found, hash, proposed,
    time_of,
};

#[async_trait]
impl Backend for Memory {
    fn facts(&self) -> &NodeFacts {
        &self.facts
    }

    async fn authenticate(&self, api_key: &str) -> Option<Caller> {
        let accounts = match api_key {
            KEY_BOTH => vec![1, 2],
            KEY_SECOND => vec![2],
            _ => return None,
        };
        Some(Caller {
            name: "key".to_owned(),
            accounts,
        })
    }

    async fn check(&self, _account: u32, draft: Draft) -> Result<DraftVerdict, Refusal> {
        let result = preflight(&draft, &sample::desk());
        Ok(DraftVerdict {
            faults: result.faults,
            warnings: result.warnings,
            totals: result.totals.map(Into::into),
            fee: FEE,
            rule_set: RuleSet::CURRENT.id,
        })
    }

    async fn events(&self, caller: &Caller, after: u64, limit: u32) -> Result<EventPage, Refusal> {
        Ok(told(caller, after, limit))
    }

    async fn wait_for_events(&self, _after: u64) -> bool {
        tokio::time::sleep(Duration::from_millis(100)).await;
        true
    }

    async fn red_letters(&self, _account: u32, _cut: Cut) -> Result<Page<Confirmation>, Refusal> {
        Ok(Page::last(vec![proposed(ConfirmationState::Open)]))
    }

    async fn answer_red_letter(&self, order: AnswerOrder) -> Result<Confirmation, Refusal> {
        Ok(proposed(if order.accept {
            ConfirmationState::Accepted
        } else {
            ConfirmationState::Refused
        }))
    }

    async fn rule_set(&self) -> Result<u16, Refusal> {
        Ok(RuleSet::CURRENT.id)
    }

    async fn issue(&self, order: IssueOrder) -> Result<IssueReply, Refusal> {
        self.arrived.notify_one();
        self.gate.acquire().await.unwrap().forget();
        let result = preflight(&order.draft, &sample::desk());
        if !self.options.synced {
            return Err(
                Refusal::of(FailureCode::NotSynced).retry_after(Duration::from_millis(2500))
            );
        }
        let mut state = self.state();
        let bound = state
            .requests
            .get(&(order.account, order.key.to_string()))
            .cloned();
        if let Some((draft, view)) = bound {
            if draft != order.draft {
                return Err(Refusal::of(FailureCode::IdempotencyKeyConflict));
            }
            let number = view.number.clone();
            let known = state
                .invoices
                .iter()
                .find(|i| Some(&i.document.number) == number.as_ref());
            return Ok(match known {
                Some(invoice) => IssueReply::Final {
                    invoice: Box::new(invoice.clone()),
                    replayed: true,
                },
                None => IssueReply::Pending(Box::new(view)),
            });
        }
        let Some(prepared) = result.prepared else {
            return Err(Refusal::sorted(result.faults).unwrap());
        };
        let order_ref = &order.draft.order_ref;
        if order_ref.is_some()
            && state
                .invoices
                .iter()
                .any(|i| i.document.order_ref == *order_ref)
        {
            return Err(Refusal::new(Fault::at(
                FailureCode::DuplicateOrder,
                "/order_ref",
            )));
        }
        if state.balances[&order.account] < FEE {
            if order.wait == Wait::Accepted {
                let view = state.pending(&order, Some(WaitingFor::TopUp));
                return Ok(IssueReply::Pending(Box::new(view)));
            }
            let fault = Fault::new(FailureCode::FeeBalanceInsufficient);
            let balance = state.balances[&order.account].to_string();
            return Err(
                Refusal::new(fault.got(balance).expected(FEE.to_string())).detail("0.10 short")
            );
        }
        if self.options.network == Network::Silent || order.wait == Wait::Accepted {
            return Ok(IssueReply::Pending(Box::new(state.pending(&order, None))));
        }
        let invoice = state.make_final(order.account, &prepared);
        let mut view = state.pending(&order, None);
        view.state = RequestState::Final;
        view.chance = Chance::Issued;
        view.number = Some(invoice.document.number.clone());
        view.links = RequestLinks::of(&view.id, view.number.as_deref());
        state.keep(&order, view);
        Ok(IssueReply::Final {
            invoice: Box::new(invoice),
            replayed: false,
        })
    }

    async fn invoice(&self, caller: &Caller, number: &str) -> Result<Invoice, Refusal> {
        let state = self.state();
        let mut known = state.invoices.iter();
        let invoice = known.find(|i| i.document.number == number);
        let own = invoice.filter(|invoice| caller.owns(invoice.document.account));
        found(own.cloned(), FailureCode::InvoiceNotFound)
    }

    async fn invoices(
        &self,
        account: u32,
        filter: InvoiceFilter,
        cut: Cut,
    ) -> Result<Page<Invoice>, Refusal> {
        let before = match &cut.cursor {
            None => u64::MAX,
            Some(cursor) => cursor.parse().map_err(|_foreign| {
                Refusal::new(Fault::at(FailureCode::ParameterInvalid, "/cursor"))
            })?,
        };
        let wanted = |invoice: &&Invoice| {
            let document = &invoice.document;
            document.account == account
                && document.height < before
                && filter.status.is_none_or(|status| status == invoice.status)
                && (filter.order_ref.is_none() || filter.order_ref == document.order_ref)
                && filter
                    .text
                    .as_ref()
                    .is_none_or(|text| document.number.contains(text))
        };
        let limit = usize::try_from(cut.limit).unwrap();
        let state = self.state();
        let mut data: Vec<_> = state
            .invoices
            .iter()
            .rev()
            .filter(wanted)
            .take(limit + 1)
            .cloned()
            .collect();
        let has_more = data.len() > limit;
        data.truncate(limit);
        let last = data
            .last()
            .map(|invoice| invoice.document.height.to_string());
        Ok(Page {
            data,
            has_more,
            next_cursor: last.filter(|_| has_more),
        })
    }

    async fn proof(&self, order: ProofOrder) -> Result<StoredFile, Refusal> {
        self.public_invoice(&order.number).await?;
        let bytes = Bytes::from(format!(
            "{:?} {:?} {}",
            order.form, order.show, order.number
        ));
        Ok(StoredFile {
            bytes,
            version: format!("{:?}-7", order.form),
            immutable: false,
        })
    }

    async fn view_secret(&self, caller: &Caller, number: &str) -> Result<String, Refusal> {
        self.invoice(caller, number).await?;
        Ok(VIEW_SECRET.to_owned())
    }

    async fn viewed_invoice(
        &self,
        number: &str,
        shown: [u8; 32],
    ) -> Result<InvoiceDocument, Refusal> {
        let owner = self.authenticate(KEY_BOTH).await.unwrap();
        let right = shown == VIEW_DIGEST;
        let invoice = self.invoice(&owner, number).await?;
        found(
            right.then_some(invoice.document),
            FailureCode::InvoiceNotFound,
        )
    }

    async fn invoice_json(&self, caller: &Caller, number: &str) -> Result<StoredFile, Refusal> {
        let document = self.invoice(caller, number).await?.document;
        let bytes = Bytes::from(serde_json::to_vec(&document).unwrap());
        Ok(StoredFile {
            bytes,
            version: document.invoice_id,
            immutable: true,
        })
    }

    async fn request(&self, caller: &Caller, id: &str) -> Result<RequestView, Refusal> {
        let state = self.state();
        let mut views = state.requests.values().map(|(_, view)| view);
        let view = views.find(|view| view.id == id && caller.owns(view.account));
        found(view.cloned(), FailureCode::ResourceNotFound)
    }

    async fn outcome(&self, account: u32, key: &IdempotencyKey) -> Result<RequestView, Refusal> {
        let state = self.state();
        let known = state.requests.get(&(account, key.to_string()));
        found(
            known.map(|(_, view)| view.clone()),
            FailureCode::ResourceNotFound,
        )
    }

    async fn requests(
        &self,
        account: u32,
        state: Option<RequestState>,
        cut: Cut,
    ) -> Result<Page<RequestView>, Refusal> {
        let held = self.state();
        let wanted = |view: &&RequestView| {
            view.account == account && state.is_none_or(|state| state == view.state)
        };
        let views = held.requests.values().map(|(_, view)| view);
        let limit = usize::try_from(cut.limit).unwrap();
        Ok(Page::last(
            views.filter(wanted).take(limit).cloned().collect(),
        ))
    }

    async fn act(
        &self,
        caller: &Caller,
        id: &str,
        act: RequestAct,
    ) -> Result<RequestView, Refusal> {
        let mut view = self.request(caller, id).await?;
        match act {
            RequestAct::Cancel if view.state == RequestState::Final => {
                return Err(Refusal::of(FailureCode::DuplicateOrder));
            }
            RequestAct::Cancel => view.state = RequestState::Cancelled,
            RequestAct::Retry => {}
            RequestAct::Reissue(draft) => {
                let faults = preflight(&draft, &sample::desk()).faults;
                if let Some(refusal) = Refusal::sorted(faults) {
                    return Err(refusal);
                }
            }
        }
        Ok(view)
    }

    async fn account(&self, account: u32) -> Result<Account, Refusal> {
        let tip = self.tip();
        let state = self.state();
        let balance = *found(state.balances.get(&account), FailureCode::FeeAccountUnknown)?;
        Ok(Account {
            account,
            name: None,
            tax_id: None,
            taxpayer: "general".to_owned(),
            status: "active".to_owned(),
            fee_balance: balance.to_string(),
            reserved: Fen::ZERO.to_string(),
            available: balance.to_string(),
            fee: FEE.to_string(),
            can_issue: u64::try_from(balance.fen() / FEE.fen()).unwrap(),
            invoices_per_day: None,
            days_left: None,
            low: false,
            issued_count: tip,
            height: tip,
        })
    }

    async fn limits(&self, account: u32) -> Result<Limits, Refusal> {
        self.account(account).await?;
        Ok(Limits {
            account,
            suspended: false,
            single_invoice: None,
            invoices_per_day: None,
            issued_today: None,
            month_quota: "1000000.00".to_owned(),
            month_used: Fen::ZERO.to_string(),
            in_flight: 0,
            height: self.tip(),
        })
    }

    async fn ledger(&self, account: u32, cut: Cut) -> Result<Page<LedgerEntry>, Refusal> {
        self.account(account).await?;
        let limit = usize::try_from(cut.limit).unwrap();
        Ok(Page::last(
            self.state()
                .ledger
                .iter()
                .rev()
                .take(limit)
                .cloned()
                .collect(),
        ))
    }

    async fn top_up(&self, order: TopUpOrder) -> Result<TopUp, Refusal> {
        let mut state = self.state();
        if let Some((key, reply)) = state.top_ups.get(&order.reference) {
            if key == order.key.as_str() {
                return Ok(reply.clone());
            }
            return Err(Refusal::new(Fault::at(FailureCode::TopupDuplicate, "/ref")));
        }
        let balance = *found(
            state.balances.get(&order.account),
            FailureCode::FeeAccountUnknown,
        )?;
        let balance = balance.checked_add(order.amount).unwrap();
        state.balances.insert(order.account, balance);
        let reply = TopUp {
            reference: order.reference.clone(),
            account: order.account,
            amount: order.amount.to_string(),
            txid: hash(7000),
            height: 1,
            fee_balance: balance.to_string(),
        };
        state
            .top_ups
            .insert(order.reference, (order.key.to_string(), reply.clone()));
        Ok(reply)
    }

    async fn submit(&self, transaction: Bytes, _wait: Wait) -> Result<Outcome, Refusal> {
        if transaction.is_empty() {
            return Err(Refusal::of(FailureCode::TransactionMalformed));
        }
        let mut outcome = Outcome::unknown(hash(8000));
        if self.options.network != Network::Silent {
            outcome.state = OutcomeState::Final;
            outcome.height = Some(1);
        }
        Ok(outcome)
    }

    async fn submit_all(
        &self,
        transactions: Vec<Bytes>,
        wait: Wait,
    ) -> Result<Vec<Outcome>, Refusal> {
        let mut outcomes = Vec::new();
        for transaction in transactions {
            let outcome = self.submit(transaction, wait).await;
            outcomes.push(outcome.unwrap_or_else(|refusal| {
                let failures = refusal.faults.iter();
                let failures = failures.map(|fault| Failure::from_fault(fault, None));
                Outcome::refused(String::new(), failures.collect())
            }));
        }
        Ok(outcomes)
    }

    async fn transaction(&self, txid: [u8; 32]) -> Result<Outcome, Refusal> {
        found(
            self.state().outcomes.get(&txid).cloned(),
            FailureCode::ResourceNotFound,
        )
    }

    async fn chain(&self) -> Result<ChainStatus, Refusal> {
        let height = self.tip();
        Ok(ChainStatus {
            chain_id: hash(42),
            network: "test".to_owned(),
            height,
            block_id: hash(1000 + height),
            time: time_of(height).to_string(),
            peers: 0,
            syncing: !self.options.synced,
            network_height: height,
            validators: 1,
        })
    }

    async fn blocks(&self, before: Option<u64>, limit: u32) -> Result<Page<BlockSummary>, Refusal> {
        let end = before.unwrap_or(u64::MAX).min(self.tip() + 1);
        let start = end.saturating_sub(u64::from(limit));
        let data = (start..end).rev().map(|height| self.block_at(height));
        let data = data.map(|block| BlockSummary {
            height: block.height,
            block_id: block.block_id,
            time: block.time,
            tx_count: block.tx_count,
            proposer: block.proposer,
        });
        Ok(Page {
            data: data.collect(),
            has_more: start > 0,
            next_cursor: None,
        })
    }

    async fn block(&self, height: u64) -> Result<Block, Refusal> {
        let known = (height <= self.tip()).then(|| self.block_at(height));
        found(known, FailureCode::ResourceNotFound)
    }

    async fn validators(&self) -> Result<ValidatorSet, Refusal> {
        let validator = Validator {
            address: "ab".repeat(16),
            key: hash(6),
            power: 1,
        };
        Ok(ValidatorSet {
            height: self.tip() + 1,
            valset_hash: hash(4),
            total_power: 1,
            data: vec![validator],
            next: None,
            misbehaviour: Vec::new(),
        })
    }

    async fn trust_root(&self) -> Result<Bytes, Refusal> {
        Ok(Bytes::from_static(b"{ \"trust\": 1 }\n"))
    }

    async fn checkpoint(&self) -> Result<String, Refusal> {
        let key = SecretKey::from_seed(&[3; 32]);
        Ok(self.log_checkpoint().sign(&key).to_text())
    }

    async fn consistency(&self, from: u64, to: u64) -> Result<Consistency, Refusal> {
        let path = consistency_path(&self.history(), from, to);
        let path = found(path, FailureCode::ResourceNotFound)?;
        let path = path.iter().map(hex::encode).collect();
        Ok(Consistency { from, to, path })
    }

    async fn tlog_proof(&self, height: u64) -> Result<String, Refusal> {
        let checkpoint = self.log_checkpoint();
        let path = self.history().path(height, checkpoint.size);
        let shown = BlockInclusion {
            height,
            path: found(path, FailureCode::ResourceNotFound)?,
            note: checkpoint.sign(&SecretKey::from_seed(&[3; 32])),
        };
        Ok(shown.to_text())
    }

    async fn public_invoice(&self, number: &str) -> Result<PublicInvoice, Refusal> {
        let state = self.state();
        let mut known = state.invoices.iter();
        let invoice = found(
            known.find(|invoice| invoice.document.number == number),
            FailureCode::InvoiceNotFound,
        )?;
        let document = &invoice.document;
        Ok(PublicInvoice {
            number: document.number.clone(),
            account: document.account,
            counter: document.counter,
            kind: document.kind.clone(),
            issued_on: "2026-11-21".to_owned(),
            totals: document.totals.clone(),
            txid: document.txid.clone(),
            height: document.height,
            final_at: document.final_at.clone(),
        })
    }

    async fn latest_invoices(&self, limit: u32) -> Result<Vec<PublicInvoice>, Refusal> {
        let numbers: Vec<_> = {
            let state = self.state();
            let latest = state
                .invoices
                .iter()
                .rev()
                .take(usize::try_from(limit).unwrap());
            latest
                .map(|invoice| invoice.document.number.clone())
                .collect()
        };
        let mut invoices = Vec::new();
        for number in numbers {
            invoices.push(self.public_invoice(&number).await?);
        }
        Ok(invoices)
    }

    async fn readiness(&self) -> Readiness {
        let check = ReadinessCheck {
            name: "synced".to_owned(),
            ok: self.options.synced,
            detail: "height 7 of 9".to_owned(),
        };
        Readiness {
            ready: self.options.synced,
            checks: vec![check],
        }
    }

    async fn metrics(&self) -> String {
        format!("piao_block_height {}\n", self.tip())
    }
}
