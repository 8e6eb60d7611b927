//! A network in memory, for the tests of every crate (feature `testing`).
//!
//! Real keys, real blocks, real certificates; only the consensus between several machines is
//! missing. Everything follows from a seed.

use crate::block::{Block, Header};
use crate::certificate::CommitCertificate;
use crate::digest::Tag;
use crate::execute::{Basis, BuildLimits, Built, Parent, Proposer, VerifyEach, build_block};
use crate::genesis::{Genesis, GenesisParams, Network};
use crate::outcome::Outcome;
use crate::proof::history::History;
use crate::proof::{SetLink, SignedCard, TrustRoot, TrustRootBody};
use crate::signature::{PublicKey, SecretKey};
use crate::state::{Fees, MemoryState, SlotTree, validators_at};
use crate::tax::{Taxpayer, uscc};
use crate::time::BlockTime;
use crate::transaction::{
    CreditFees, FLAG_ANCHOR_FAILURE, Idem, Identity, Payload, RegisterMerchant, SUITE, SellerCard,
    SetValidators, SignedTransaction, TransactionBody, VERSION,
};
use crate::validator::{Validator, ValidatorSet};
use crate::vote::{Vote, VoteKind};

mod hostile;
mod proofs;
mod red_letters;
mod samples;
mod statements;

pub use hostile::{HOSTILE_NAME, hostile_fields};
pub use red_letters::{RedWish, buyer_uscc, numbers_of, slot_number};
pub use samples::{number_of, sample_document, sample_facts, sample_invoice};

/// 2026-11-21 10:00 in China: the day the samples are issued on.
pub const NOON_MS: u64 = 1_795_226_400_000;

/// A block and everything decided about it.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The block.
    pub block: Block,
    /// What came of its transactions.
    pub outcomes: Vec<Outcome>,
    /// Its certificate.
    pub certificate: CommitCertificate,
}

/// A network whose validators are all in this process.
#[derive(Debug)]
pub struct TestNet {
    /// Genesis.
    pub genesis: Genesis,
    /// The one authority key.
    pub authority: SecretKey,
    /// Keys that validators may have: those of genesis first, and whatever a test adds.
    pub validators: Vec<SecretKey>,
    /// Key of merchant 1.
    pub merchant: SecretKey,
    /// State after the last block.
    pub state: MemoryState,
    /// Its tree.
    pub tree: SlotTree,
    /// Ids of all blocks.
    pub history: History,
    /// Blocks from height 1 on.
    pub blocks: Vec<Decided>,
    clock_ms: u64,
    serial: u64,
}

/// A key that follows from a name.
#[must_use]
pub fn key(name: &str) -> SecretKey {
    SecretKey::from_seed(&crate::digest::hash(Tag::Dev, name.as_bytes()))
}

/// A valid unified social credit code, made up.
///
/// # Panics
/// Never: the parts are valid.
#[must_use]
pub fn sample_uscc() -> uscc::Uscc {
    "91420100MAXH4XGP0H".parse().expect("a published vector")
}

impl TestNet {
    /// A network of so many validators, at height 0.
    ///
    /// # Panics
    /// When asked for more validators than a set may have.
    #[must_use]
    pub fn new(validators: usize) -> Self {
        Self::allowing(validators, 3)
    }

    /// The same, with so many recorded failures for an account and a day.
    #[must_use]
    fn allowing(validators: usize, failures_per_account_per_day: u32) -> Self {
        let authority = key("authority");
        let validators: Vec<SecretKey> = (0..validators)
            .map(|n| key(&format!("validator {n}")))
            .collect();
        let members = validators.iter().map(|one| Validator {
            public_key: one.public_key(),
            power: 1,
        });
        let genesis = Genesis {
            version: VERSION,
            suite: SUITE,
            network: Network::Test,
            time_ms: NOON_MS,
            channel: 7,
            threshold: 1,
            authority_keys: vec![authority.public_key()],
            log_key: key("log").public_key(),
            validators: ValidatorSet::sorted(members.collect()).expect("a set within bounds"),
            params: GenesisParams {
                block_bytes_max: u32::try_from(crate::limits::BLOCK_BYTES_MAX).unwrap_or(u32::MAX),
                fees: Fees {
                    issue_fen: 10,
                    failure_fen: 1,
                },
                failures_per_account_per_day,
                rule_set: 1,
            },
            nonce: [1; 32],
        };
        let mut state = MemoryState::default();
        state.apply(genesis.initial_state());
        let tree = SlotTree::build(state.leaves());
        let mut history = History::default();
        history.push(&genesis.header().id());
        Self {
            genesis,
            authority,
            validators,
            merchant: key("merchant 1"),
            state,
            tree,
            history,
            blocks: Vec::new(),
            clock_ms: NOON_MS,
            serial: 0,
        }
    }

    /// A network with merchant 1 registered and credited with 50.00.
    #[must_use]
    pub fn with_merchant(validators: usize) -> Self {
        Self::new(validators).with_credit()
    }

    fn with_credit(mut self) -> Self {
        let net = &mut self;
        let register = net.register_merchant();
        net.commit(vec![register]);
        let credit = net.credit(1, 5_000, "first");
        net.commit(vec![credit]);
        self
    }

    /// The last header.
    #[must_use]
    pub fn tip(&self) -> Header {
        self.blocks
            .last()
            .map_or_else(|| self.genesis.header(), |last| last.block.header.clone())
    }

    /// Sets the clock of the next proposer.
    pub fn set_clock_ms(&mut self, clock_ms: u64) {
        self.clock_ms = clock_ms;
    }

    /// Builds the next block of candidates, without deciding it.
    ///
    /// # Panics
    /// Never: the state is in memory.
    #[must_use]
    pub fn build(&self, candidates: Vec<SignedTransaction>) -> Built {
        let header = self.tip();
        let set = self.validators_at(header.height.saturating_add(1));
        let parent = Parent {
            id: header.id(),
            header: &header,
            hist_root: self.history.root(),
            validators: &set,
        };
        let proposer = self
            .keys_in(&set)
            .next()
            .map(|one| one.public_key().id())
            .unwrap_or_default();
        let basis = Basis {
            view: &self.state,
            tree: &self.tree,
            parent,
        };
        build_block(
            &basis,
            Proposer {
                id: proposer,
                clock_ms: self.clock_ms,
            },
            &mut candidates.into_iter(),
            BuildLimits {
                bytes_max: usize::MAX,
                transactions_max: 10_000,
            },
            &VerifyEach,
        )
        .expect("the state is in memory")
    }

    /// Builds and decides the next block; says what came of its transactions.
    pub fn commit(&mut self, candidates: Vec<SignedTransaction>) -> Vec<Outcome> {
        self.clock_ms = self.clock_ms.saturating_add(1_000);
        let built = self.build(candidates);
        let certificate = self.certify(&built.block.header);
        self.state.apply(built.executed.delta);
        self.tree.apply(built.executed.tree);
        self.history.push(&built.id);
        let outcomes = built.executed.outcomes;
        let decided = Decided {
            block: built.block,
            outcomes: outcomes.clone(),
            certificate,
        };
        self.blocks.push(decided);
        outcomes
    }

    /// The set that decides a height, as the state after the last block says.
    ///
    /// # Panics
    /// Never: the state is in memory, and tests stay within the sets it keeps.
    #[must_use]
    pub fn validators_at(&self, height: u64) -> ValidatorSet {
        validators_at(&self.state, &self.genesis.validators, height).expect("within those kept")
    }

    /// The keys of a set's members.
    fn keys_in<'a>(&'a self, set: &'a ValidatorSet) -> impl Iterator<Item = &'a SecretKey> {
        let all = self.validators.iter();
        all.filter(|key| set.get(&key.public_key().id()).is_some())
    }

    /// Names the keys with these names as the next validator set, from a height on, with proofs of
    /// all; they are known from now on.
    ///
    /// # Panics
    /// When the names are none or more than a set may have.
    pub fn set_validators(&mut self, names: &[&str], from_height: u64) -> SignedTransaction {
        let chain_id = self.genesis.chain_id();
        let keys: Vec<SecretKey> = names.iter().map(|name| key(name)).collect();
        let member = |key: &SecretKey| Validator {
            public_key: key.public_key(),
            power: 1,
        };
        let set = ValidatorSet::sorted(keys.iter().map(member).collect());
        let mut proofs: Vec<_> = keys
            .iter()
            .map(|key| (key.public_key().id(), key.prove_possession(&chain_id)))
            .collect();
        proofs.sort();
        let unknown = |key: &SecretKey| {
            let id = key.public_key().id();
            self.validators
                .iter()
                .all(|one| one.public_key().id() != id)
        };
        let new: Vec<SecretKey> = keys.into_iter().filter(unknown).collect();
        self.validators.extend(new);
        let payload = Payload::SetValidators(Box::new(SetValidators {
            validators: set.expect("a set within bounds"),
            proofs,
            from_height,
        }));
        let authority = self.authority.clone();
        let body = self.body(0, &authority.public_key(), payload);
        Self::sign(body, &authority)
    }

    /// The changes of the validator set that led to the one of the last block.
    #[must_use]
    pub fn links(&self) -> Vec<SetLink> {
        let Some((_last, before)) = self.blocks.split_last() else {
            return Vec::new();
        };
        let changed = |decided: &&Decided| {
            let header = &decided.block.header;
            header.next_valset_hash != header.valset_hash
        };
        let link = |decided: &Decided| SetLink {
            header: decided.block.header.clone(),
            certificate: decided.certificate.clone(),
            next: self.validators_at(decided.block.header.height.saturating_add(1)),
        };
        before.iter().filter(changed).map(link).collect()
    }

    /// A certificate of all validators over a header.
    #[must_use]
    pub fn certify(&self, header: &Header) -> CommitCertificate {
        let block_id = header.id();
        let vote = Vote {
            kind: VoteKind::Precommit,
            height: header.height,
            round: 0,
            block_id: Some(block_id),
        };
        let mut signatures: Vec<_> = self
            .keys_in(&self.validators_at(header.height))
            .map(|one| (one.public_key().id(), vote.sign(one, &header.chain_id)))
            .collect();
        signatures.sort();
        CommitCertificate {
            height: header.height,
            round: 0,
            block_id,
            signatures,
        }
    }

    /// A fresh replay guard.
    pub fn next_idem(&mut self) -> Idem {
        self.serial = self.serial.saturating_add(1);
        crate::digest::truncate(&crate::digest::hash(Tag::Dev, &self.serial.to_be_bytes()))
    }

    /// An envelope around a payload, valid for the next minutes.
    pub fn body(&mut self, account: u32, signer: &PublicKey, payload: Payload) -> TransactionBody {
        TransactionBody {
            version: VERSION,
            suite: SUITE,
            chain_id: self.genesis.chain_id(),
            account,
            signers: vec![signer.id()],
            idem: self.next_idem(),
            valid_until_ms: self.clock_ms.saturating_add(600_000),
            fee_max_fen: if account == 0 { 0 } else { 100 },
            flags: 0,
            payload,
        }
    }

    /// Signs a body with a key.
    ///
    /// # Panics
    /// When the body names another signer.
    #[must_use]
    pub fn sign(body: TransactionBody, key: &SecretKey) -> SignedTransaction {
        SignedTransaction::sign(body, &[key]).expect("the body names this signer")
    }

    /// Registers merchant 1.
    pub fn register_merchant(&mut self) -> SignedTransaction {
        let chain_id = self.genesis.chain_id();
        let payload = RegisterMerchant {
            identity: Identity::Clear(sample_uscc()),
            taxpayer: Taxpayer::General,
            region: 42,
            month_quota_fen: 100_000_000,
            key: self.merchant.public_key(),
            pop: self.merchant.prove_possession(&chain_id),
            card_sig: self.card().signature,
        };
        let authority = self.authority.clone();
        let body = self.body(
            0,
            &authority.public_key(),
            Payload::RegisterMerchant(payload),
        );
        Self::sign(body, &authority)
    }

    /// Merchant 1's card.
    #[must_use]
    pub fn card(&self) -> SignedCard {
        let card = SellerCard {
            identity: Identity::Clear(sample_uscc()),
            name: "武汉市江岸区示例餐饮店".into(),
            key: self.merchant.public_key().id(),
            salt: [5; 16],
        };
        let signature = card.sign(&self.authority, &self.genesis.chain_id());
        SignedCard {
            card,
            signer: self.authority.public_key().id(),
            signature,
        }
    }

    /// Credits an account.
    pub fn credit(&mut self, account: u32, amount_fen: i64, reference: &str) -> SignedTransaction {
        let ref_hash = crate::digest::hash(Tag::TopUp, reference.as_bytes());
        let payload = Payload::CreditFees(CreditFees {
            account,
            amount_fen,
            ref_hash,
        });
        let authority = self.authority.clone();
        let body = self.body(0, &authority.public_key(), payload);
        Self::sign(body, &authority)
    }

    /// An invoice of merchant 1 over 100.00 + 6.00 for an order.
    pub fn invoice(&mut self, order: &str) -> SignedTransaction {
        let payload = Payload::IssueInvoice(Box::new(sample_invoice(order)));
        let merchant = self.merchant.clone();
        let body = self.body(1, &merchant.public_key(), payload);
        Self::sign(body, &merchant)
    }

    /// The same, with the wish that a refusal be kept.
    pub fn anchored_invoice(&mut self, order: &str) -> SignedTransaction {
        let mut body = self.invoice(order).body().clone();
        body.flags = FLAG_ANCHOR_FAILURE;
        Self::sign(body, &self.merchant)
    }

    /// The trust root of the network, from genesis.
    ///
    /// # Panics
    /// Never: it is signed right here.
    #[must_use]
    pub fn trust_root(&self) -> TrustRoot {
        let envelope = TrustRootBody::of_genesis(&self.genesis).sign(&[&self.authority]);
        TrustRoot::open(&envelope).expect("signed by the authority")
    }

    /// The clock of the next proposer.
    #[must_use]
    pub fn now(&self) -> BlockTime {
        BlockTime::from_ms(self.clock_ms)
    }
}
