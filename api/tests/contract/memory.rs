//! A small node in memory: it checks, numbers, charges and remembers, but has no network.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use piao_api::backend::{IssueOrder, NodeFacts, Refusal};
use piao_api::caller::Caller;
use piao_api::server::Bounds;
use piao_api::wire::{
    Block, BlockTransaction, CertificateSummary, Chance, Confirmation, ConfirmationLine,
    ConfirmationState, DocumentState, Effect, Invoice, InvoiceDocument, InvoiceLinks,
    InvoiceStatus, IssuedPlace, LedgerEntry, LedgerKind, Outcome, OutcomeState, RequestLinks,
    RequestState, RequestView, TopUp, WaitingFor,
};
use piao_chain::amount::Fen;
use piao_chain::digest::{BlockId, ChainId};
use piao_chain::failure::FailureCode;
use piao_chain::invoice::{Draft, Prepared, sample};
use piao_chain::proof::history::History;
use piao_chain::time::BlockTime;
use piao_chain::transparency::{LogCheckpoint, Origin};
use tokio::sync::{Notify, Semaphore};

/// Key for accounts 1 and 2, and for account 2 alone.
pub(crate) const KEY_BOTH: &str = "sk_both";
pub(crate) const KEY_SECOND: &str = "sk_second";
/// The secret of every invoice's link, and what a page shows in its place.
pub(crate) const VIEW_SECRET: &str = "Az0_-9xYAz0_-9xYAz0_-9";
pub(crate) const VIEW_DIGEST: [u8; 32] = [15; 32];
/// What one invoice costs.
pub(crate) const FEE: Fen = Fen::new(10);

/// Number of the invoice that a red letter is proposed for.
pub(crate) const PROPOSED: &str = "26310000000000000007";

/// That red letter.
pub(crate) fn proposed(state: ConfirmationState) -> Confirmation {
    Confirmation {
        id: "5000000007".to_owned(),
        number: PROPOSED.to_owned(),
        state,
        reason: "02".to_owned(),
        lines: vec![ConfirmationLine {
            line: 1,
            amount: "10.00".to_owned(),
        }],
        amount: "10.00".to_owned(),
        proposed_by: 2,
        answered_by: 1,
        proposed_at: time_of(1).to_string(),
        lapses_at: time_of(2).to_string(),
    }
}

/// How the network behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Network {
    /// Everything is final at once.
    Answers,
    /// Requests stay pending.
    Silent,
    /// An issue waits until a test lets it go on through `gate`.
    Gated,
}

/// How the node is set up.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// Whether it serves its own machine without a key.
    pub(crate) dev: bool,
    /// Fee balance of account 1, in fen.
    pub(crate) balance: i64,
    /// How the network behaves.
    pub(crate) network: Network,
    /// Whether it has caught up.
    pub(crate) synced: bool,
    /// Bounds of the server.
    pub(crate) bounds: Bounds,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            dev: true,
            balance: 5000,
            network: Network::Answers,
            synced: true,
            bounds: Bounds::default(),
        }
    }
}

pub(crate) struct Memory {
    pub(crate) options: Options,
    pub(crate) facts: NodeFacts,
    state: Mutex<State>,
    /// What an issue passes through.
    pub(crate) gate: Semaphore,
    /// Told when an issue has come to the gate.
    pub(crate) arrived: Notify,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) balances: BTreeMap<u32, Fen>,
    pub(crate) invoices: Vec<Invoice>,
    pub(crate) requests: BTreeMap<(u32, String), (Draft, RequestView)>,
    pub(crate) top_ups: BTreeMap<String, (String, TopUp)>,
    pub(crate) ledger: Vec<LedgerEntry>,
    pub(crate) outcomes: BTreeMap<[u8; 32], Outcome>,
}

/// Name of its log.
pub(crate) const LOG: Origin = Origin(ChainId([0x77; 32]));

pub(crate) fn hash(seed: u64) -> String {
    format!("{seed:064x}")
}

pub(crate) fn time_of(height: u64) -> BlockTime {
    BlockTime::from_ms(sample::NOW_MS + height * 1000)
}

pub(crate) fn found<T>(value: Option<T>, code: FailureCode) -> Result<T, Refusal> {
    value.ok_or_else(|| Refusal::of(code))
}

impl Memory {
    pub(crate) fn new(options: Options, port: u16) -> Self {
        let dev_caller = Caller {
            name: "dev".to_owned(),
            accounts: vec![1, 2],
        };
        let facts = NodeFacts {
            network: "test".to_owned(),
            version: "0.1.0".to_owned(),
            own_hosts: ["127.0.0.1", "localhost", "[::1]"]
                .map(|host| format!("{host}:{port}"))
                .to_vec(),
            dev_caller: options.dev.then_some(dev_caller),
            public_status: options.dev,
        };
        let mut state = State::default();
        state.balances.insert(1, Fen::new(options.balance));
        state.balances.insert(2, Fen::ZERO);
        let gate = Semaphore::new(if options.network == Network::Gated {
            0
        } else {
            Semaphore::MAX_PERMITS
        });
        Self {
            options,
            facts,
            state: Mutex::new(state),
            gate,
            arrived: Notify::new(),
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// How many drafts were accepted; proves that nothing was kept.
    pub(crate) fn kept(&self) -> usize {
        self.state().requests.len()
    }

    pub(crate) fn tip(&self) -> u64 {
        u64::try_from(self.state().invoices.len()).unwrap()
    }

    /// Ids of its blocks, as the log holds them.
    pub(crate) fn history(&self) -> History {
        let mut history = History::default();
        for height in 0..=self.tip() {
            history.push(&Self::log_id(height));
        }
        history
    }

    pub(crate) fn log_id(height: u64) -> BlockId {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&height.to_be_bytes());
        BlockId(id)
    }

    /// The log over all its blocks.
    pub(crate) fn log_checkpoint(&self) -> LogCheckpoint {
        let history = self.history();
        LogCheckpoint {
            origin: LOG,
            size: history.size(),
            root: history.root(),
        }
    }

    pub(crate) fn block_at(&self, height: u64) -> Block {
        let state = self.state();
        let invoice = state
            .invoices
            .iter()
            .find(|invoice| invoice.document.height == height);
        let transactions = invoice.into_iter().map(|invoice| BlockTransaction {
            index: 0,
            txid: invoice.document.txid.clone(),
            account: invoice.document.account,
            action: "issue_invoice".to_owned(),
            code: None,
            number: Some(invoice.document.number.clone()),
        });
        let certificate = CertificateSummary {
            round: 0,
            signers: vec!["ab".repeat(16)],
        };
        Block {
            height,
            block_id: hash(1000 + height),
            parent_id: hash((1000 + height).saturating_sub(1)),
            time: time_of(height).to_string(),
            tx_count: u32::from(height > 0),
            tx_root: hash(1),
            state_root: hash(2),
            hist_root: hash(3),
            valset_hash: hash(4),
            proposer: "ab".repeat(16),
            certificate: (height > 0).then_some(certificate),
            transactions: transactions.collect(),
        }
    }
}

impl State {
    pub(crate) fn make_final(&mut self, account: u32, prepared: &Prepared) -> Invoice {
        let sequence = u64::try_from(self.invoices.len()).unwrap() + 1;
        let of_account = self
            .invoices
            .iter()
            .filter(|i| i.document.account == account);
        let txid = hash(5000 + sequence);
        let number = format!("26310{sequence:015}");
        let place = IssuedPlace {
            number: number.clone(),
            counter: u64::try_from(of_account.count()).unwrap() + 1,
            invoice_id: hash(9000 + sequence),
            network: "test".to_owned(),
            account,
            fee: FEE,
            txid: txid.clone(),
            height: sequence,
            block_id: hash(1000 + sequence),
            final_at: time_of(sequence),
        };
        let invoice = Invoice {
            links: InvoiceLinks::of(&number, &txid),
            document: InvoiceDocument::new(prepared.invoice(), place),
            status: InvoiceStatus::Issued,
            booked: false,
            claim: None,
            reversed_by: Vec::new(),
            red_letter_of: None,
            reissue_of: None,
            changes: None,
            reissued_by: None,
            confirmation: None,
            document_state: DocumentState::Held,
            downloads: 0,
        };
        self.charge(account, &invoice);
        self.remember(&invoice);
        self.invoices.push(invoice.clone());
        invoice
    }

    fn charge(&mut self, account: u32, invoice: &Invoice) {
        let balance = self.balances[&account].checked_sub(FEE).unwrap();
        self.balances.insert(account, balance);
        self.ledger.push(LedgerEntry {
            height: invoice.document.height,
            index: 0,
            at: invoice.document.final_at.clone(),
            txid: invoice.document.txid.clone(),
            kind: LedgerKind::IssueFee,
            reserved: "0.00".to_owned(),
            amount: format!("-{FEE}"),
            balance: balance.to_string(),
            number: Some(invoice.document.number.clone()),
            reference: None,
        });
    }

    fn remember(&mut self, invoice: &Invoice) {
        let document = &invoice.document;
        let mut txid = [0; 32];
        hex::decode_to_slice(&document.txid, &mut txid).unwrap();
        let mut outcome = Outcome::unknown(document.txid.clone());
        outcome.state = OutcomeState::Final;
        outcome.height = Some(document.height);
        outcome.effects.push(Effect {
            slot: document.height,
            number: document.number.clone(),
            counter: document.counter,
            prev_invoice_id: hash(0),
        });
        self.outcomes.insert(txid, outcome);
    }

    pub(crate) fn pending(
        &mut self,
        order: &IssueOrder,
        waiting: Option<WaitingFor>,
    ) -> RequestView {
        let id = format!("r{}", self.requests.len() + 1);
        let state = if waiting.is_some() {
            RequestState::Waiting
        } else {
            RequestState::Submitted
        };
        let view = RequestView {
            links: RequestLinks::of(&id, None),
            id,
            account: order.account,
            idempotency_key: order.key.to_string(),
            order_ref: order.draft.order_ref.clone(),
            state,
            waiting_for: waiting,
            chance: Chance::Possible,
            possible_until: None,
            number: None,
            txid: None,
            height: None,
            attempts: Vec::new(),
            failures: Vec::new(),
            not_before: None,
            confirmation: None,
            next_action: None,
            created_at: time_of(0).to_string(),
            updated_at: time_of(0).to_string(),
        };
        self.keep(order, view.clone());
        view
    }

    pub(crate) fn keep(&mut self, order: &IssueOrder, view: RequestView) {
        let key = (order.account, order.key.to_string());
        self.requests.insert(key, (order.draft.clone(), view));
    }
}
