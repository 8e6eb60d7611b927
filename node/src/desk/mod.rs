//! The desk: what no block holds. Requests, private documents, top-ups of this node's merchants.
//!
//! Guards: a key is bound to a parsed draft once its request is accepted, for ever; nothing is
//! accepted before it is synced; what became of a request is read from the chain, never guessed.

mod anchor;
mod answer;
mod ask;
mod book;
mod compose;
mod confirm;
mod correct;
mod elsewhere;
mod events;
mod in_flight;
mod index;
mod issue;
mod lists;
mod merchant;
mod notices;
mod outbox;
mod outcome;
mod records;
mod red_document;
mod rotate;
pub mod store;
mod top_ups;
mod views;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use piao_api::backend::Refusal;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::signature::SecretKey;

use crate::disk_space::DiskSpace;
use crate::ledger::{ChainView, CommittedBlock};
use crate::mempool::Admission;
use in_flight::InFlight;
use index::Index;
pub(crate) use lists::document_file;
pub use merchant::{LaterKey, Merchant, MerchantSecret};
use notices::Told;
use outbox::Jobs;
pub(crate) use outbox::{Forecast, Move};
use store::DeskStore;
pub(crate) use top_ups::reference_digest;

/// The desk of a node.
#[derive(Debug)]
pub struct Desk {
    chain: Arc<ChainView>,
    admission: Arc<Admission>,
    store: DeskStore,
    merchants: BTreeMap<u32, Merchant>,
    /// Credits top-ups where this node may: a faucet.
    authority: Option<SecretKey>,
    index: Mutex<Index>,
    in_flight: InFlight,
    /// Requests that are not at their end.
    jobs: Jobs,
    /// The block that was read last, with its height.
    last_block: Mutex<Option<(u64, Arc<CommittedBlock>)>>,
    /// Corrections of one invoice are made one after the other.
    corrections: Vec<tokio::sync::Mutex<()>>,
    /// Room on the disk, where somebody watches it.
    disk: OnceLock<Arc<DiskSpace>>,
    /// What was told that belongs to no request.
    told: Mutex<Told>,
    /// Balances are told of one after the other.
    telling: tokio::sync::Mutex<()>,
    /// A balance that pays for fewer invoices is told of.
    low_balance_invoices: OnceLock<u64>,
}

impl Desk {
    /// A desk over what its store holds.
    ///
    /// # Errors
    /// When a record can't be read back.
    pub fn open(
        chain: Arc<ChainView>,
        admission: Arc<Admission>,
        store: DeskStore,
        replayed: Vec<store::DeskHeader>,
        merchants: Vec<Merchant>,
        authority: Option<SecretKey>,
    ) -> Result<Self, store::DeskStoreError> {
        let desk = Self {
            chain,
            admission,
            store,
            merchants: merchants
                .into_iter()
                .map(|merchant| (merchant.account, merchant))
                .collect(),
            authority,
            index: Mutex::default(),
            in_flight: InFlight::default(),
            jobs: Jobs::default(),
            last_block: Mutex::default(),
            corrections: (0..correct::CORRECTION_LOCKS)
                .map(|_lock| tokio::sync::Mutex::default())
                .collect(),
            disk: OnceLock::new(),
            told: Mutex::default(),
            telling: tokio::sync::Mutex::default(),
            low_balance_invoices: OnceLock::new(),
        };
        desk.replay(replayed)?;
        Ok(desk)
    }

    /// Tells the desk of the room on its disk; only the first call counts.
    pub fn watch_disk(&self, disk: Arc<DiskSpace>) {
        let _first = self.disk.set(disk);
    }

    /// Has the desk tell of balances that pay for fewer invoices; only the first call counts.
    pub fn warn_below(&self, invoices: u64) {
        let _first = self.low_balance_invoices.set(invoices);
    }

    /// The merchant of an account, if this desk signs for it.
    #[must_use]
    pub fn merchant(&self, account: u32) -> Option<&Merchant> {
        self.merchants.get(&account)
    }

    /// Accounts this desk signs for, ascending.
    #[must_use]
    pub fn accounts(&self) -> Vec<u32> {
        self.merchants.keys().copied().collect()
    }

    fn merchant_or_refuse(&self, account: u32) -> Result<&Merchant, Refusal> {
        self.merchant(account).ok_or_else(|| {
            Refusal::new(
                Fault::at(FailureCode::PermissionDenied, "/account")
                    .got(account.to_string())
                    .expected("an account this desk signs for"),
            )
        })
    }

    fn index(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
