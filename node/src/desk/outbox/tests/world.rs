//! A merchant's node and the network around it.

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bytes::Bytes;
use piao_api::backend::{
    IssueOrder, IssueReply, RedLetterOrder, RedLine, Refusal, ReissueOrder, Wait,
};
use piao_api::caller::Caller;
use piao_api::idempotency::IdempotencyKey;
use piao_api::wire::{Chance, RequestView};
use piao_chain::amount::Fen;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::invoice::{Draft, sample};
use piao_chain::outcome::Outcome;
use piao_chain::proof::{Finding, VerifyOptions, verify};
use piao_chain::state::{IssueLimits, Leaf, MaintenanceReason, Slot, StateView as _};
use piao_chain::testing::TestNet;
use piao_chain::transaction::{Announce, EndMaintenance, Payload, SetLimits, SignedTransaction};
use piao_engine::{Answer, BodySource, Checked};
use tempfile::TempDir;
use tokio::sync::{mpsc, oneshot};
use zeroize::Zeroizing;

use crate::backend::{find, proofs};
use crate::clock::Clock;
use crate::desk::store::{DeskHeader, DeskStore, DeskStoreError};
use crate::desk::{Desk, Merchant, MerchantSecret};
use crate::journal::BlockJournal;
use crate::ledger::{
    ChainView, Command, LedgerError, LedgerHandle, LedgerParts, Settled, Tip, start,
};
use crate::mempool::{Admission, PoolLimits};
use crate::storage::restore;

/// What one invoice costs in these networks, in fen.
pub(super) const FEE_FEN: i64 = 10;

/// What one that fails in a block costs, in fen.
const FAILURE_FEN: i64 = 1;

/// How long work that nobody waits for any more may hold the desk's store, and how often it is tried.
const DESK_FREE_WITHIN: Duration = Duration::from_secs(20);
const ASK_EVERY: Duration = Duration::from_millis(2);

/// Beyond the window of everything that was signed before.
pub(super) const BEYOND_WINDOW_MS: u64 = 11 * 60 * 1_000;

/// More than a proposal waits for its answer.
pub(super) const BEYOND_ANSWER_MS: u64 = 73 * 60 * 60 * 1_000;

/// Rounds between two in which nobody has answered in time.
const ROUNDS_TO_LAPSE: usize = 10;

/// Rounds after which whatever can end has ended.
const ROUNDS_MAX: usize = 60;

/// The node while it runs.
struct Live {
    chain: Arc<ChainView>,
    admission: Arc<Admission>,
    ledger: LedgerHandle,
    thread: JoinHandle<Result<(), LedgerError>>,
    desk: Arc<Desk>,
    announced: mpsc::Receiver<SignedTransaction>,
}

/// The network with its merchant's node.
pub(super) struct World {
    dir: TempDir,
    live: Option<Live>,
    pub(super) net: TestNet,
    /// What left the node: another validator may still have it.
    pub(super) out: Vec<SignedTransaction>,
    references: u32,
    /// How often maintenance was announced.
    announced: u32,
}

impl World {
    /// A merchant with so much for fees, and its node.
    pub(super) async fn with_fen(fen: i64) -> Self {
        let mut net = TestNet::new(1);
        let register = net.register_merchant();
        net.commit(vec![register]);
        let mut world = Self::over(net).await;
        if fen > 0 {
            world.top_up(fen).await;
        }
        world
    }

    /// A merchant with enough for fees, its node, and a buyer as account 2.
    pub(super) async fn with_buyer() -> Self {
        Self::over(TestNet::with_buyer(1)).await
    }

    async fn over(net: TestNet) -> Self {
        let mut world = Self {
            dir: tempfile::tempdir().unwrap(),
            live: None,
            net,
            out: Vec::new(),
            references: 0,
            announced: 0,
        };
        world.open();
        for at in 0..world.net.blocks.len() {
            world.follow(at).await;
        }
        world
    }

    fn open(&mut self) {
        let wall_ms = i64::try_from(Clock::default().now().ms()).unwrap();
        let net_ms = i64::try_from(self.net.now().ms() + 60_000).unwrap();
        let clock = Clock::with_offset_ms(net_ms - wall_ms);
        let genesis = self.net.genesis.clone();
        let blocks = self.dir.path().join("blocks");
        let (journal, _found) = BlockJournal::open(&blocks, &genesis.chain_id()).unwrap();
        let state = self.dir.path().join("state");
        let reader = journal.reader();
        let restored = restore(&state, 8 << 20, &reader, &genesis, false, &mut |_, _| {}).unwrap();
        let (of_tip, trees) = (
            (restored.tip, restored.tip_id),
            (restored.tree, restored.history),
        );
        // The node reads it out of its journal; this journal holds the same block.
        let tip_height = usize::try_from(of_tip.0.height).unwrap();
        let certificate = tip_height.checked_sub(1);
        let certificate = certificate.map(|at| self.net.blocks[at].certificate.clone());
        let tip = Tip::of(of_tip, certificate, trees, &restored.cache, &genesis).unwrap();
        let cache = Arc::new(restored.cache);
        let chain = Arc::new(ChainView::new(genesis, tip, cache, reader, clock));
        let limits = PoolLimits {
            transactions_max: 6,
            bytes_max: 1 << 20,
        };
        let admission = Arc::new(Admission::new(Arc::clone(&chain), limits));
        let (announce, announced) = mpsc::channel(10_000);
        admission.announce_to(announce);
        let parts = LedgerParts {
            chain: Arc::clone(&chain),
            admission: Arc::clone(&admission),
            journal,
            me: self.net.validators[0].public_key().id(),
        };
        let (ledger, thread) = start(parts).unwrap();
        let (store, headers) = open_desk(&self.dir.path().join("desk"));
        let merchant = Merchant {
            account: 1,
            name: sample::desk().seller.name,
            tax_id: sample::SELLER_TAX_ID.to_owned(),
            key: self.net.merchant.clone(),
            later: Vec::new(),
            admin: None,
            secret: MerchantSecret(Zeroizing::new([9; 32])),
            card: self.net.card(),
        };
        let (of_desk, door) = (Arc::clone(&chain), Arc::clone(&admission));
        let desk = Desk::open(of_desk, door, store, headers, vec![merchant], None).unwrap();
        desk.resume();
        self.live = Some(Live {
            chain,
            admission,
            ledger,
            thread,
            desk: Arc::new(desk),
            announced,
        });
    }

    fn live(&self) -> &Live {
        self.live.as_ref().unwrap()
    }

    pub(super) fn desk(&self) -> &Arc<Desk> {
        &self.live().desk
    }

    pub(super) fn chain(&self) -> &ChainView {
        &self.live().chain
    }

    pub(super) fn admission(&self) -> &Admission {
        &self.live().admission
    }

    /// Hands in a transaction of somebody's own making.
    pub(super) fn hand_in(&self, transaction: SignedTransaction) -> Result<(), Vec<Fault>> {
        self.admission().admit(transaction, false).map(|_new| ())
    }

    async fn ask<T>(&self, command: impl FnOnce(Answer<T>) -> Command) -> T {
        let (reply, answer) = oneshot::channel();
        self.live().ledger.send(command(reply));
        answer.await.unwrap()
    }

    /// The node takes over a block that the network decided.
    async fn follow(&self, at: usize) {
        let decided = &self.net.blocks[at];
        let block = &decided.block;
        let checked = self.ask(|reply| Command::Check {
            height: block.header.height,
            round: 0,
            valid_round: None,
            proposer: block.header.proposer,
            body: Bytes::from(block.encode()),
            source: BodySource::Synced,
            reply,
        });
        assert!(matches!(checked.await, Checked::Block { valid: true, .. }));
        let certificate = decided.certificate.clone();
        self.ask(|reply| Command::Commit { certificate, reply })
            .await;
    }

    /// The network decides a block of these, as far as they can be in one.
    pub(super) async fn block(&mut self, transactions: Vec<SignedTransaction>) {
        self.net.commit(transactions);
        self.follow(self.net.blocks.len() - 1).await;
    }

    /// A block of everything that left the node so far.
    pub(super) async fn block_of_all(&mut self) {
        self.gather();
        let all = std::mem::take(&mut self.out);
        self.block(all).await;
    }

    /// An empty block, later than every window that is open now.
    pub(super) async fn late_block(&mut self) {
        let clock_ms = self.live().chain.clock().now().ms();
        let later_ms = self.net.now().ms().max(clock_ms) + BEYOND_WINDOW_MS;
        self.net.set_clock_ms(later_ms);
        self.block(Vec::new()).await;
    }

    /// An empty block at a time.
    pub(super) async fn block_at(&mut self, time_ms: u64) {
        self.net.set_clock_ms(time_ms);
        self.block(Vec::new()).await;
    }

    /// The authority announces maintenance that begins now and lasts so long.
    pub(super) async fn announce(&mut self, lasts_ms: u64) {
        let now_ms = self.net.now().ms();
        let payload = Payload::Announce(Announce {
            reason: MaintenanceReason::Drill,
            from_ms: now_ms,
            until_ms: now_ms + lasts_ms,
        });
        self.of_authority(payload).await;
        self.announced += 1;
    }

    /// The authority ends the maintenance that it announced last, if it lasts.
    pub(super) async fn end_maintenance(&mut self) {
        let announcement = self.announced;
        self.of_authority(Payload::EndMaintenance(EndMaintenance { announcement }))
            .await;
    }

    async fn of_authority(&mut self, payload: Payload) {
        let authority = self.net.authority.clone();
        let body = self.net.body(0, &authority.public_key(), payload);
        self.block(vec![TestNet::sign(body, &authority)]).await;
    }

    /// Every proposal of now has lapsed; the node's clock goes with the network's.
    pub(super) async fn until_lapsed(&mut self) {
        let later_ms = self.net.now().ms() + BEYOND_ANSWER_MS;
        self.block_at(later_ms).await;
        self.restart().await;
    }

    /// The authority allows so many invoices a day.
    pub(super) async fn limit_day(&mut self, invoices_per_day: u32) {
        let limits = IssueLimits {
            invoices_per_day,
            ..IssueLimits::default()
        };
        let payload = Payload::SetLimits(SetLimits {
            account: 1,
            limits: Some(limits),
        });
        self.of_authority(payload).await;
    }

    pub(super) async fn top_up(&mut self, fen: i64) {
        self.references += 1;
        let reference = format!("top-up {}", self.references);
        let credit = self.net.credit(1, fen, &reference);
        self.block(vec![credit]).await;
    }

    /// Takes what the node announced meanwhile.
    pub(super) fn gather(&mut self) {
        let live = self.live.as_mut().unwrap();
        while let Ok(transaction) = live.announced.try_recv() {
            if !self.out.contains(&transaction) {
                self.out.push(transaction);
            }
        }
    }

    /// The node loses a transaction that waits in its pool.
    pub(super) fn drop_from_pool(&self, transaction: &SignedTransaction, code: FailureCode) {
        let live = self.live();
        live.admission.withdraw(&transaction.id());
        let settled = Settled::Dropped(Fault::new(code));
        live.chain.finality().settle(&transaction.id(), &settled);
    }

    /// The node ends where it stands and is started again: only what is on disk is left.
    pub(super) async fn restart(&mut self) {
        self.gather();
        self.stop().await;
        self.open();
    }

    async fn stop(&mut self) {
        let live = self.live.take().unwrap();
        drop(live.desk);
        live.ledger.send(Command::Stop);
        tokio::task::spawn_blocking(move || live.thread.join().unwrap().unwrap())
            .await
            .unwrap();
        live.chain.cache().close().unwrap();
        drop((live.chain, live.admission));
    }

    /// Another node of the same merchant: the same keys and the same chain, and nothing of what this
    /// one holds.
    pub(super) async fn become_another_node(&mut self) {
        self.gather();
        self.stop().await;
        std::fs::remove_dir_all(self.dir.path().join("desk")).unwrap();
        self.open();
    }

    pub(super) fn order(key: &str, draft: &Draft, wait: Wait) -> IssueOrder {
        IssueOrder {
            account: 1,
            draft: draft.clone(),
            key: IdempotencyKey::parse(key).unwrap(),
            wait,
            anchor_failure: false,
        }
    }

    /// Asks for an invoice and waits until it is on disk.
    pub(super) async fn accept(&self, key: &str, draft: &Draft) -> Result<IssueReply, Refusal> {
        self.desk()
            .issue(Self::order(key, draft, Wait::Accepted))
            .await
    }

    /// Asks for an invoice and waits a moment for it.
    pub(super) async fn issue(&self, key: &str, draft: &Draft) -> Result<IssueReply, Refusal> {
        let wait = Wait::Final(Duration::from_millis(1));
        self.desk().issue(Self::order(key, draft, wait)).await
    }

    fn owner() -> Caller {
        Caller {
            name: "merchant".to_owned(),
            accounts: vec![1],
        }
    }

    /// Takes back so many fen of the first line of an invoice, or all that is left of it.
    pub(super) async fn take_back(
        &self,
        key: &str,
        (number, fen): (&str, Option<i64>),
        wait: Wait,
    ) -> Result<IssueReply, Refusal> {
        let line = |fen| RedLine {
            line: 1,
            amount: Fen::new(fen),
            quantity: None,
        };
        let order = RedLetterOrder {
            caller: Self::owner(),
            number: number.to_owned(),
            reason: if fen.is_some() { 2 } else { 1 },
            lines: fen.map(|fen| vec![line(fen)]),
            key: IdempotencyKey::parse(key).unwrap(),
            wait,
        };
        self.desk().issue_red_letter(order).await
    }

    /// Puts another invoice in the place of one.
    pub(super) async fn replace(
        &self,
        key: &str,
        (number, draft): (&str, &Draft),
        wait: Wait,
    ) -> Result<IssueReply, Refusal> {
        let order = ReissueOrder {
            caller: Self::owner(),
            number: number.to_owned(),
            draft: draft.clone(),
            key: IdempotencyKey::parse(key).unwrap(),
            wait,
        };
        self.desk().replace(order).await
    }

    pub(super) fn view(&self, key: &str) -> Option<RequestView> {
        self.desk().outcome(1, key).ok()
    }

    /// The network comes back and there is money: block after block until nothing is open.
    pub(super) async fn until_settled(&mut self) {
        self.top_up(10_000).await;
        for round in 1..=ROUNDS_MAX {
            self.desk().pass().await;
            self.block_of_all().await;
            self.desk().pass().await;
            if self.desk().jobs.len() == 0 {
                return;
            }
            if round % ROUNDS_TO_LAPSE == 0 {
                self.until_lapsed().await;
            }
            self.late_block().await;
        }
        let cut = piao_api::backend::Cut {
            limit: 200,
            cursor: None,
        };
        let page = self.desk().requests(1, None, &cut).unwrap().data;
        let open = page.iter().filter(|view| view.chance == Chance::Possible);
        panic!("stuck: {:#?}", open.collect::<Vec<_>>());
    }

    /// Everything on the chain that issued something, oldest first.
    fn issuances(&self) -> impl Iterator<Item = (&SignedTransaction, &Outcome)> {
        let blocks = self.net.blocks.iter();
        blocks
            .flat_map(|decided| decided.block.transactions.iter().zip(&decided.outcomes))
            .filter(|(transaction, outcome)| {
                transaction.body().payload.issues() > 0 && outcome.is_applied()
            })
    }

    /// Replay guards of everything on the chain that issued something.
    pub(super) fn guards(&self) -> Vec<[u8; 16]> {
        let all = self.issuances();
        all.map(|(transaction, _)| transaction.body().idem)
            .collect()
    }

    /// The invoices on the chain that are no red letters, oldest first.
    pub(super) fn issued(&self) -> Vec<OfChain> {
        let mut issued: Vec<OfChain> = Vec::new();
        for (transaction, outcome) in self.issuances() {
            let payload = &transaction.body().payload;
            let (red, invoice) = match payload {
                Payload::IssueInvoice(invoice) => (None, Some(&**invoice)),
                Payload::IssueRedLetter(red) => (Some(&**red), None),
                Payload::ReissueInvoice(both) => (Some(&both.red), Some(&both.invoice)),
                _ => continue,
            };
            if let Some(red) = red {
                let original = issued
                    .iter_mut()
                    .find(|one| one.number == red.original.as_str());
                // Amounts of a red letter are negative.
                let taken = red.facts.lines.iter().map(|line| -line.amount.fen());
                original.unwrap().taken_fen += taken.sum::<i64>();
            }
            if let Some(invoice) = invoice {
                let effect = outcome.effects.last().unwrap();
                issued.push(OfChain {
                    number: effect.number.to_string(),
                    order_key: invoice.order_key,
                    amount_fen: invoice.facts.totals.amount.fen(),
                    taken_fen: 0,
                });
            }
        }
        issued
    }

    /// What a stranger with the network's trust root says of a number's proof, as of the tip.
    pub(super) fn judge(&self, number: &str) -> Finding {
        let chain = &self.live().chain;
        let found = find(chain, number).unwrap();
        let proof = proofs::make(
            chain,
            &found,
            self.desk().card(1, &self.net.merchant.public_key().id()),
            Vec::new(),
        )
        .unwrap();
        let options = VerifyOptions {
            now: self.net.now(),
            max_age_ms: None,
        };
        let root = self.net.trust_root();
        let verdict = verify(&proof.encode(), Some(&root), &options);
        assert_eq!(verdict.number.as_deref(), Some(number), "{verdict:?}");
        verdict.verdict
    }

    /// What was credited is what is left and what was charged; what is reserved is what waits.
    pub(super) fn check_fees(&self) {
        let live = self.live();
        let Ok(Some(Leaf::Totals(totals))) = live.chain.cache().leaf(Slot::TOTALS) else {
            panic!("the state has totals");
        };
        let balance = |account| match live.chain.account(account).unwrap() {
            Some((_, account)) => account.fee_balance_fen,
            None => 0,
        };
        assert_eq!(
            totals.minted_fen,
            balance(1) + balance(2) + totals.collected_fen
        );
        let mut due_fen = 0;
        for decided in &self.net.blocks {
            for (transaction, outcome) in decided.block.transactions.iter().zip(&decided.outcomes) {
                let body = transaction.body();
                due_fen += match (body.account, outcome.is_applied()) {
                    (1, true) => i64::from(body.payload.issues()) * FEE_FEN,
                    (1, false) => FAILURE_FEN,
                    // The buyer has paid for nothing, and the authority never does.
                    _ => 0,
                };
            }
        }
        assert_eq!(totals.collected_fen, due_fen);
        let pool = live.admission.pool();
        let waiting = pool.candidates(usize::MAX);
        let waiting = waiting.iter().map(|one| one.body().payload.issues());
        let waiting: i64 = waiting.map(i64::from).sum();
        assert_eq!(pool.reserved(1).fee_fen, waiting * FEE_FEN);
    }
}

/// The desk's store; work that a request left behind may hold the one before for a moment.
fn open_desk(dir: &Path) -> (DeskStore, Vec<DeskHeader>) {
    let deadline = Instant::now() + DESK_FREE_WITHIN;
    loop {
        match DeskStore::open(dir, &[1; 32]) {
            Err(DeskStoreError::InUse(_)) if Instant::now() < deadline => {
                std::thread::sleep(ASK_EVERY);
            }
            opened => return opened.unwrap(),
        }
    }
}

/// An invoice on the chain, and what red letters took of it.
#[derive(Debug)]
pub(super) struct OfChain {
    pub(super) number: String,
    pub(super) order_key: [u8; 32],
    pub(super) amount_fen: i64,
    pub(super) taken_fen: i64,
}

/// A draft for an order, or for none.
pub(super) fn draft(order: Option<&str>, remark: &str) -> Draft {
    Draft {
        order_ref: order.map(str::to_owned),
        remark: Some(remark.to_owned()),
        ..sample::draft()
    }
}
